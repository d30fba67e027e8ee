// What a person does with a file in Kaoto, for the class VisualEditor.

/** Loads the catalog of Camel's components, as Kaoto does when it starts. */
async function loadCatalog(folder, index) {
  await kaoto.fetchCatalog({ catalogIndex: await (await fetch(`${folder}/${index}`)).json(), relativeBasePath: folder });
}

async function opened(name, text) {
  const resource = kaoto.createResource(text, { path: name });
  await resource.initialize();
  return resource;
}

/** Opens a file and saves it: returns its new text. */
async function save(name, text) {
  return (await opened(name, text)).toSourceCode();
}

function* nodesOf(node) {
  yield node;
  for (const child of node.getChildren() ?? []) {
    yield* nodesOf(child);
  }
}

/** @returns the steps of a file as the canvas shows them */
async function drawn(resource) {
  const nodes = [];
  for (const entity of resource.getVisualEntities()) {
    nodes.push(...nodesOf(await entity.toVizNode()));
  }
  return nodes.filter((node) => !node.data.isPlaceholder);
}

/** Opens a file and looks at it: returns a line for each step that Kaoto marks or does not know. */
async function marks(name, text) {
  const marks = [];
  for (const node of await drawn(await opened(name, text))) {
    const mark = Object.keys(node.getNodeSchema() ?? {}).length === 0 ? 'unknown step' : node.getNodeValidationText();
    if (mark) {
      marks.push(`${node.data.path}: ${mark}`);
    }
  }
  return marks;
}

/** Opens a file, writes a description in the form of each step, removes it again, and saves: returns the file's new text. */
async function edit(name, text) {
  const resource = await opened(name, text);
  for (const node of await drawn(resource)) {
    const description = node.getNodeDefinition().description;
    for (const value of ['A description that comes and goes', description]) {
      const changed = node.getNodeDefinition();
      changed.description = value;
      node.updateModel(changed);
    }
  }
  return resource.toSourceCode();
}
