package sensorpipeline.support;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * The model of the visual editor Kaoto, without its user interface, in a real browser: parses and saves route files. Installed by
 * {@code .ci/install-kaoto target/tools/kaoto}. Skips the test if Kaoto or a browser is missing; with EDITOR_REQUIRED=true and
 * BROWSER_REQUIRED=true, fails instead.
 */
public final class VisualEditor implements AutoCloseable {

    private static final Path INSTALLED = Path.of("target/tools/kaoto");

    private final BrowserTrial.EmptyPage site;
    private final Page page;
    private final List<String> problems = new ArrayList<>();

    /** Opens Kaoto with its catalog of Camel's components. */
    public VisualEditor() throws IOException {
        if (!"true".equals(System.getenv("EDITOR_REQUIRED"))) {
            Assumptions.assumeTrue(Files.exists(INSTALLED.resolve("model.js")),
                    "Kaoto is not installed (.ci/install-kaoto target/tools/kaoto), so the route files are not opened in it");
        }
        site = BrowserTrial.emptyPage(INSTALLED);
        page = site.page();
        page.onPageError(problems::add);
        page.addScriptTag(new Page.AddScriptTagOptions().setPath(INSTALLED.resolve("model.js")));
        page.addScriptTag(new Page.AddScriptTagOptions().setPath(Path.of("src/test/resources/kaoto/editor.js")));
        page.evaluate("index => loadCatalog('/catalog', index)", catalogFile("index-").getFileName().toString());
    }

    private static Path catalogFile(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(INSTALLED.resolve("catalog"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)).findFirst().orElseThrow();
        }
    }

    /** @return the JSON schema of Camel's YAML DSL that Kaoto validates text with */
    public String schema() throws IOException {
        return Files.readString(catalogFile("camelYamlDsl-"));
    }

    /** @return the text of a file after it was opened and saved */
    public String save(Path file) throws IOException {
        return (String) evaluate("save", file);
    }

    /** @return the text of a file after the form of each step was edited and the edit was reverted */
    public String edit(Path file) throws IOException {
        return (String) evaluate("edit", file);
    }

    /** @return a line for each step that Kaoto marks as incomplete or unknown */
    public List<?> marks(Path file) throws IOException {
        return (List<?>) evaluate("marks", file);
    }

    private Object evaluate(String function, Path file) throws IOException {
        Object answer = page.evaluate("([name, text]) => %s(name, text)".formatted(function),
                List.of(file.getFileName().toString(), Files.readString(file)));
        Assertions.assertEquals(List.of(), problems);
        return answer;
    }

    @Override
    public void close() {
        site.close();
    }
}
