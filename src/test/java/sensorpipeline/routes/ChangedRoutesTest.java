package sensorpipeline.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.logging.log4j.Level;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.support.Http;
import sensorpipeline.support.RouteFolder;
import sensorpipeline.support.Servers;

/** Route files are edited while they run: valid changes are loaded, however they are saved. */
class ChangedRoutesTest {

    @TempDir
    private Path folder;
    private RouteFolder files;
    private Pipeline pipeline;

    @BeforeEach
    void prepare() {
        files = new RouteFolder(folder.resolve("routes"));
    }

    @AfterEach
    void stop() {
        if (pipeline != null) {
            pipeline.close();
        }
        files.close();
    }

    private Http start() throws Exception {
        pipeline = new Pipeline(Servers.settings().with("routes.dir", files.path()), Set.of(Services.API));
        pipeline.start();
        return new Http(pipeline.port("api.port"));
    }

    private static String contentType(Http api) {
        return api.get("/openapi.json").headers().firstValue("content-type").orElse("");
    }

    @Test
    void aChangedPolicyReachesItsRoutesAndNewAndDeletedFilesStartAndStop() throws Exception {
        Http api = start();
        files.change("shared/errors-as-json.camel.yaml", "\"${body.status()}\"", "\"418\"");
        Awaitility.await("a changed policy, in routes whose files have not changed").until(() -> api.get("/data/stats?hours=x").statusCode() == 418);

        files.write("api/answer-example.camel.yaml", files.read("api/openapi.camel.yaml")
                .replace("id: openapi\n", "id: answer-example\n").replace("/openapi.json", "/docs/example").replace("""
                        - bean:
                            ref: parameters
                            method: read
                """.indent(0), ""));
        Awaitility.await("a new file").until(() -> files.hasLogged("api/answer-example.camel.yaml is new and loaded"));
        assertEquals(true, pipeline.camel().getRouteController().getRouteStatus("answer-example").isStarted());

        Files.move(files.path().resolve("api/SendFormatted.java"), files.path().resolve("api/SendAsAsked.java"));
        files.change("api/SendAsAsked.java", "send-formatted", "send-as-asked");
        files.change("api/SendAsAsked.java", "SendFormatted", "SendAsAsked");
        files.change("api/series.camel.yaml", "direct:send-formatted", "direct:send-as-asked");
        Awaitility.await("renamed, and its caller with it").until(() -> files.hasLogged("api/SendFormatted.java was deleted; its route has stopped"));
        assertEquals(200, api.get("/data/series?metric=x&format=csv").statusCode());
        assertEquals("text/csv; charset=utf-8; header=present", api.get("/data/series?metric=x&format=csv").headers().firstValue("content-type").orElse(""));

        files.delete("api/answer-example.camel.yaml");
        Awaitility.await("a deleted file").until(() -> pipeline.camel().getRoute("answer-example") == null);
        assertEquals(List.of(), files.logged(Level.WARN));
    }

    @Test
    void filesAreTakenInWhateverWayEditorsSaveThem() throws Exception {
        Http api = start();
        Path file = files.path().resolve("shared/send-json.camel.yaml");
        String text = files.read("shared/send-json.camel.yaml");

        Path temporary = Files.writeString(file.resolveSibling("send-json.camel.yaml.tmp"), text.replace("application/json", "text/x-renamed"));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        Awaitility.await().until(() -> contentType(api).equals("text/x-renamed"));

        Files.move(file, file.resolveSibling("send-json.camel.yaml~"));
        Files.writeString(file, text.replace("application/json", "text/x-backed-up"));
        Awaitility.await().until(() -> contentType(api).equals("text/x-backed-up"));

        Files.writeString(file.resolveSibling(".send-json.camel.yaml.swp"), "half of it");
        Files.writeString(file, "");
        Files.writeString(file, text.replace("application/json", "text/x-emptied-first"));
        Awaitility.await().until(() -> contentType(api).equals("text/x-emptied-first"));

        files.change("api/SendFormatted.java", "text/csv", "text/x-csv");
        Awaitility.await().until(() -> api.get("/data/series?metric=x&format=csv").headers().firstValue("content-type").orElse("").startsWith("text/x-csv"));
        assertEquals(List.of(), files.logged(Level.WARN));
    }

    @Test
    void aChangeThatNeedsARestartIsTold() throws Exception {
        Path statement = Files.writeString(Files.createDirectories(folder.resolve("resources/sql")).resolve("select-latest.sql"), "-- Newest\n");
        Path properties = Files.writeString(folder.resolve("resources/application.properties"), "a=1\n");
        start();
        Files.writeString(statement, "-- Newest first\n");
        Files.writeString(properties, "a=12\n");
        Awaitility.await().until(() -> files.logged(Level.WARN).size() == 2);
        assertEquals(Set.of("resources/sql/select-latest.sql has changed; restart the program to apply it",
                "resources/application.properties has changed; restart the program to apply it"), Set.copyOf(files.logged(Level.WARN)));
    }

    @Test
    void aMisnamedFileIsTold() throws Exception {
        start();
        files.write("api/latest-too.yaml", files.read("api/latest.camel.yaml"));
        Awaitility.await().until(() -> files.logged(Level.WARN).size() == 1);
        assertEquals(List.of("api/latest-too.yaml is ignored: the name of a route file ends with .camel.yaml or .java"), files.logged(Level.WARN));
    }

    @Test
    void codeThatDoesNotEndHoldsUpNothing() throws Exception {
        start();
        RouteFile endless = new RouteFile("api", "Endless.java", """
                import java.util.concurrent.CountDownLatch;
                import org.apache.camel.builder.RouteBuilder;

                public class Endless extends RouteBuilder {
                    @Override
                    public void configure() throws Exception {
                        new CountDownLatch(1).await();
                    }
                }
                """, null);
        RouteFile other = new RouteFile("api", "other.camel.yaml", "", null);
        new RouteReload(pipeline.camel(), folder, Map.of(), Duration.ofSeconds(5)).take(Map.of(endless.path(), endless, other.path(), other));
        assertEquals(List.of("api/Endless.java is rejected and not loaded: its code does not end; configure() only describes the route, and must return",
                "api/other.camel.yaml is rejected and not loaded: it is empty; delete the file to stop its route"), files.logged(Level.WARN));
    }

    @Test
    void aWrongFileStopsTheStartAndIsNamed() throws IOException {
        assertStartFails("api/latest.camel.yaml", "routeConfigurationId: errors-as-json", "routeConfigurationId: errors-as-jason", "the policy 'errors-as-jason' is not in shared/");
        assertStartFails("api/latest.camel.yaml", "id: latest\n", "id: latest: [\n", "mapping values are not allowed here");
        assertStartFails("api/latest.camel.yaml", "target: direct:page-of-readings", "target: direct:typo", "it sends to direct:typo");
        assertStartFails("api/latest.camel.yaml", "method: read", "method: readd", "readd");
        assertStartFails("api/keep-listeners.camel.yaml", "15000", "banana", "period");
        assertStartFails("api/SendFormatted.java", "choice()", "choose()", "cannot find symbol");
        assertStartFails("api/SendFormatted.java", "from(", "if (true) throw new AssertionError(\"asserted\");\n        from(", "asserted");
    }

    private void assertStartFails(String file, String from, String to, String reason) {
        String text = files.read(file);
        files.change(file, from, to);
        try (Pipeline wrong = new Pipeline(Servers.settings().with("routes.dir", files.path()), Set.of(Services.API))) {
            String message = assertThrows(CannotStart.class, wrong::start).getMessage();
            assertEquals(true, message.startsWith(files.path().resolve(file) + ": "), message);
            assertEquals(true, message.contains(reason) && !message.contains("\n"), message);
        }
        files.write(file, text);
    }
}
