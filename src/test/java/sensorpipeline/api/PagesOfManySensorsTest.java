package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Pages of the readings of all sensors are those of a recount, whether they lie together on disk or not, wherever they begin and end. */
class PagesOfManySensorsTest {

    private static final int SENSORS = 60;
    private static final int ROUNDS = 40;

    private final Settings settings = Servers.settings().with("store.partition.width", "1 hour");
    private final Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER, Services.API));
    private final Database database = new Database(settings);
    private final Readings devices = new Readings(settings);
    private final Random random = new Random(11);
    private final Instant start = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(3));
    private int sent;
    private Http api;

    @BeforeEach
    void start() throws Exception {
        pipeline.start();
        api = new Http(pipeline.port("api.port"));
    }

    @AfterEach
    void stop() {
        devices.close();
        pipeline.close();
    }

    /** A reading of each sensor every three minutes, with a break in between: those of a round at one moment or one after another. */
    private void send(String tenant, int round, boolean atOneMoment) {
        List<String> records = new ArrayList<>();
        Instant time = start.plusSeconds(180L * round + (round < ROUNDS / 2 ? 0 : 3000));
        for (int sensor = 0; sensor < SENSORS; sensor++) {
            records.add(Readings.json("s" + sensor, (atOneMoment ? time : time.plusMillis(1000 * sensor + random.nextInt(1000)).plusNanos(1000L * (sent / SENSORS))).toString(), 1));
        }
        devices.sendTo(settings.text("topic.name") + tenant, records);
        sent += SENSORS;
        database.awaitReadings(sent);
    }

    private List<String> walk(String question) {
        List<String> all = new ArrayList<>();
        String cursor = null;
        do {
            JsonNode page = Http.json(api.get("/data/readings?" + question + (cursor == null ? "" : "&cursor=" + cursor)));
            page.path("data").forEach(reading -> all.add(reading.path("sensor_id").asText() + " " + Instant.parse(reading.path("timestamp").asText())));
            cursor = page.path("next").textValue();
        } while (cursor != null);
        return all;
    }

    private void assertEqualARecount(String... sensors) {
        String chosen = Stream.of(sensors).map(sensor -> "&sensor_id=" + sensor).collect(Collectors.joining());
        for (int i = 0; i < 12; i++) {
            Instant from = start.plusMillis(random.nextInt(12_000_000));
            Instant to = from.plusMillis(1 + random.nextInt(12_000_000));
            String order = i % 2 == 0 ? "asc" : "desc";
            // Every third has one end only, or none.
            String range = i % 3 == 0 ? "" : i % 3 == 1 ? "&from=" + from : "&from=" + from + "&to=" + to;
            String expected = database.ask("""
                    SELECT coalesce(string_agg(sensor_id || ' ' || iso_8601(at), ',' ORDER BY at %1$s, series_id %1$s), '') FROM reading JOIN series USING (series_id)
                    WHERE tenant = 'default' AND at >= '%2$s' AND at < '%3$s' AND (sensor_id = ANY ('{%4$s}') OR '%4$s' = '')"""
                    .formatted(order, i % 3 == 0 ? "-infinity" : from, i % 3 == 2 ? to : "infinity", String.join(",", sensors)));
            List<String> all = expected.isEmpty() ? List.of() : List.of(expected.split(","));
            assertEquals(all.stream().map(one -> one.split(" ")[0] + " " + Instant.parse(one.split(" ")[1])).toList(),
                    walk("limit=" + (sensors.length == 0 ? 3 + random.nextInt(50) : 1 + random.nextInt(9)) + "&order=" + order + range + chosen), order + range + chosen);
        }
    }

    private String liesTogether(String order) {
        return database.ask("""
                SELECT count(*) FROM page_of_all(CASE set_config('pipeline.tenant', 'default', false) WHEN 'default' THEN 10 END, '%s', NULL, %s, NULL, NULL)"""
                .formatted(start.plusSeconds(1000), order));
    }

    @Test
    void ofSensorsThatSendInTurn() {
        for (int round = 0; round < ROUNDS; round++) {
            send("", round, false);
        }
        assertEquals("10, 10", liesTogether("true") + ", " + liesTogether("false"));
        assertEqualARecount();
    }

    @Test
    void ofSensorsThatSendAtTheSameMomentBesideAnotherTenant() {
        for (int round = 0; round < ROUNDS; round++) {
            send("", round, true);
            send(".acme", round, round % 2 == 0);
        }
        assertEqualARecount();
        assertEqualARecount("s1", "s2");
    }

    @Test
    void ofSensorsSomeOfWhichAreLateAndSomeOfWhoseReadingsHaveBeenDropped() {
        for (int round = 0; round < ROUNDS; round++) {
            boolean isLate = random.nextInt(3) == 0;
            send("", isLate ? round / 2 : round, !isLate && round % 4 == 0);
        }
        assertEqualARecount();
        assertEqualARecount("s1");
        assertEqualARecount("s1", "s2", "s3", "s4", "s5", "s6", "s7");
        // Their statistics stay, as when readings are kept for a shorter time.
        database.run("DELETE FROM reading WHERE at > '%s' AND series_id %% 3 <> 0".formatted(start.plusSeconds(5400)));
        database.run("DELETE FROM reading WHERE at < '%s' AND series_id %% 3 = 0".formatted(start.plusSeconds(5400)));
        assertEqualARecount();
        assertEqualARecount("s1");
        assertEqualARecount("s2");
        assertEqualARecount("s3");
        assertEqualARecount("s1", "s2", "s3", "s4", "s5", "s6", "s7");
        // Their statistics go, as when an operator drops a month of them.
        database.run("DELETE FROM rollup_hour; DELETE FROM rollup_partition");
        assertEqualARecount("s1");
        assertEqualARecount("s1", "s2", "s3", "s4", "s5", "s6", "s7");
    }

    /** These functions run with the rights of their owner, whom row security does not bind. */
    @Test
    void functionsOfTheStatementsAnswerNothingOfAnotherTenant() throws Exception {
        send("", 0, false);
        send(".acme", 0, false);
        try (Connection connection = Servers.connect(settings); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("""
                    UPDATE batch SET rolled_up = false;
                    CREATE TEMP TABLE asked AS SELECT array_agg(series_id) AS series, array_agg(1) AS positions, (SELECT array_agg(batch_id) FROM batch) AS batches,
                        (SELECT array_agg(at ORDER BY series_id) FROM reading) AS times, array_agg(series_id) FILTER (WHERE tenant = 'acme') AS own
                    FROM (SELECT * FROM series ORDER BY series_id) AS series;
                    GRANT SELECT ON asked TO sensor_pipeline_reader; SET pipeline.tenant = 'acme'; SET ROLE sensor_pipeline_reader""");
            for (String function : List.of("part_of_readings(series, NULL, '-infinity', 'infinity', true)", "few_readings(series, NULL, '-infinity', 'infinity', false, 100)",
                    "pending_in_span(batches, '-infinity', 'infinity', NULL)", "pending_in_span(batches, '-infinity', 'infinity', series)", "pending_activity('-infinity', 'infinity', NULL)", "newest_of_batches(batches, 1000)",
                    "values_between(series, positions, '-infinity', 'infinity')", "values_between(series || series, positions || positions, '-infinity', 'infinity')",
                    "parts_between(series, positions, times, '-infinity', 'infinity', true)", "parts_between(series || series, positions || positions, times, '-infinity', 'infinity', true)",
                    "values_before(series, positions, '-infinity', 'infinity')", "page_of_all(10, NULL, NULL, true, NULL, NULL)", "newest_of_all(10, 'infinity')")) {
                try (ResultSet rows = statement.executeQuery("SELECT count(*) FILTER (WHERE series_id <> ALL (own)) FROM asked CROSS JOIN LATERAL " + function)) {
                    rows.next();
                    assertEquals(0, rows.getInt(1), function);
                }
            }
            try (ResultSet rows = statement.executeQuery("SELECT count(*), count(*) FILTER (WHERE group_id NOT IN (SELECT group_id FROM series_group)) FROM totals_of_span('-infinity', 'infinity')")) {
                rows.next();
                assertNotEquals(0, rows.getInt(1));
                assertEquals(0, rows.getInt(2));
            }
            try (ResultSet rows = statement.executeQuery("""
                    SELECT (SELECT count(*) FROM part_of_readings(series, NULL, '-infinity', 'infinity', true)), (SELECT count(*) FROM values_at(series, times, positions)),
                           (SELECT count(*) FROM few_readings(series, NULL, '-infinity', 'infinity', false, 100)),
                           (SELECT array_agg(series_id ORDER BY series_id) FROM pending_activity('-infinity', 'infinity', NULL)) = own FROM asked""")) {
                rows.next();
                assertEquals("60, 60, 60, true", rows.getInt(1) + ", " + rows.getInt(2) + ", " + rows.getInt(3) + ", " + rows.getBoolean(4));
            }
        }
    }
}
