package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Statistics by location are exact, whether a location has totals of its own or, as there are too many, has not. */
class LocationsTest {

    private static final Settings SETTINGS = Servers.settings().with("rollup.interval", 100);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Database DATABASE = new Database(SETTINGS);
    private static final int LOCATIONS = 1_030;
    private static final String RECOUNT = """
            SELECT concat_ws(' ', coalesce(location, 'null'), count(*), count("values"[1]), coalesce(sum("values"[1]), 0), count("values"[2]), coalesce(sum("values"[2]), 0)) AS line
            FROM reading JOIN series USING (series_id) WHERE tenant = 'default' AND at >= '%s' GROUP BY location""";

    private static Http api;
    private static Contract contract;

    /** Two sensors at each location, over two hours; some send one metric only. */
    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        try (Readings devices = new Readings(SETTINGS)) {
            List<String> readings = new ArrayList<>();
            for (int i = 0; i < 4 * LOCATIONS; i++) {
                Instant at = Instant.parse("2026-03-01T10:00:00Z").plusSeconds(i);
                int location = i % LOCATIONS;
                readings.add("{\"sensor_id\":\"sensor-%d\",%s\"timestamp\":\"%s\",\"a\":%d%s}".formatted(i % (2 * LOCATIONS),
                        location == 0 ? "" : "\"location\":\"room-%04d\",".formatted(location), at, i, i % 3 == 0 ? "" : ",\"b\":" + 2 * i));
            }
            devices.sendTo(SETTINGS.text("topic.name"), readings);
        }
        DATABASE.awaitReadings(4 * LOCATIONS);
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static List<String> counted(String from) {
        String lines = DATABASE.ask("SELECT string_agg(line, E'\\n' ORDER BY line COLLATE \"C\") FROM (" + RECOUNT.formatted(from) + ") AS lines");
        return List.of(lines.split("\n"));
    }

    private static JsonNode stats(String query) throws Exception {
        return contract.valid(api.get("/data/stats?limit=10000" + query), "Stats").path("data");
    }

    private static List<String> told(JsonNode stats) {
        List<String> lines = new ArrayList<>();
        for (JsonNode row : stats.path("by_location")) {
            lines.add(String.join(" ", row.path("location").asText(), row.path("event_count").asText(), count(row, "a"), sum(row, "a"), count(row, "b"), sum(row, "b")));
        }
        return lines.stream().sorted().toList();
    }

    private static String count(JsonNode row, String metric) {
        return String.valueOf(row.path("count_" + metric).asLong());
    }

    private static String sum(JsonNode row, String metric) {
        return String.valueOf(Math.round(row.path("count_" + metric).asLong() * row.path("avg_" + metric).asDouble()));
    }

    @Test
    void onlyAThousandLocationsHaveTotals() {
        assertEquals("1 1000 1", DATABASE.ask("SELECT string_agg(groups::text, ' ' ORDER BY kind) FROM (SELECT kind, count(*) AS groups FROM series_group GROUP BY kind) AS kinds"));
        assertEquals("60", DATABASE.ask("SELECT count(*) FROM series JOIN series_group USING (group_id) WHERE kind = 'others'"));
    }

    /** Whole hours, and from within one. */
    @ParameterizedTest
    @ValueSource(strings = {"2026-03-01T00:00:00Z", "2026-03-01T10:17:31Z", "2026-03-01T11:00:00Z", "2027-01-01T00:00:00Z"})
    void theirStatisticsEqualARecount(String from) throws Exception {
        JsonNode stats = stats("&from=" + from);
        List<String> told = told(stats);
        if (from.startsWith("2027")) {
            assertEquals(List.of(), told);
            return;
        }
        assertEquals(counted(from), told);
        String overall = DATABASE.ask("SELECT concat_ws(' ', count(*), count(\"values\"[1]), sum(\"values\"[1]), count(\"values\"[2]), sum(\"values\"[2]), count(DISTINCT sensor_id))"
                + " FROM reading JOIN series USING (series_id) WHERE at >= '" + from + "'");
        JsonNode all = stats.path("overall");
        assertEquals(overall, String.join(" ", all.path("total_events").asText(), count(all, "a"), sum(all, "a"), count(all, "b"), sum(all, "b"), all.path("active_sensors").asText()));
    }

    @Test
    void alsoOnceTheyAreAllAddedUp() throws Exception {
        Awaitility.await().until(() -> DATABASE.ask("SELECT (SELECT count(*) FROM pending_total) + (SELECT count(*) FROM batch WHERE NOT rolled_up)").equals("0"));
        theirStatisticsEqualARecount("2026-03-01T00:00:00Z");
    }

    @Test
    void ofOneMetricOnlyItsReadingsCount() throws Exception {
        JsonNode stats = stats("&metric=b");
        assertEquals(DATABASE.ask("SELECT count(\"values\"[2]) FROM reading"), stats.path("overall").path("total_events").asText());
        assertEquals(DATABASE.ask("SELECT count(DISTINCT sensor_id) FROM reading JOIN series USING (series_id) WHERE \"values\"[2] IS NOT NULL"), stats.path("overall").path("active_sensors").asText());
        for (JsonNode row : stats.path("by_location")) {
            assertEquals(row.path("count_b"), row.path("event_count"));
        }
    }

    @Test
    void theFirstAreListedByNameWhetherTheyHaveTotalsOrNot() throws Exception {
        List<String> all = stats("").path("by_location").findValuesAsText("location");
        List<String> first = contract.valid(api.get("/data/stats?limit=900"), "Stats").path("data").path("by_location").findValuesAsText("location");
        assertEquals(all.subList(0, 900), first);
    }

    @Test
    void allAreListedByNameWhetherTheyHaveTotalsOrNot() throws Exception {
        List<String> all = stats("").path("by_location").findValuesAsText("location").stream().filter(name -> !name.equals("null")).toList();
        List<String> walked = new ArrayList<>();
        String next = "";
        while (next != null) {
            JsonNode page = contract.valid(api.get("/locations?limit=400" + next), "Locations");
            assertEquals(page.path("data").size(), page.path("count").asInt());
            walked.addAll(page.path("data").findValuesAsText("location"));
            next = page.path("next").isNull() ? null : "&cursor=" + page.path("next").asText();
        }
        assertEquals(all, walked);
        assertEquals(List.of("room-1029"), contract.valid(api.get("/locations?search=OOM-1029"), "Locations").path("data").findValuesAsText("location"));
        assertEquals(0, contract.valid(api.get("/locations?search=nowhere"), "Locations").path("count").asInt());
    }

    @Test
    void aLocationIsAskedForLikeBefore() throws Exception {
        for (String location : List.of("room-0001", "room-1029")) {
            JsonNode one = stats("&location=" + location);
            assertEquals(4, one.path("overall").path("total_events").asLong());
            assertEquals(List.of(location), one.path("by_location").findValuesAsText("location"));
        }
    }
}
