package sensorpipeline.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.support.Servers;

/** Properties of all route files, and the detection of typing errors. */
class RouteFilesTest {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    /** Loaded once, because that takes a second. */
    private static final JsonSchema SCHEMA = schema();

    private static JsonSchema schema() {
        try (InputStream schema = RouteFilesTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(schema);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(String ending) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("routes"))) {
            return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }

    static List<Path> yamlFiles() throws IOException {
        return files(RouteFile.YAML);
    }

    static List<Path> routeFiles() throws IOException {
        return Stream.concat(yamlFiles().stream(), files(RouteFile.JAVA).stream()).toList();
    }

    @ParameterizedTest
    @MethodSource("yamlFiles")
    void isValidYamlDsl(Path file) throws IOException {
        assertEquals(Set.of(), SCHEMA.validate(YAML.readTree(file.toFile())));
    }

    @Test
    void everyFileKeepsTheRulesAndItsRouteRunsWithThePolicyThatItNames() throws Exception {
        try (Pipeline pipeline = new Pipeline(Servers.settings().with("access", "restricted"), Services.all())) {
            pipeline.start();
            RouteReader reader = new RouteReader(pipeline.camel(), Path.of("routes"));
            Set<String> expected = new TreeSet<>();
            for (Path path : routeFiles()) {
                DeclaredRoute declared = reader.read(RouteFile.read(path), true);
                // This test has no file to replay; routes about keys run with restricted access only.
                if (!declared.isPolicy() && !declared.id().equals("replay-file")) {
                    expected.add(declared.id());
                }
            }
            Model model = pipeline.camel().getCamelContextExtension().getContextPlugin(Model.class);
            model.getRouteConfigurationDefinitions().forEach(policy -> assertIsASentence(policy.getDescriptionText()));
            Set<String> running = new TreeSet<>();
            for (RouteDefinition route : model.getRouteDefinitions()) {
                running.add(route.getRouteId());
                assertIsASentence(route.getDescriptionText());
                assertEquals(Set.of(route.getRouteConfigurationId().split(",")), route.getAppliedRouteConfigurationIds(),
                        route.getRouteId() + ": Camel ignores a policy whose name is misspelt");
            }
            assertEquals(expected, running);
        }
    }

    private static void assertIsASentence(String description) {
        assertTrue(description.matches("[A-Z].{20,170}[^.]"), description);
    }

    @Test
    void routesInJavaAreCompiledByTheBuildSoThatTheImageNeedsNoCompiler() throws Exception {
        for (Path path : files(RouteFile.JAVA)) {
            assertNotNull(CompiledRoutes.find("classpath:" + path, Files.readString(path)), path.toString());
            assertNull(CompiledRoutes.find("file:" + path.toAbsolutePath(), Files.readString(path) + "// changed"), "a file that has changed since is compiled again");
        }
    }

    @Test
    void everyStatementOpensWithItsIntentAndIsUsed() throws IOException {
        String users = Stream.concat(routeFiles().stream(), files(Path.of("src/main/java"), ".java").stream())
                .map(RouteFilesTest::read).collect(Collectors.joining());
        List<String> problems = new ArrayList<>();
        for (Path file : files(Path.of("resources/sql"), ".sql")) {
            if (!read(file).startsWith("-- ") || !users.contains(Path.of("resources").relativize(file).toString())) {
                problems.add(file.toString());
            }
        }
        assertEquals(List.of(), problems);
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
