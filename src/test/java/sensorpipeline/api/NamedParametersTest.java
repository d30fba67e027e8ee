package sensorpipeline.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Values reach PostgreSQL as the caller gave them. */
class NamedParametersTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final List<String> NAMES = List.of("NULL", "null", "{}", "{a,b}", "a,b", "a\"b", "\"", "a\\b", "\\", "'", "a'); --", " a ", "$1", "?", ":?limit", "%", "_",
            "Müller 😀", "1");
    private static Http api;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        try (Readings devices = new Readings(SETTINGS)) {
            devices.sendTo(SETTINGS.text("topic.name"), NAMES.stream().map(NamedParametersTest::reading).toList());
            new Database(SETTINGS).awaitReadings(NAMES.size());
        }
    }

    private static String reading(String name) {
        ObjectNode reading = JsonNodeFactory.instance.objectNode().put("sensor_id", name).put("location", name).put("value " + name, 1)
                .put("timestamp", Instant.now().minusSeconds(60).toString());
        return reading.toString();
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static List<String> names() {
        return NAMES;
    }

    @ParameterizedTest
    @MethodSource("names")
    void aReadingIsFoundByItsNamesWhateverTheyAre(String name) {
        String given = URLEncoder.encode(name, UTF_8);
        for (String filter : List.of("sensor_id=" + given, "location=" + given, "metric=value+" + given, "sensor_id=x&sensor_id=" + given)) {
            assertEquals(1, Http.json(api.get("/data/latest?" + filter)).path("count").asInt(), filter);
            assertEquals(1, Http.json(api.get("/data/readings?" + filter)).path("count").asInt(), filter);
            assertEquals(1, Http.json(api.get("/data/stats?" + filter)).path("data").path("overall").path("total_events").asInt(), filter);
        }
        assertEquals(1, Http.json(api.get("/data/series?metric=value+" + given + "&sensor_id=" + given)).path("data").size(), name);
    }
}
