package sensorpipeline.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.comments.CommentType;
import org.snakeyaml.engine.v2.events.CommentEvent;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.VisualEditor;

/** Route files are opened and saved in the visual editor Kaoto: nothing is lost or changes its meaning. */
class VisualEditorIT {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final ObjectMapper MODEL = JsonMapper.builder().disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .visibility(PropertyAccessor.ALL, Visibility.NONE).visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .addMixIn(Object.class, PlaceInTheFile.class).build();

    private static VisualEditor editor;
    private static JsonSchema schema;

    @TempDir
    Path folder;

    /** Properties of Camel's model that are not in a file's content: file, line and parent. */
    @JsonIgnoreProperties({"camelContext", "resource", "location", "lineNumber", "parent", "routeConfiguration", "index"})
    private interface PlaceInTheFile {
    }

    @BeforeAll
    static void openEditor() throws IOException {
        editor = new VisualEditor();
        schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(editor.schema());
    }

    @AfterAll
    static void closeEditor() {
        if (editor != null) {
            editor.close();
        }
    }

    static List<Path> routeFiles() throws IOException {
        return RouteFilesTest.routeFiles().stream().filter(file -> file.toString().endsWith(".yaml")).toList();
    }

    @ParameterizedTest
    @MethodSource("routeFiles")
    void keepsAllOfAFileThatIsOpenedAndSaved(Path file) throws Exception {
        String saved = editor.save(file);
        assertEquals(YAML.readTree(file.toFile()), YAML.readTree(saved));
        assertEquals(comments(Files.readString(file)), comments(saved), "Kaoto drops comments: write them as note: or description:");
        assertEquals(model(Files.readString(file)), model(saved));
    }

    @ParameterizedTest
    @MethodSource("routeFiles")
    void keepsTheMeaningOfAFileWhoseStepsAreEdited(Path file) throws Exception {
        assertEquals(model(Files.readString(file)), model(editor.edit(file)),
                "Kaoto keeps the path in a uri: only of components in its catalog; of others write it as a parameter");
    }

    @ParameterizedTest
    @MethodSource("routeFiles")
    void knowsEveryStepAndMissesNothing(Path file) throws IOException {
        assertEquals(List.of(), editor.marks(file));
    }

    @ParameterizedTest
    @MethodSource("routeFiles")
    void takesFilesByItsOwnSchemaBeforeAndAfter(Path file) throws IOException {
        assertEquals(Set.of(), schema.validate(YAML.readTree(file.toFile())));
        assertEquals(Set.of(), schema.validate(YAML.readTree(editor.edit(file))));
    }

    @Test
    void theProgramRunsOnFilesWhoseStepsWereEdited() throws Exception {
        try (Stream<Path> files = Files.walk(Path.of("routes"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = folder.resolve(Path.of("routes").relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.writeString(copy, file.toString().endsWith(".camel.yaml") ? editor.edit(file) : Files.readString(file));
            }
        }
        Settings settings = Servers.settings().with("routes.dir", folder);
        try (Pipeline pipeline = new Pipeline(settings, Services.all()); Readings devices = new Readings(settings)) {
            pipeline.start();
            Http api = new Http(pipeline.port("api.port"));
            devices.send(Readings.json("bed-7", "2026-01-15T10:30:00Z", 21.4), "no reading");
            Awaitility.await().untilAsserted(() -> assertEquals(1, Http.json(api.get("/data/readings?sensor_id=bed-7")).path("data").size()));
            Awaitility.await().untilAsserted(() -> assertEquals(1, Http.json(api.get("/dead-letters")).path("data").size()));
            assertEquals(200, api.get("/data/stats").statusCode());
            assertEquals(200, new Http(pipeline.port("dashboard.port")).get("/").statusCode());
            assertEquals(200, new Http(pipeline.port("management.port")).get("/observe/retention").statusCode());
        }
    }

    private static List<String> comments(String yaml) {
        return StreamSupport.stream(new Parse(LoadSettings.builder().setParseComments(true).build()).parseString(yaml).spliterator(), false)
                .filter(CommentEvent.class::isInstance).map(CommentEvent.class::cast)
                .filter(comment -> comment.getCommentType() != CommentType.BLANK_LINE).map(CommentEvent::getValue).toList();
    }

    /** @return routes and policies that Camel reads from a file, with all of their options */
    private static JsonNode model(String yaml) throws Exception {
        CamelContext context = new DefaultCamelContext();
        try {
            PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("file:model.camel.yaml", yaml));
            Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
            List<Object> definitions = new ArrayList<>(model.getRouteDefinitions());
            definitions.addAll(model.getRouteConfigurationDefinitions());
            assertEquals(false, definitions.isEmpty());
            return MODEL.valueToTree(definitions);
        } finally {
            context.stop();
        }
    }
}
