package sensorpipeline.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.camel.Route;
import org.apache.logging.log4j.Level;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.RouteFolder;
import sensorpipeline.support.Servers;

/** Invalid route files are saved at 1000 readings/s: none is loaded, each is reported in one line, and no reading is lost. */
class WrongEditsTest {

    private static final String JAVA = """
            import org.apache.camel.builder.RouteBuilder;

            public class %s extends RouteBuilder {
                @Override
                public void configure() {
                    %s
                }
            }
            """;
    private static final String GOOD_START = "from(\"direct:%s\").routeId(\"%s\").routeConfigurationId(\"pass-on-errors\").description(\"Does something\")";

    @TempDir
    private static Path folder;
    private static RouteFolder files;
    private static Settings settings;
    private static Pipeline pipeline;

    private final Map<String, String> before = new LinkedHashMap<>();
    private final Map<String, String> reasons = new LinkedHashMap<>();

    @BeforeAll
    static void start() throws Exception {
        files = new RouteFolder(folder);
        settings = Servers.settings().with("routes.dir", folder);
        pipeline = new Pipeline(settings, Set.of(Services.CONSUMER, Services.API));
        pipeline.start();
    }

    @AfterAll
    static void stop() {
        pipeline.close();
        files.close();
    }

    private void edit(String file, String from, String to, String reason) {
        before.put(file, files.read(file));
        reasons.put(file, reason);
        files.change(file, from, to);
    }

    private void delete(String file, String reason) {
        before.put(file, files.read(file));
        reasons.put(file, reason);
        files.delete(file);
    }

    private void add(String file, String text, String reason) {
        before.put(file, null);
        reasons.put(file, reason);
        files.write(file, text);
    }

    private void addJava(String name, String statements, String reason) {
        add("api/" + name + ".java", JAVA.formatted(name, statements), reason);
    }

    private static Set<String> running() {
        return pipeline.camel().getRoutes().stream().map(Route::getRouteId).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void wrongFilesAreRefusedInOneLineEachAndNothingIsLost() throws Exception {
        Set<String> routes = running();
        AtomicInteger sent = new AtomicInteger();
        ScheduledExecutorService devices = Executors.newSingleThreadScheduledExecutor();
        try (Readings topic = new Readings(settings)) {
            Instant first = Instant.parse("2025-03-01T00:00:00Z");
            devices.scheduleAtFixedRate(() -> {
                List<String> readings = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    readings.add(Readings.json("device-" + i, first.plusSeconds(sent.get()).toString(), i));
                }
                topic.send(readings.toArray(String[]::new));
                sent.addAndGet(100);
            }, 0, 100, TimeUnit.MILLISECONDS);

            wrongYaml();
            requireRefused();
            wrongJava();
            requireRefused();
            unreadable();
            requireRefused();

            devices.shutdown();
            assertEquals(true, devices.awaitTermination(10, TimeUnit.SECONDS));
            topic.awaitDone();
        } finally {
            devices.shutdownNow();
        }
        assertEquals(String.valueOf(sent.get()), new Database(settings).ask("SELECT count(*) FROM reading"));
        assertEquals("0", new Database(settings).ask("SELECT count(*) FROM dead_letter"));
        assertEquals(routes, running());
        assertEquals(200, new Http(pipeline.port("api.port")).get("/data/latest?limit=1").statusCode());
    }

    private void wrongYaml() {
        edit("api/latest.camel.yaml", "routeConfigurationId: errors-as-json", "routeConfigurationId: errors-as-jason", "the policy 'errors-as-jason' is not in shared/");
        edit("api/stats.camel.yaml", "method: read", "method: readd", "readd");
        edit("api/sensors.camel.yaml", "id: sensors\n", "id: sensors: [\n", "mapping values are not allowed here");
        edit("api/series.camel.yaml", "method: read", "methood: read", "methood");
        edit("api/openapi.camel.yaml", "uri: direct:send-json", "id: nowhere\n            uri: nosuch:thing", "No endpoint could be found for: nosuch");
        edit("api/docs.camel.yaml", "matchOnUriPrefix", "matchOnUriPrefiks", "matchOnUriPrefiks");
        edit("api/publish-changes.camel.yaml", "{{api.stream.interval}}", "{{api.stream.intervall}}", "api.stream.intervall");
        edit("api/keep-listeners.camel.yaml", "period: 15000", "period: banana", "the timer must have a period above 0");
        edit("api/ask-postgres-for-rows.camel.yaml", "jdbc:api-database", "jdbc:no-database", "no-database");
        edit("api/dead-letters.camel.yaml", "direct:ask-postgres", "shared:direct:typo", "it sends to direct:typo");
        edit("api/pipeline.camel.yaml", "target: direct:ask-postgres", "target: direct:ask-postgrs", "it sends to direct:ask-postgrs");
        edit("api/readings.camel.yaml", "uri: direct:export-readings", "uri: kafka:readings", "the step to kafka:readings must have an id");
        edit("shared/errors-as-json.camel.yaml", "direct:send-json", "direct:send-jason", "it sends to direct:send-jason");
        edit("shared/wait-for-services.camel.yaml", "id: wait-for-services", "id: wait-for-service", "the policy must have the id 'wait-for-services'");
        edit("consumer/merge-readings.camel.yaml", "id: merge-readings\n", "id: merge-reading\n", "the route must have the id 'merge-readings', after its file; it has 'merge-reading'");
        edit("consumer/number-series.camel.yaml", "    description: ", "    note: ", "must have a description");
        edit("consumer/roll-up-batches.camel.yaml", "    routeConfigurationId: try-again-later\n", "", "must name its error policy");
        edit("consumer/copy-readings.camel.yaml", files.read("consumer/copy-readings.camel.yaml"), "", "it is empty");
        edit("consumer/insert-dead-letters.camel.yaml", "uri: direct:insert-dead-letters", "uri: direct:insert-letters", "consumer/write-dead-letters.camel.yaml needs it as it was");
        edit("consumer/bisect-batch.camel.yaml", "uri: direct:insert-readings", "uri: direct:insert-reading", "it sends to direct:insert-reading, but");
        edit("consumer/report-stored.camel.yaml", "- route:", files.read("api/keep-listeners.camel.yaml").replace("banana", "15000") + "- route:", "it has 2 routes and 0 policies");
        edit("consumer/store-readings.camel.yaml", "\"#batches\"", "\"#batch\"", "batch");
        delete("consumer/make-partitions.camel.yaml", "needs it as it was");
        delete("shared/deliver-again.camel.yaml", "needs it as it was");
        add("api/newest.camel.yaml", before.get("api/latest.camel.yaml"), "the route must have the id 'newest'");
        add("consumer/latest.camel.yaml", before.get("api/latest.camel.yaml"), "the id 'latest' is that of api/latest.camel.yaml, too");
        add("consumer/second-start.camel.yaml", before.get("consumer/copy-readings.camel.yaml").replace("id: copy-readings", "id: second-start"),
                "it starts at direct:copy-readings, as consumer/copy-readings.camel.yaml does");
        add("consumer/beans-only.camel.yaml", "- beans:\n    - name: x\n      type: java.lang.Object\n", "must hold one route or one policy");
    }

    private void wrongJava() {
        edit("api/SendFormatted.java", "\"pass-on-errors\"", "\"pass-on-error\"", "the policy 'pass-on-error' is not in shared/");
        addJava("DoesNotCompile", "from(\"direct:x\"", "expected");
        addJava("UnknownStep", GOOD_START.formatted("unknown-step", "unknown-step") + ".fly(\"x\");", "cannot find symbol");
        addJava("ThrowsAtOnce", "throw new IllegalStateException(\"no such luck\");", "no such luck");
        addJava("WrongId", GOOD_START.formatted("wrong-id", "right-id") + ".to(\"direct:send-json\");", "the route must have the id 'wrong-id', after its file; it has 'right-id'");
        addJava("NoId", "from(\"direct:no-id\").to(\"direct:send-json\");", "the route must have the id 'no-id', after its file; it has none");
        addJava("NoDescription", GOOD_START.formatted("no-description", "no-description").replace(".description(\"Does something\")", "") + ".to(\"direct:send-json\");", "must have a description");
        addJava("NoPolicy", GOOD_START.formatted("no-policy", "no-policy").replace(".routeConfigurationId(\"pass-on-errors\")", "") + ".to(\"direct:send-json\");", "must name its error policy");
        addJava("NoRoute", "", "it has 0 routes and 0 policies");
        addJava("SendsNowhere", GOOD_START.formatted("sends-nowhere", "sends-nowhere") + ".recipientList(constant(\"direct:send-json,direct:nowhere\"));", "it sends to direct:nowhere");
        addJava("SendJson", GOOD_START.formatted("send-json-too", "send-json") + ".to(\"log:x\");", "the id 'send-json' is that of shared/send-json.camel.yaml, too");
        addJava("WrongBean", GOOD_START.formatted("wrong-bean", "wrong-bean") + ".bean(\"nobody\");", "nobody");
        add("api/lower-case.java", JAVA.formatted("LowerCase", ""), "must be named as its class, such as LowerCase.java for the route lower-case");
        add("api/OtherClass.java", JAVA.formatted("Another", ""), "Another");
        add("api/InAPackage.java", "package api;\n" + JAVA.formatted("InAPackage", ""), "has no package statement");
        addJava("FailsAnAssertion", "throw new AssertionError(\"asserted\");", "asserted");
        addJava("NeverReturns", "configure();", "StackOverflowError");
        add("api/NoRouteBuilder.java", "public class NoRouteBuilder {\n}\n", "has no public class NoRouteBuilder that extends RouteBuilder");
    }

    /** None of them keeps the others from being read. */
    private void unreadable() throws IOException {
        edit("api/latest.camel.yaml", "method: read", "method: readd", "readd");
        Files.createDirectory(folder.resolve("api/folder.camel.yaml"));
        Files.createSymbolicLink(folder.resolve("api/broken-link.camel.yaml"), folder.resolve("nowhere"));
        assertEquals(0, new ProcessBuilder("mkfifo", folder.resolve("api/pipe.camel.yaml").toString()).start().onExit().join().exitValue());
        for (String file : List.of("api/folder.camel.yaml", "api/broken-link.camel.yaml", "api/pipe.camel.yaml")) {
            before.put(file, null);
            reasons.put(file, "it must be a file, or a link to one");
        }
        Files.write(folder.resolve("api/latin-1.camel.yaml"), new byte[] {(byte) 0xe4});
        before.put("api/latin-1.camel.yaml", null);
        reasons.put("api/latin-1.camel.yaml", "it must be UTF-8 text");
    }

    /** Each edit is reported in one line with the file and the reason. After all are undone, the routes are as before. */
    private void requireRefused() {
        Awaitility.await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> reasons.keySet().forEach(
                file -> assertEquals(1, refusals(file).size(), file + " among " + files.logged(Level.INFO))));
        reasons.forEach((file, reason) -> {
            String line = refusals(file).get(0);
            assertFalse(line.contains("\n"), line);
            assertEquals(true, line.contains(reason), line);
        });
        assertEquals(reasons.size(), files.logged(Level.WARN).size(), () -> String.join("\n", files.logged(Level.WARN)));
        before.forEach((file, text) -> {
            if (text == null) {
                files.delete(file);
            } else {
                files.write(file, text);
            }
        });
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> before.entrySet().stream().allMatch(
                edited -> files.hasLogged(edited.getKey() + (edited.getValue() == null ? " is gone" : " matches the running route again"))));
        assertEquals(reasons.size(), files.logged(Level.WARN).size(), () -> String.join("\n", files.logged(Level.WARN)));
        before.clear();
        reasons.clear();
        files.forget();
    }

    private static List<String> refusals(String file) {
        return files.logged(Level.ERROR).stream().filter(line -> line.startsWith(file + " is rejected")).toList();
    }
}
