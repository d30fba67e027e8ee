package sensorpipeline.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
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

/** What an integration engineer may rely on in every route file, and what a typing error meets. */
class RouteFilesTest {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    /** Camel's; it takes a second to read. */
    private static final JsonSchema SCHEMA = schema();

    private static JsonSchema schema() {
        try (InputStream schema = RouteFilesTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(schema);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> routeFiles() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("routes"))) {
            return files.filter(file -> file.toString().endsWith(".camel.yaml")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("routeFiles")
    void isValidYamlDsl(Path file) throws IOException {
        assertEquals(Set.of(), SCHEMA.validate(YAML.readTree(file.toFile())));
    }

    @ParameterizedTest
    @MethodSource("routeFiles")
    void holdsOneRouteNamedAsTheFileWithADescriptionAndAPolicy(Path file) throws IOException {
        String name = file.getFileName().toString().replace(".camel.yaml", "");
        for (JsonNode element : YAML.readTree(file.toFile())) {
            JsonNode route = element.path("route");
            if (route.isMissingNode()) {
                assertFalse(element.path("routeConfiguration").path("description").asText().isEmpty());
            } else {
                assertEquals(name, route.path("id").asText());
                assertTrue(route.path("description").asText().matches("[A-Z].{20,170}[^.]"), route.path("description").asText());
                assertTrue(route.has("routeConfigurationId") || Set.of("send-json", "report-stored", "keep-listeners").contains(name));
            }
        }
    }

    @Test
    void everyRouteRunsWithThePolicyThatItNames() throws Exception {
        try (Pipeline pipeline = new Pipeline(Servers.settings(), Services.all())) {
            pipeline.start();
            Set<String> expected = routeFiles().stream().map(file -> file.getFileName().toString().replace(".camel.yaml", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
            // Policies are no routes, and this program has no file to replay.
            expected.removeAll(Set.of("wait-for-services", "deliver-again", "try-again-later", "errors-as-json", "pass-on-errors", "replay-file"));
            Set<String> running = new TreeSet<>();
            for (RouteDefinition route : pipeline.camel().getCamelContextExtension().getContextPlugin(Model.class).getRouteDefinitions()) {
                running.add(route.getRouteId());
                if (route.getRouteConfigurationId() != null) {
                    assertEquals(Set.of(route.getRouteConfigurationId().split(",")), route.getAppliedRouteConfigurationIds(),
                            route.getRouteId() + ": Camel ignores a policy whose name is misspelt");
                }
            }
            assertEquals(expected, running);
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
