package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Recount;
import sensorpipeline.support.Servers;

/** What is deleted is gone from readings and statistics alike, at any moment, and nothing else is. */
class DeletedReadingsTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final String TOPIC = SETTINGS.text("topic.name");
    private static final Instant START = Instant.parse("2025-02-28T20:00:00Z");
    private static final Database DATABASE = new Database(SETTINGS);
    private static Readings devices;
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        devices = new Readings(SETTINGS);
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
    }

    @AfterAll
    static void stop() {
        devices.close();
        PIPELINE.close();
    }

    @BeforeEach
    void empty() {
        devices.awaitDone();
        DATABASE.empty();
    }

    private static String json(String sensor, Instant at, double temperature) {
        return "{\"sensor_id\":\"%s\",\"location\":\"%s\",\"temperature\":%s,\"humidity\":40,\"timestamp\":\"%s\"}"
                .formatted(sensor, "room-" + sensor.hashCode() % 3, temperature, at);
    }

    private static void send(List<String> readings) {
        long before = DATABASE.readings();
        devices.sendTo(TOPIC, readings);
        DATABASE.awaitReadings(before + readings.size());
    }

    private static JsonNode delete(String query) {
        return contract.valid(api.call("DELETE", "/data/readings?" + query), "Deleted");
    }

    /** @return how many were deleted by this request and those that go on where it ended */
    private static long deleteAll(String query) {
        JsonNode answer = delete(query);
        long deleted = answer.path("deleted").asLong();
        while (!answer.path("next").isNull()) {
            answer = delete(query + "&cursor=" + answer.path("next").asText());
            deleted += answer.path("deleted").asLong();
        }
        return deleted;
    }

    private static long events(String query) {
        return contract.valid(api.get("/data/stats?" + query), "Stats").path("data").path("overall").path("total_events").asLong();
    }

    private static void awaitRolledUp() {
        Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> "0".equals(DATABASE.ask("SELECT count(*) FROM batch WHERE NOT rolled_up")));
    }

    @Test
    void statisticsEqualARecountAfterEachDeletionWhateverIsDeletedAndWhereverTheirBatchesAre() {
        Random random = new Random(11);
        DATABASE.run("UPDATE rollup_watermark SET hour = '%s', series_id = 0".formatted(START.plus(Duration.ofHours(3))));
        for (int round = 0; round < 8; round++) {
            int sensors = round % 2 == 0 ? 4 : 900;
            int seconds = 1000 * round;
            send(IntStream.range(0, 1500).mapToObj(i -> json("sensor-" + random.nextInt(sensors), START.plusSeconds(seconds).plusMillis(random.nextInt(20_000_000)), random.nextInt(1000))).distinct().toList());
            if (round % 4 == 3) {
                awaitRolledUp();
            }
            for (int i = 0; i < 4; i++) {
                Instant from = START.plusSeconds(random.nextInt(30_000));
                Instant to = from.plusSeconds(1 + random.nextInt(i % 2 == 0 ? 500 : 8000));
                String sensor = "sensor-" + random.nextInt(4);
                String location = "room-" + random.nextInt(3);
                String range = "&from=" + from + "&to=" + to;
                String inRange = " AND at >= '%s' AND at < '%s'".formatted(from, to);
                List<String> filterAndCondition = switch (random.nextInt(4)) {
                    case 0 -> List.of("sensor_id=" + sensor + range, "sensor_id = '" + sensor + "'" + inRange);
                    case 1 -> List.of("location=" + location + range, "location = '" + location + "'" + inRange);
                    case 2 -> List.of("metric=temperature" + range, "metric = 'temperature'" + inRange);
                    default -> List.of("sensor_id=" + sensor + "&metric=humidity", "sensor_id = '" + sensor + "' AND metric = 'humidity'");
                };
                String filter = filterAndCondition.get(0);
                long counted = deleteAll(filter + "&dry_run=true");
                assertEquals(DATABASE.ask("SELECT count(DISTINCT (series_id, at)) FROM measurements WHERE " + filterAndCondition.get(1)), String.valueOf(counted), filter);
                long before = DATABASE.readings();
                assertEquals(counted, deleteAll(filter + "&dry_run=false"), filter);
                assertEquals(0, deleteAll(filter + "&dry_run=true"), filter);
                assertTrue(filter.contains("metric") || DATABASE.readings() == before - counted, filter);
                Recount.assertEqual(DATABASE);
                assertEquals(DATABASE.readings(), events(""), filter);
            }
        }
        awaitRolledUp();
        DATABASE.ask("SELECT roll_up_months(100000, now())");
        Recount.assertEqual(DATABASE);
    }

    @Test
    void statisticsEqualARecountWhileReadingsAreStoredAndDeletedAtTheSameTime() throws Exception {
        List<String> sent = IntStream.range(0, 60_000).mapToObj(i -> json("sensor-" + i % 5, START.plusMillis(200L * i), i)).toList();
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < sent.size(); i += 2000) {
                devices.sendTo(TOPIC, sent.subList(i, i + 2000));
            }
        });
        long deleted = 0;
        while (!sending.isDone() || DATABASE.readings() + deleted < sent.size()) {
            deleted += deleteAll("sensor_id=sensor-1&sensor_id=sensor-3&dry_run=false");
            Recount.assertEqual(DATABASE);
        }
        sending.get(1, TimeUnit.MINUTES);
        deleted += deleteAll("sensor_id=sensor-1&sensor_id=sensor-3&dry_run=false");
        assertEquals(24_000, deleted);
        assertEquals(36_000, DATABASE.readings());
        awaitRolledUp();
        Recount.assertEqual(DATABASE);
    }

    @Test
    void statisticsEqualARecountWhileSensorsSendOneMetricAtATimeAndValuesAreDeleted() throws Exception {
        // Each metric of a reading comes in a record of its own, so that new rows of the same hour come from merges while others are recounted.
        List<String> sent = IntStream.range(0, 20_000).mapToObj(i -> "{\"sensor_id\":\"split-%d\",\"location\":\"room\",\"m%d\":%d,\"timestamp\":\"%s\"}"
                .formatted(i % 3, i / 3 % 6, i, START.plusSeconds(20L * (i / 18)))).toList();
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < sent.size(); i += 500) {
                devices.sendTo(TOPIC, sent.subList(i, i + 500));
            }
        });
        while (!sending.isDone()) {
            deleteAll("metric=m2&dry_run=false");
            deleteAll("metric=m4&sensor_id=split-1&dry_run=false");
            Recount.assertEqual(DATABASE);
        }
        sending.get(1, TimeUnit.MINUTES);
        devices.awaitDone();
        deleteAll("metric=m2&dry_run=false");
        awaitRolledUp();
        Recount.assertEqual(DATABASE);
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM measurements WHERE metric = 'm2'"));
    }

    @Test
    void aWrongValueIsDeletedFromAllSensorsAndItsReadingsKeepTheirOthers() {
        List<String> readings = new ArrayList<>(IntStream.range(0, 1200).mapToObj(i -> json("many-" + i, START, -999)).toList());
        readings.add("{\"sensor_id\":\"single\",\"temperature\":-999,\"timestamp\":\"%s\"}".formatted(START));
        readings.add(json("many-1", START.plus(Duration.ofDays(40)), 20));
        send(readings);
        assertEquals(1201, deleteAll("metric=temperature&to=" + START.plusSeconds(1) + "&dry_run=false"));
        Recount.assertEqual(DATABASE);
        JsonNode overall = contract.valid(api.get("/data/stats"), "Stats").path("data").path("overall");
        assertEquals(1201, overall.path("total_events").asLong(), "a reading without any other value is deleted");
        assertEquals(20, overall.path("min_temperature").asDouble());
        JsonNode reading = contract.valid(api.get("/data/readings?sensor_id=many-7"), "Readings").path("data").get(0);
        assertFalse(reading.has("temperature"));
        assertEquals(40, reading.path("humidity").asDouble());
        devices.sendTo(TOPIC, List.of(json("many-7", START, 21)));
        Awaitility.await().until(() -> events("sensor_id=many-7&metric=temperature") == 1);
        Recount.assertEqual(DATABASE);
    }

    @Test
    void valuesBeyondWhatIsPlausibleAreDeletedWithoutKnowingWhen() {
        send(IntStream.range(0, 3000).mapToObj(i -> json("sensor-" + i % 3, START.plusSeconds(7L * i), i % 100 == 0 ? -999 : i % 150 == 1 ? 1e30 : 20)).toList());
        assertEquals(30, deleteAll("metric=temperature&below=-60&dry_run=true"));
        assertEquals(20, deleteAll("metric=temperature&above=85&dry_run=true"));
        assertEquals(50, deleteAll("metric=temperature&below=-60&above=85&dry_run=false"));
        Recount.assertEqual(DATABASE);
        JsonNode overall = contract.valid(api.get("/data/stats"), "Stats").path("data").path("overall");
        assertEquals(3000, overall.path("total_events").asLong());
        assertEquals(20, overall.path("min_temperature").asDouble());
        assertEquals(20, overall.path("max_temperature").asDouble());
    }

    @Test
    void whoNamesASensorThatIsNotThereIsAnsweredAtOnceAlthoughReadingsAreYearsApart() {
        // Of a metric of their own: what other tests have left here has none of it.
        send(List.of(json("old", Instant.parse("2003-05-05T05:05:05Z"), 1), json("old", START, 2), json("new", Instant.now(), -999)).stream()
                .map(reading -> reading.replace("temperature", "acidity")).toList());
        assertEquals(0, delete("sensor_id=nobody&dry_run=false").path("deleted").asInt());
        assertEquals(0, delete("metric=nothing&dry_run=false").path("deleted").asInt());
        JsonNode answer = delete("metric=acidity&below=-60&dry_run=false");
        assertEquals(1, answer.path("deleted").asInt());
        assertTrue(answer.path("next").isNull(), answer.toString());
        Recount.assertEqual(DATABASE);
        assertEquals(2, deleteAll("sensor_id=old&dry_run=false"));
        Recount.assertEqual(DATABASE);
    }

    @Test
    void onlyReadingsOfTheTenantAreDeleted() throws Exception {
        new Topics(SETTINGS).create();
        devices.sendTo(TOPIC + ".acme", List.of(json("shared", START, 1)));
        devices.sendTo(TOPIC, List.of(json("shared", START, 2)));
        DATABASE.awaitReadings(2);
        assertEquals(1, deleteAll("sensor_id=shared&dry_run=false"));
        assertEquals("acme", DATABASE.ask("SELECT string_agg(tenant, ',') FROM reading JOIN series USING (series_id)"));
        Recount.assertEqual(DATABASE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "dry_run=false | missing_filter | give at least one of sensor_id, location, metric, from, to",
            "sensor_id=a | missing_dry_run | dry_run must be given: whether readings are only counted (true) or deleted (false), such as true",
            "sensor_id=a&dry_run=yes | invalid_dry_run | dry_run must be true or false; got 'yes'",
            "sensor=a&dry_run=true | unknown_parameter | parameters are sensor_id, location, metric, below, above, from, to, dry_run, cursor, tenant; got 'sensor'",
            "sensor_id=&from=-24h&dry_run=false | empty_sensor_id | sensor_id is empty: give it a value, or leave it out",
            "metric=a&below=85&above=-60&dry_run=true | invalid_below | below must not be greater than above; got 85.0 and -60.0",
            "sensor_id=a&below=1&dry_run=true | missing_metric | below requires metric",
            "metric=a&above=NaN&dry_run=true | invalid_above | above must be a number such as -12.5; got 'NaN'"})
    void whoDoesNotSayWhatToDeleteIsToldWhatIsAllowed(String query, String code, String message) {
        JsonNode error = contract.error(api.call("DELETE", "/data/readings?" + query), 400);
        assertEquals(code, error.path("code").asText());
        assertEquals(message, error.path("message").asText());
    }

    @Test
    void whoDeletesByHandRecountsInTheSameTransaction() {
        send(IntStream.range(0, 500).mapToObj(i -> json("sensor-" + i % 5, START.plusSeconds(60L * i), i == 250 ? -999 : 20)).toList());
        awaitRolledUp();
        DATABASE.run("BEGIN; DELETE FROM reading WHERE \"values\"[1] = -999 OR \"values\"[2] = -999; SELECT recount('%s', '%s'); COMMIT"
                .formatted(START.plusSeconds(60 * 250), START.plusSeconds(60 * 251)));
        assertEquals(499, DATABASE.readings());
        Recount.assertEqual(DATABASE);
        // Not in the statistics by series yet, only in the totals to come.
        send(List.of("{\"sensor_id\":\"elsewhere\",\"location\":\"attic\",\"temperature\":1,\"timestamp\":\"%s\"}".formatted(START.plus(Duration.ofDays(3)))));
        DATABASE.run("SET timezone = 'America/New_York'; BEGIN; DELETE FROM reading WHERE at = '%1$s'; SELECT recount('%1$s', '%2$s'); COMMIT; RESET timezone"
                .formatted(START.plus(Duration.ofDays(3)), START.plus(Duration.ofDays(3)).plusSeconds(1)));
        Recount.assertEqual(DATABASE);
        assertEquals(20, contract.valid(api.get("/data/stats"), "Stats").path("data").path("overall").path("min_temperature").asDouble());
    }
}
