package sensorpipeline.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Route;
import org.apache.camel.api.management.ManagedCamelContext;
import org.apache.camel.api.management.mbean.ManagedRouteMBean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Http;
import sensorpipeline.support.Servers;

/** An engineer edits route files while they run: good changes are seen, and mistakes take nothing down. */
class ChangedRoutesTest {

    @TempDir
    Path folder;

    private void copyRoutes() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("routes"))) {
            for (Path file : files.toList()) {
                Path copy = folder.resolve(Path.of("routes").relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }

    private void change(String file, String from, String to) throws IOException {
        Path path = folder.resolve(file);
        String text = Files.readString(path);
        assertEquals(true, text.contains(from), from);
        Files.writeString(path, text.replace(from, to));
    }

    private static String contentType(Http api) {
        return api.get("/openapi.json").headers().firstValue("content-type").orElse("");
    }

    @Test
    void changesAreSeenAndMistakesTakeNothingDown() throws Exception {
        copyRoutes();
        Settings settings = Servers.settings().with("routes.dir", folder);
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER, Services.API))) {
            pipeline.start();
            Http api = new Http(pipeline.port("api.port"));

            change("shared/send-json.camel.yaml", "application/json", "text/x-good");
            Awaitility.await("a good change").until(() -> contentType(api).equals("text/x-good"));

            String before = "text/x-good";
            for (String mistake : new String[] {"method: readd", "method: read\n  broken: [", "methood: read",
                "method: read\n        - to:\n            uri: direct:nowhere"}) {
                change("api/latest.camel.yaml", "method: read", mistake);
                // A further good change shows that the mistake was seen and is over.
                String marker = "text/x-" + mistake.hashCode();
                change("shared/send-json.camel.yaml", before, marker);
                before = marker;
                Awaitility.await().until(() -> contentType(api).equals(marker));
                Awaitility.await(mistake).until(() -> api.get("/data/latest?limit=1").statusCode() == 200);
                change("api/latest.camel.yaml", mistake, "method: read");
            }

            change("api/latest.camel.yaml", "routeConfigurationId: errors-as-json", "routeConfigurationId: errors-as-jason");
            change("shared/errors-as-json.camel.yaml", "\"${body.status()}\"", "\"418\"");
            Awaitility.await("a changed policy, in routes whose files have not changed").until(() -> api.get("/data/stats?hours=x").statusCode() == 418);
            Awaitility.await("and in the route whose change was refused").until(() -> api.get("/data/latest?limit=x").statusCode() == 418);
        }
    }

    @Test
    void aMistakeLeavesTheSameRoutesRunningAndWorking() throws Exception {
        copyRoutes();
        String file = "producer/simulate-devices.camel.yaml";
        Settings settings = Servers.settings().with("routes.dir", folder).with("producer.sensors", 1).with("producer.interval", "100ms");
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.PRODUCER, Services.API))) {
            pipeline.start();
            Http api = new Http(pipeline.port("api.port"));
            Set<String> routes = routes(pipeline);
            String before = "application/json";
            for (String[] mistake : new String[][] {
                    {"period: \"{{producer.interval}}\"", "period: banana"},
                    {"id: simulate-devices", "id: simulate-gadgets"},
                    {"uri: direct:send-readings", "uri: direct:send-reading"}}) {
                Files.copy(folder.resolve(file), folder.resolve("producer/simulate-copies.camel.yaml"), StandardCopyOption.REPLACE_EXISTING);
                change(file, mistake[0], mistake[1]);
                String marker = "text/x-" + mistake[1].hashCode();
                change("shared/send-json.camel.yaml", before, marker);
                before = marker;
                Awaitility.await("the watchers have seen it").until(() -> contentType(api).equals(marker));
                // A change in shared/ makes all routes anew, one after the other.
                Awaitility.await(mistake[1]).until(() -> routes(pipeline).equals(routes));
                Awaitility.await(mistake[1]).until(() -> sent(pipeline) > 0);
                long sent = sent(pipeline);
                Awaitility.await(mistake[1]).until(() -> sent(pipeline) > sent);
                change(file, mistake[1], mistake[0]);
            }
        }
    }

    private static Set<String> routes(Pipeline pipeline) {
        return pipeline.camel().getRoutes().stream().map(Route::getRouteId).collect(Collectors.toCollection(TreeSet::new));
    }

    /** How many readings the route has sent since it was made, 0 while it is made anew. */
    private static long sent(Pipeline pipeline) {
        ManagedRouteMBean route = pipeline.camel().getCamelContextExtension().getContextPlugin(ManagedCamelContext.class)
                .getManagedRoute("simulate-devices", ManagedRouteMBean.class);
        return route == null ? 0 : route.getExchangesCompleted();
    }

    @Test
    void aMisspeltPolicyStopsTheStart() throws Exception {
        copyRoutes();
        change("api/latest.camel.yaml", "routeConfigurationId: errors-as-json", "routeConfigurationId: errors-as-jason");
        try (Pipeline pipeline = new Pipeline(Servers.settings().with("routes.dir", folder), Set.of(Services.API))) {
            CannotStart refusal = org.junit.jupiter.api.Assertions.assertThrows(CannotStart.class, pipeline::start);
            assertEquals("Route latest names the policy errors-as-jason, which is not in routes/shared", refusal.getMessage());
        }
    }
}
