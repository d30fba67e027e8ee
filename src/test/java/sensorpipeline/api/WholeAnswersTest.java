package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.SteadyPorts;

/** Responses are complete, wherever the API is mounted and however many sensors there are. */
class WholeAnswersTest {

    private static final int SENSORS = 300;
    private static final int API_PORT = SteadyPorts.anyFree();
    private static final Settings SETTINGS = Servers.settings().with("api.port", API_PORT).with("api.base.url", "http://127.0.0.1:" + API_PORT);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API, Services.DASHBOARD));
    private static Http dashboard;
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        dashboard = new Http(PIPELINE.port("dashboard.port"));
        api = new Http(API_PORT);
        contract = new Contract(api);
        try (Readings devices = new Readings(SETTINGS)) {
            String now = Instant.now().toString();
            devices.sendTo(SETTINGS.text("topic.name"), IntStream.range(0, SENSORS).mapToObj(i -> Readings.json("s" + i, now, i)).toList());
            new Database(SETTINGS).awaitReadings(SENSORS);
        }
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    @ParameterizedTest
    @CsvSource({"true, /api/data/readings", "true, /api/data/readings/", "false, /data/readings", "false, /data/readings/"})
    void linksLeadThroughAllPagesWhereverTheApiIsMounted(boolean isDashboard, String path) {
        Set<String> walked = new TreeSet<>();
        URI page = URI.create(path + "?cursor=&limit=70&format=ndjson");
        int pages = 0;
        for (; page != null; pages++) {
            HttpResponse<String> answer = (isDashboard ? dashboard : api).get(page.toString());
            assertEquals(200, answer.statusCode(), page + " " + answer.body());
            answer.body().lines().forEach(walked::add);
            String link = answer.headers().firstValue("Link").orElse(null);
            page = link == null ? null : page.resolve(link.substring(1, link.indexOf('>')));
        }
        assertEquals(SENSORS, walked.size());
        assertEquals(5, pages);
    }

    @Test
    void whereTheIntervalIsOursAChartOfManySensorsHasLongerOnesInsteadOfAnError() {
        JsonNode lines = contract.valid(api.get("/data/series?metric=temperature&by=sensor&from=-1h&points=500"), "Series");
        assertEquals("30s", lines.path("interval").asText());
        assertEquals(SENSORS, lines.path("data").size());
        assertEquals("10s", contract.valid(api.get("/data/series?metric=temperature&by=sensor&from=-1h&points=500&sensor_id=s1"), "Series").path("interval").asText());
        assertEquals("too_many_points", contract.error(api.get("/data/series?metric=temperature&by=sensor&from=-1h&interval=10s"), 400).path("code").asText());
    }

    @Test
    void allTimeIsAnsweredWithoutAnInterval() {
        JsonNode all = contract.valid(api.get("/data/series?metric=temperature&points=100&from=0001-01-01T00:00:00Z"), "Series");
        JsonNode points = all.path("data").get(0).path("points");
        assertTrue(points.size() <= 100, "points: " + points.size());
        assertEquals(SENSORS, points.findValuesAsText("count").stream().mapToInt(Integer::parseInt).sum());
        assertEquals("50y", all.path("interval").asText());
    }

    @Test
    void aZoneIsTakenWithAPlusThatIsNotEscaped() {
        assertEquals("+07:00", contract.valid(api.get("/data/series?metric=temperature&tz=+07:00"), "Series").path("tz").asText());
    }

    @Test
    void aCacheKnowsThatTheFormatDependsOnWhatTheCallerAccepts() {
        assertTrue(api.get("/data/readings?limit=1").headers().firstValue("Vary").orElse("").contains("Accept"));
    }
}
