// The model of the visual editor Kaoto, for the page in which VisualEditorIT opens the route files.
import { fetchCamelCatalog } from './kaoto/lib/dynamic-catalog/support/fetch-camel-catalog.js';
import { CamelResourceFactory } from './kaoto/lib/models/camel/camel-resource-factory.js';

globalThis.kaoto = { createResource: CamelResourceFactory.createCamelResource.bind(CamelResourceFactory), fetchCatalog: fetchCamelCatalog };
