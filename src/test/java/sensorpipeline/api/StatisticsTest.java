package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.database.SqlFile;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Statistics are exact at any time, also during storing, rollup and expiry. */
class StatisticsTest {

    private static final Settings SETTINGS = Servers.settingsWithQuickRetention();
    private static final String TOPIC = SETTINGS.text("topic.name");
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final Database DATABASE = new Database(SETTINGS);
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    /** Older readings expire during the test. */
    private static final Instant KEPT_FROM = NOW.minus(Duration.ofDays(3)).truncatedTo(ChronoUnit.DAYS);
    private static final int SENSORS = 300;
    private static final String STATISTICS = SqlFile.read("/sql/api/select-stats.sql");
    private static final String RECOUNT = """
            SELECT json_build_object('total_events', count(*), 'hourly', count(*) FILTER (WHERE at >= date_trunc('hour', now()) - interval '23 hours'),
                                     'active_sensors', count(DISTINCT sensor_id), 'first_reading', iso_8601(min(at)), 'last_reading', iso_8601(max(at)),
                                     'avg_temperature', avg("values"[1]), 'min_temperature', min("values"[1]), 'max_temperature', max("values"[1]))
            FROM reading JOIN series USING (series_id)
            WHERE tenant = 'default' AND at >= %s AND at < %s AND (%s IS NULL OR sensor_id = ANY (%3$s)) AND (%s IS NULL OR location = ANY (%4$s))""";
    private static final String BY_LOCATION = """
            SELECT string_agg(concat_ws(' ', location, events), ',' ORDER BY location COLLATE "C") FROM (
                SELECT location, count(*) AS events FROM reading JOIN series USING (series_id)
                WHERE tenant = 'default' AND at >= %s AND at < %s AND (%s IS NULL OR sensor_id = ANY (%3$s)) AND (%s IS NULL OR location = ANY (%4$s)) GROUP BY location) AS counted""";

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
        DEVICES.close();
    }

    private static String reading(String sensor, Instant at, int temperature) {
        return Readings.json(sensor, at.toString(), temperature).replace("hall", "hall-" + sensor.charAt(sensor.length() - 1));
    }

    /** New readings: 10% are hours to days late, 10% duplicate earlier ones. */
    private static List<String> someReadings(Random random, int round, List<String> earlier) {
        List<String> readings = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            int kind = random.nextInt(10);
            if (kind == 0 && !earlier.isEmpty()) {
                readings.add(earlier.get(random.nextInt(earlier.size())));
            } else {
                Instant fresh = NOW.minusSeconds(3600).plusMillis(round * 60_000L + random.nextInt(60_000));
                Instant late = KEPT_FROM.plus(Duration.ofDays(1)).plusMillis(random.nextInt(86_400_000));
                readings.add(reading("sensor-" + random.nextInt(SENSORS), kind == 1 ? late : fresh, random.nextInt(100)));
            }
        }
        return readings;
    }

    private static String literal(Object value) {
        return value == null ? "NULL" : value instanceof List<?> list ? "ARRAY['" + String.join("','", list.stream().map(String::valueOf).toList()) + "']" : "'" + value + "'";
    }

    private static String answer(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** Compares the statistics with a count of all readings in the same snapshot. */
    private static long check(Random random) throws SQLException, JsonProcessingException {
        List<String> sensors = random.nextBoolean() ? null : IntStream.range(0, 20).mapToObj(i -> "sensor-" + random.nextInt(SENSORS)).toList();
        Instant from = random.nextBoolean() ? KEPT_FROM : KEPT_FROM.plusMillis(random.nextInt(259_200_000));
        Instant to = random.nextBoolean() ? null : from.plusMillis(random.nextInt(259_200_000));
        Map<String, Object> parameters = new HashMap<>(Map.of("from", from, "hours", 24, "silent_after", "5m"));
        parameters.put("to", to);
        parameters.put("sensor_id", sensors);
        List<String> locations = random.nextInt(3) > 0 ? null : List.of("hall-1", "hall-" + random.nextInt(10));
        parameters.put("location", locations);
        Object[] filter = {literal(from) + "::timestamptz", literal(Objects.requireNonNullElse(to, "infinity")) + "::timestamptz", literal(sensors) + "::text[]", literal(locations) + "::text[]"};
        String statistics = STATISTICS;
        for (String name : List.of("from", "to", "hours", "silent_after", "limit", "sensor_id", "location", "metric")) {
            statistics = statistics.replace(":?" + name + "::", literal(parameters.get(name)) + "::");
        }
        try (Connection connection = Servers.connect(SETTINGS); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("SET LOCAL ROLE sensor_pipeline_reader; SET LOCAL pipeline.tenant = 'default'");
            JsonNode told = new ObjectMapper().readTree(answer(statement, statistics)).path("data");
            statement.execute("RESET ROLE");
            JsonNode counted = new ObjectMapper().readTree(answer(statement, RECOUNT.formatted(filter)));
            String question = from + " to " + to + " of " + sensors + " at " + locations + "\n" + told.path("overall") + "\n" + counted;
            for (String figure : List.of("total_events", "active_sensors", "first_reading", "last_reading")) {
                assertEquals(counted.path(figure).asText(), told.path("overall").path(figure).asText(), question);
            }
            for (String figure : List.of("avg_temperature", "min_temperature", "max_temperature")) {
                assertEquals(counted.path(figure).asDouble(), told.path("overall").path(figure).asDouble(), 1e-9, question);
            }
            assertEquals(counted.path("hourly").asLong(), events(told.path("hourly")), question);
            assertEquals(counted.path("total_events").asLong(), events(told.path("by_sensor")), question);
            assertEquals(Objects.requireNonNullElse(answer(statement, BY_LOCATION.formatted(filter)), ""), String.join(",", StreamSupport.stream(told.path("by_location").spliterator(), false)
                    .map(row -> row.path("location").asText() + " " + row.path("event_count").asText()).toList()), question);
            return counted.path("total_events").asLong();
        }
    }

    private static long events(JsonNode lines) {
        long events = 0;
        for (JsonNode line : lines) {
            events += line.path("event_count").asLong();
        }
        return events;
    }

    private static long events(Http api) {
        return Http.json(api.get("/data/stats?from=" + KEPT_FROM)).path("data").path("overall").path("total_events").asLong();
    }

    private static long readingsKept() {
        return Long.parseLong(DATABASE.ask("SELECT count(*) FROM readings WHERE tenant = 'default' AND at >= '" + KEPT_FROM + "'"));
    }

    @Test
    void equalARecountWhileReadingsArriveAtFullSpeedAndOldOnesExpire() throws Exception {
        Http api = new Http(PIPELINE.port("api.port"));
        Random random = new Random(4);
        for (int day = 5; day < 25; day++) {
            Instant start = NOW.minus(Duration.ofDays(day));
            DEVICES.sendTo(TOPIC, IntStream.range(0, 300).mapToObj(i -> reading("sensor-" + i, start.minusSeconds(i), i)).toList());
            DEVICES.sendTo(TOPIC + ".acme", IntStream.range(0, 20).mapToObj(i -> reading("sensor-" + i, start.minusSeconds(i), 666)).toList());
        }
        DATABASE.awaitReadings(20 * 320);
        DATABASE.run("INSERT INTO tenant_retention VALUES ('default', '%d hours', '%1$d hours')".formatted(Duration.between(KEPT_FROM, Instant.now()).toHours() + 1));
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            List<String> earlier = new ArrayList<>();
            for (int round = 0; round < 60; round++) {
                List<String> readings = someReadings(new Random(round), round, earlier);
                DEVICES.sendTo(TOPIC, readings);
                earlier.addAll(readings.subList(0, 100));
            }
        });
        int checks = 0;
        long last = 0;
        boolean isMoreToCome = true;
        while (isMoreToCome || checks < 30) {
            isMoreToCome = !sending.isDone();
            long before = readingsKept();
            long told = events(api);
            assertTrue(told >= before && told <= readingsKept(), "the answer is of the moment of its question");
            last = Math.max(last, check(random));
            checks++;
        }
        sending.join();
        DEVICES.awaitDone();
        check(random);
        assertTrue(last > 100_000, "it was counted while they came: " + last);
        String old = "SELECT count(*) FROM readings WHERE tenant = 'default' AND at < '" + KEPT_FROM.minus(Duration.ofDays(1)) + "'";
        Awaitility.await("old ones went").atMost(Duration.ofMinutes(1)).until(() -> DATABASE.ask(old).equals("0"));
        assertEquals(readingsKept(), events(api));
    }
}
