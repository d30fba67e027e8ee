package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.Awaitility;
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

/** Guarantees for charts and sensor lists: points equal a recount, gaps remain gaps, and no sensor is left out. */
class SeriesTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    /** Spans the DST change in Berlin, at 01:00 UTC. */
    private static final Instant START = Instant.parse("2026-03-28T05:07:00Z");
    private static final int COUNT = 400;
    private static Http api;
    private static Contract contract;
    /** Timestamps and values of all readings. */
    private static final Map<Instant, Double> SENT = new TreeMap<>();

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        try (Readings devices = new Readings(SETTINGS)) {
            List<String> readings = new ArrayList<>();
            for (int i = 0; i < COUNT; i++) {
                Instant time = START.plus(Duration.ofMinutes(7L * i + (i > 200 ? 600 : 0)));
                SENT.put(time, i / 4.0);
                readings.add(Readings.json("s" + i % 2, time.toString(), i / 4.0).replace("hall", i % 2 == 0 ? "north" : "south"));
            }
            readings.add("{\"sensor_id\":\"now\",\"co2\":400,\"timestamp\":\"" + Instant.now() + "\"}");
            readings.add("{\"sensor_id\":\"now\",\"location\":\"here\",\"temperature\":1,\"timestamp\":\"" + Instant.now().minusSeconds(1) + "\"}");
            devices.sendTo(SETTINGS.text("topic.name"), readings);
            devices.sendTo(SETTINGS.text("topic.name") + ".acme", List.of(Readings.json("secret", START.toString(), 1)));
            Database database = new Database(SETTINGS);
            database.awaitReadings(COUNT + 3);
            database.silence(Duration.ofDays(1));
        }
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static JsonNode series(String query) {
        return contract.valid(api.get("/data/series?metric=temperature&" + query), "Series");
    }

    @ParameterizedTest
    @CsvSource({"1d,Europe/Berlin", "1d,Asia/Kolkata", "1d,UTC", "1h,Asia/Kathmandu", "6h,Europe/Berlin", "30m,UTC", "1w,America/New_York", "1mo,Asia/Tokyo"})
    void everyPointEqualsARecount(String interval, String zone) {
        JsonNode answer = series("from=2026-03-27T00:00:00Z&to=2026-04-02T00:00:00Z&interval=" + interval + "&tz=" + zone);
        JsonNode points = answer.path("data").get(0).path("points");
        int count = 0;
        for (int i = 0; i < points.size(); i++) {
            Instant from = Instant.parse(points.get(i).path("time").asText());
            Instant until = Instant.parse(i + 1 < points.size() ? points.get(i + 1).path("time").asText() : answer.path("to").asText());
            DoubleSummaryStatistics recount = SENT.entrySet().stream().filter(one -> !one.getKey().isBefore(from) && one.getKey().isBefore(until))
                    .mapToDouble(Map.Entry::getValue).summaryStatistics();
            assertEquals(recount.getCount(), points.get(i).path("count").asLong(), from + " to " + until);
            if (recount.getCount() == 0) {
                assertTrue(points.get(i).path("avg").isNull());
            } else {
                assertEquals(recount.getAverage(), points.get(i).path("avg").asDouble(), 1e-9);
                assertEquals(recount.getMin(), points.get(i).path("min").asDouble());
                assertEquals(recount.getMax(), points.get(i).path("max").asDouble());
            }
            count += recount.getCount();
        }
        assertEquals(COUNT, count);
    }

    @Test
    void statisticsOfAnyRangeEqualARecount() {
        Random random = new Random(4);
        for (int i = 0; i < 200; i++) {
            Instant from = START.plus(Duration.ofMinutes(random.nextInt(8000) - 2000));
            Instant to = from.plus(Duration.ofMinutes(1 + random.nextInt(i % 2 == 0 ? 100 : 90_000)));
            if (i % 5 == 0) {
                from = from.truncatedTo(ChronoUnit.HOURS);
                to = to.truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS);
            }
            Instant first = from;
            Instant end = to;
            DoubleSummaryStatistics recount = SENT.entrySet().stream().filter(one -> !one.getKey().isBefore(first) && one.getKey().isBefore(end))
                    .mapToDouble(Map.Entry::getValue).summaryStatistics();
            JsonNode overall = contract.valid(api.get("/data/stats?from=" + from + "&to=" + to), "Stats").path("data").path("overall");
            assertEquals(recount.getCount(), overall.path("total_events").asLong(), from + " to " + to);
            if (recount.getCount() > 0) {
                assertEquals(recount.getAverage(), overall.path("avg_temperature").asDouble(), 1e-9);
                assertEquals(recount.getMin(), overall.path("min_temperature").asDouble());
                assertEquals(recount.getMax(), overall.path("max_temperature").asDouble());
            }
        }
        assertEquals(COUNT + 2, contract.valid(api.get("/data/stats"), "Stats").path("data").path("overall").path("total_events").asInt());
        JsonNode co2 = contract.valid(api.get("/data/stats?metric=co2"), "Stats").path("data").path("overall");
        assertEquals(1, co2.path("total_events").asInt());
        assertFalse(co2.has("avg_temperature"));
    }

    @Test
    void daysAreThoseOfTheCalendarAndGapsStayGaps() {
        JsonNode points = series("from=2026-03-28T00:00:00Z&to=2026-03-31T00:00:00Z&interval=1d&tz=Europe/Berlin").path("data").get(0).path("points");
        assertEquals(List.of("2026-03-27T23:00:00.000000Z", "2026-03-28T23:00:00.000000Z", "2026-03-29T22:00:00.000000Z", "2026-03-30T22:00:00.000000Z"),
                points.findValuesAsText("time"));
        JsonNode hours = series("from=2026-03-28T00:00:00Z&to=2026-03-31T00:00:00Z&interval=1h").path("data").get(0).path("points");
        assertEquals(72, hours.size());
        assertTrue(hours.findValuesAsText("count").contains("0"));
    }

    @Test
    void linesCanBeThoseOfSensorsOrLocations() {
        String range = "from=2026-03-27T00:00:00Z&to=2026-04-02T00:00:00Z&interval=1mo";
        JsonNode sensors = series(range + "&by=sensor").path("data");
        assertEquals(List.of("s0", "s1"), sensors.findValuesAsText("sensor_id"));
        assertEquals(List.of("north", "south"), sensors.findValuesAsText("location"));
        assertEquals(List.of("200", "200"), sensors.findValuesAsText("count").stream().filter(count -> !count.equals("0")).toList());
        assertEquals(List.of("north", "south"), series(range + "&by=location").path("data").findValuesAsText("location"));
        assertEquals(List.of("s1"), series(range + "&by=sensor&sensor_id=s1").path("data").findValuesAsText("sensor_id"));
        assertEquals(0, series(range + "&location=nowhere").path("data").findValuesAsText("count").stream().mapToInt(Integer::parseInt).sum());
    }

    @Test
    void theSamePointsCanBeHadAsCsvAndLinesOfJson() {
        String query = "/data/series?metric=temperature&from=2026-03-28T00:00:00Z&to=2026-03-30T00:00:00Z&interval=1d&by=sensor&format=";
        assertEquals(List.of("sensor_id,location,time,avg,min,max,count", "s0,north,2026-03-28T00:00:00.000000Z,20,0,40,81"),
                List.of(api.get(query + "csv").body().split("\r\n")).subList(0, 2));
        assertEquals(2, api.get(query + "ndjson").body().split("\n").length);
    }

    @Test
    void whoAsksForSevenHundredYearsIsAnsweredAtOnce() {
        JsonNode answer = series("from=1300-01-01T00:00:00Z&to=2026-04-02T00:00:00Z");
        JsonNode stats = contract.valid(api.get("/data/stats?metric=temperature&from=%s&to=%s".formatted(answer.path("from").asText(), answer.path("to").asText())), "Stats")
                .path("data").path("overall");
        assertEquals(stats.path("total_events").asLong(), sum(answer.path("data").get(0).path("points")));
    }

    private static long sum(JsonNode points) {
        long readings = 0;
        for (JsonNode point : points) {
            readings += point.path("count").asLong();
        }
        return readings;
    }

    @Test
    void aNewReadingIsInItsIntervalAtOnce() {
        JsonNode points = contract.valid(api.get("/data/series?metric=co2&from=-1h&interval=10s"), "Series").path("data").get(0).path("points");
        assertEquals(1, points.findValuesAsText("count").stream().mapToInt(Integer::parseInt).sum());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/data/series | missing_metric | metric must be given: the metric, such as temperature",
        "/data/series?metric=a&tz=Mars | invalid_tz | tz must be a time zone such as UTC, Europe/Berlin or +07:00; got 'Mars'",
        "/data/series?metric=a&interval=7m | invalid_interval | interval must be one of auto, 10s, 30s",
        "/data/series?metric=a&interval=10s&from=-1000d | too_many_points | 24000 hours have more than 10000 intervals of 10s",
        "/data/series?metric=a&from=2999-01-01T00:00:00Z | invalid_range | from must be before to",
        "/sensors?silent_after=soon | invalid_silent_after | silent_after must be a time such as 30s, 5m, 2h or 1d; got 'soon'",
    })
    void aWrongParameterIsToldWithWhatIsAllowed(String path, String code, String message) {
        JsonNode error = contract.error(api.get(path), 400);
        assertEquals(code, error.path("code").asText());
        assertTrue(error.path("message").asText().startsWith(message), error.toString());
    }

    @Test
    void everySensorIsListedOnceWithWhatIsKnownOfIt() {
        JsonNode all = contract.valid(api.get("/sensors"), "Sensors");
        assertEquals(List.of("now", "s0", "s1"), all.path("data").findValuesAsText("sensor_id"));
        JsonNode now = all.path("data").get(0);
        assertEquals("[\"co2\",\"temperature\"]", now.path("metrics").toString());
        assertEquals("online", now.path("status").asText());
        assertTrue(now.path("location").isNull(), "the place of its last reading");
        JsonNode s0 = all.path("data").get(1);
        assertEquals(COUNT / 2, s0.path("readings").asInt());
        assertEquals(START, Instant.parse(s0.path("first_reading").asText()));
        assertEquals("silent", s0.path("status").asText());
        assertEquals("online", contract.valid(api.get("/sensors?sensor_id=s0&silent_after=99999d"), "Sensors").path("data").get(0).path("status").asText());
        assertFalse(all.toString().contains("secret"));
        List<String> walked = new ArrayList<>();
        JsonNode page = contract.valid(api.get("/sensors?limit=2"), "Sensors");
        page.path("data").findValuesAsText("sensor_id").forEach(walked::add);
        contract.valid(api.get("/sensors?limit=2&cursor=" + page.path("next").asText()), "Sensors").path("data").findValuesAsText("sensor_id").forEach(walked::add);
        assertEquals(List.of("now", "s0", "s1"), walked);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "search=S1 | s1", "search=south | s1", "search=%25 | ''", "search=NORTH&status=silent | s0", "status=online | now", "status=silent | s0,s1",
        "status=silent&silent_after=99999d | ''", "status=silent&limit=1&cursor=czA | s1", "search=' OR | ''",
    })
    void sensorsAreFoundByTheirNameLocationAndStatus(String query, String sensors) {
        JsonNode found = contract.valid(api.get("/sensors?" + query.replace(" ", "%20")), "Sensors");
        assertEquals(sensors, String.join(",", found.path("data").findValuesAsText("sensor_id")));
    }

    @Test
    void statisticsListTheFirstByNameWhereNotAllAreAskedForAndTellThatThereAreMore() {
        JsonNode all = contract.valid(api.get("/data/stats?hours=8760"), "Stats").path("data");
        JsonNode two = contract.valid(api.get("/data/stats?hours=8760&limit=2"), "Stats").path("data");
        assertEquals(4, all.path("by_sensor").size());
        assertEquals("false", all.path("truncated").asText());
        assertEquals("true", two.path("truncated").asText());
        for (String kind : List.of("by_sensor", "by_location")) {
            assertEquals(List.of(all.path(kind).get(0), all.path(kind).get(1)), List.of(two.path(kind).get(0), two.path(kind).get(1)));
            assertEquals(2, two.path(kind).size());
        }
        assertEquals(all.path("overall"), two.path("overall"));
        assertEquals(all.path("hourly"), two.path("hourly"));
        assertEquals(2, all.path("overall").path("silent_sensors").asInt());
        long events = 0;
        for (JsonNode location : all.path("by_location")) {
            events += location.path("event_count").asLong();
        }
        assertEquals(COUNT + 2, events);
    }

    @Test
    void thePipelineTellsWhatWaitsAndHowLongDataAreKept() {
        Awaitility.await().until(() -> Http.json(api.get("/pipeline")).path("data").path("lag").path("readings").asInt(-1) == 0);
        JsonNode state = contract.valid(api.get("/pipeline"), "PipelineState").path("data");
        assertTrue(Instant.parse(state.path("lag").path("seen_at").asText()).isAfter(Instant.now().minusSeconds(30)));
        assertEquals("forever", state.path("retention").path("readings_kept").asText());
        assertEquals(0, state.path("dead_letters").path("waiting").asInt());
        assertEquals("unknown_parameter", contract.error(api.get("/pipeline?x=1"), 400).path("code").asText());
    }
}
