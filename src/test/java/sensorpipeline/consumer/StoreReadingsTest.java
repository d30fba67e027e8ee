package sensorpipeline.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sensorpipeline.support.Readings.header;
import static sensorpipeline.support.Readings.json;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.camel.api.management.ManagedCamelContext;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Recount;
import sensorpipeline.support.Servers;

/** Guarantees of the store, on real servers: no loss, no duplicates, and a bad record does not affect others. */
class StoreReadingsTest {

    private static final Settings SETTINGS = Servers.settings().with("rollup.interval", 500);
    private static final String TOPIC = SETTINGS.text("topic.name");
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER));
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final Database DATABASE = new Database(SETTINGS);

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
        DEVICES.close();
    }

    @BeforeEach
    void empty() {
        // Records of the previous test may not be stored yet.
        DEVICES.awaitDone();
        DATABASE.empty();
    }

    private static List<String> readings(int count, String sensor) {
        return IntStream.range(0, count)
                .mapToObj(i -> json(sensor, Instant.parse("2025-03-01T00:00:00Z").plusSeconds(i).toString(), i)).toList();
    }

    @Test
    void storesEachReadingWithItsFields() {
        DEVICES.send("""
                {"sensor_id":"Münster Süd","location":"hall","temperature":21.4,"open":true,"unit":"C",
                 "timestamp":"2025-01-15T10:30:00.123456+01:00"}""");
        DATABASE.awaitReadings(1);
        assertEquals("default|Münster Süd|hall|2025-01-15 09:30:00.123456|{open,temperature}|{1,21.4}|{\"unit\": \"C\"}",
                DATABASE.ask("SELECT concat_ws('|', tenant, sensor_id, location, at AT TIME ZONE 'UTC', metrics, values, attributes) FROM readings"));
    }

    @Test
    void storesARedeliveredBatchOnce() {
        long retries = retries();
        List<String> readings = readings(500, "redelivered");
        sendAsOneDevice(readings);
        sendAsOneDevice(readings);
        List<String> mixed = new ArrayList<>(readings);
        mixed.addAll(readings(700, "redelivered"));
        Collections.shuffle(mixed, new Random(1));
        sendAsOneDevice(mixed);
        DEVICES.awaitDone();
        assertEquals("2200", DATABASE.ask("SELECT sum(records) FROM batch"));
        assertEquals("700", DATABASE.ask("SELECT count(*) FROM reading"));
        assertEquals("700", DATABASE.ask("SELECT sum(readings) FROM batch"));
        assertEquals(retries, retries(), "duplicates are merged at once, not by a retry of the batch");
    }

    /** @return number of batches that failed and were redelivered */
    private static long retries() {
        try {
            return PIPELINE.camel().getCamelContextExtension().getContextPlugin(ManagedCamelContext.class).getManagedRoute("store-readings").getExchangesFailed();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** With one key, so that one consumer gets all of them: two that store the same readings can deadlock, which counts as a redelivery. */
    private static void sendAsOneDevice(List<String> readings) {
        DEVICES.sendRecords(readings.stream().map(reading -> new ProducerRecord<>(TOPIC, "redelivered".getBytes(UTF_8), reading.getBytes(UTF_8))).toList());
    }

    @Test
    void keepsReadingsApartThatDifferInAnyPartOfTheirIdentity() {
        String time = "2025-01-15T10:30:00Z";
        DEVICES.send(json("a", time, 1), json("b", time, 1), json("a", "2025-01-15T10:30:00.000001Z", 1),
                json("a", time, 1).replace("hall", "yard"), json("a", time, 1).replace("\"location\":\"hall\",", ""));
        DATABASE.awaitReadings(5);
        assertEquals("4", DATABASE.ask("SELECT count(*) FROM series WHERE tenant = 'default' AND sensor_id IN ('a', 'b')"), "a sensor at a location is one series");
    }

    /** A record of sensor and time with these fields. */
    private static String record(String sensor, Instant time, String fields) {
        return "{\"sensor_id\":\"%s\",\"timestamp\":\"%s\",%s}".formatted(sensor, time, fields);
    }

    private static String stored(String sensor) {
        return DATABASE.ask("""
                SELECT string_agg(concat_ws(' ', (SELECT string_agg(metric || '=' || value, ',' ORDER BY metric) FROM unnest(metrics, values) AS m (metric, value) WHERE value IS NOT NULL),
                                            attributes), ' | ' ORDER BY at) FROM readings WHERE sensor_id = '%s'""".formatted(sensor));
    }

    @Test
    void recordsOfOneSensorAndTimeAreOneReadingHoweverTheyArrive() {
        Instant time = Instant.parse("2025-01-15T10:30:00Z");
        List<String> parts = List.of("\"t\":1", "\"h\":2,\"unit\":\"C\"", "\"co2\":3", "\"t\":1,\"co2\":3.0,\"site\":{\"a\":1}");
        String whole = "co2=3,h=2,t=1 {\"site\": {\"a\": 1}, \"unit\": \"C\"}";
        sendAsOneDevice(parts.stream().map(part -> record("together", time, part)).toList());
        for (String part : parts) {
            // Each in a batch of its own.
            sendAsOneDevice(List.of(record("apart", time, part)));
            DEVICES.awaitDone();
        }
        List<String> backwards = new ArrayList<>(parts);
        Collections.reverse(backwards);
        sendAsOneDevice(backwards.stream().map(part -> record("mixed", time.plusSeconds(1), part)).toList());
        sendAsOneDevice(parts.stream().map(part -> record("mixed", time, part)).toList());
        DEVICES.awaitDone();
        assertEquals(whole, stored("together"));
        assertEquals(whole, stored("apart"));
        assertEquals(whole + " | " + whole, stored("mixed"));
        assertEquals("4|16", DATABASE.ask("SELECT sum(readings) || '|' || sum(records) FROM batch"));
        Recount.assertEqual(DATABASE);
    }

    @Test
    void aRecordWithAnotherValueChangesNothingAndBecomesADeadLetter() {
        int before = DEVICES.deadLetters().size();
        Instant time = Instant.parse("2025-01-15T10:30:00Z");
        String contrary = record("contrary", time, "\"v\":700,\"w\":1");
        sendAsOneDevice(List.of(record("contrary", time, "\"v\":600,\"unit\":\"C\"")));
        DEVICES.awaitDone();
        sendAsOneDevice(List.of(contrary, record("contrary", time, "\"v\":600,\"x\":5"), record("contrary", time, "\"y\":6,\"unit\":\"F\"")));
        // In one batch the first one counts, and those behind it are still merged.
        sendAsOneDevice(List.of(record("quarrel", time, "\"v\":1"), record("quarrel", time, "\"v\":2,\"w\":9"), record("quarrel", time, "\"w\":3"), record("quarrel", time, "\"w\":4")));
        DEVICES.awaitDone();
        Awaitility.await().until(() -> DEVICES.deadLetters().size() == before + 4);
        assertEquals("v=600,x=5 {\"unit\": \"C\"}", stored("contrary"));
        assertEquals("v=1,w=3", stored("quarrel"));
        List<String> reasons = DEVICES.deadLetters().subList(before, before + 4).stream().map(letter -> header(letter, "dead-letter-reason")).sorted().toList();
        String reading = "conflict: the reading of this sensor, location and time (2025-01-15T10:30:00Z) has another value of ";
        assertEquals(List.of(reading + "attribute unit: \"C\", not \"F\"", reading + "metric v: 1, not 2", reading + "metric v: 600, not 700", reading + "metric w: 3, not 4"), reasons);
        assertTrue(DEVICES.deadLetters().stream().anyMatch(letter -> new String(letter.value(), UTF_8).equals(contrary)));
        Recount.assertEqual(DATABASE);
    }

    /** PostgreSQL writes such numbers with all their digits when a later record is compared with them. */
    @Test
    void attributesThatPostgresqlWritesInAnotherWayAreCompared() {
        int before = DEVICES.deadLetters().size();
        Instant time = Instant.parse("2025-01-15T10:30:00Z");
        List<String> numbers = List.of("0e-2000", "1" + "0".repeat(900) + "e-650", "1.50", "100.0", "1e2");
        for (int i = 0; i < numbers.size(); i++) {
            String number = numbers.get(i);
            sendAsOneDevice(List.of(record("digits-" + i, time, "\"v\":1,\"x\":[%s]".formatted(number))));
            DEVICES.awaitDone();
            sendAsOneDevice(List.of(record("digits-" + i, time, "\"v\":1,\"x\":[%s],\"y\":\"new\"".formatted(number)), record("digits-" + i, time, "\"v\":1,\"x\":[7]")));
        }
        Awaitility.await().until(() -> DEVICES.deadLetters().size() == before + numbers.size());
        assertEquals("5 {1.50}", DATABASE.ask("SELECT count(*) FILTER (WHERE attributes ->> 'y' = 'new') || ' {' || max(attributes #>> '{x,0}') FILTER (WHERE sensor_id = 'digits-2') || '}' FROM readings"));
    }

    @Test
    void aDeviceWithManyMetricsOrAttributesOfOneTimeStopsNobody() {
        Instant time = Instant.parse("2025-01-15T10:30:00Z");
        int before = DEVICES.deadLetters().size();
        sendAsOneDevice(List.of(record("very-wide", time, IntStream.range(0, 900).mapToObj(i -> "\"m%d\":1".formatted(i)).collect(Collectors.joining(",")))));
        DEVICES.awaitDone();
        // Only the last of its metrics, in descending order of time, so that they are merged; 900 values each, if all were written out.
        sendAsOneDevice(IntStream.range(0, 3000).mapToObj(i -> record("very-wide", time.minusSeconds(i + 1), "\"m899\":2")).toList());
        sendAsOneDevice(IntStream.range(0, 2000).mapToObj(i -> record("chatty", time, "\"v\":1,\"a%d\":\"%s\"".formatted(i, "y".repeat(700)))).toList());
        DATABASE.awaitReadings(3002);
        DEVICES.awaitDone();
        assertEquals("3899", DATABASE.ask("SELECT count(*) - 1 FROM measurements WHERE sensor_id = 'very-wide'"));
        assertTrue(Integer.parseInt(DATABASE.ask("SELECT octet_length(attributes::text) FROM readings WHERE sensor_id = 'chatty'")) < 1_100_000);
        assertTrue(DEVICES.deadLetters().size() > before, "attributes beyond the limit are told");
        Recount.assertEqual(DATABASE);
    }

    /** Case 18 and 19: numbers that load or failures use up. */
    @Test
    void numbersDoNotRunOut() {
        DATABASE.run("ALTER TABLE batch ALTER COLUMN batch_id RESTART WITH 4294967290");
        sendAsOneDevice(readings(3, "numbered"));
        DEVICES.awaitDone();
        sendAsOneDevice(readings(6, "numbered"));
        DATABASE.awaitReadings(6);
        assertEquals("t", DATABASE.ask("SELECT bool_and(batch_id >= 4294967290) FROM reading"));
        Recount.assertEqual(DATABASE);
        DATABASE.run("ALTER TABLE series ADD CONSTRAINT full_disk CHECK (sensor_id <> 'unlucky')");
        try {
            String before = DATABASE.ask("SELECT last_number FROM series_counter");
            int letters = DEVICES.deadLetters().size();
            sendAsOneDevice(List.of(json("unlucky", "2025-01-15T10:30:00Z", 1)));
            Awaitility.await().until(() -> DEVICES.deadLetters().size() > letters);
            assertEquals(before, DATABASE.ask("SELECT last_number FROM series_counter"), "a transaction that fails uses no number");
        } finally {
            DATABASE.run("ALTER TABLE series DROP CONSTRAINT full_disk");
        }
    }

    /** Case 12: 100 sensors that report what changed became 88,765 series. */
    @Test
    void aSensorIsOneSeriesWhicheverOfItsMetricsItSends() {
        Random random = new Random(12);
        Instant start = Instant.parse("2025-03-01T00:00:00Z");
        List<String> records = new ArrayList<>();
        for (int i = 0; i < 6000; i++) {
            List<Integer> metrics = new ArrayList<>(IntStream.range(0, 12).boxed().toList());
            Collections.shuffle(metrics, random);
            records.add(record("changing-" + i % 20, start.plusSeconds(i), metrics.subList(0, 6).stream().map(metric -> "\"m%d\":%d".formatted(metric, metric * 1000 + 1)).collect(Collectors.joining(","))));
        }
        DEVICES.sendTo(TOPIC, records);
        DATABASE.awaitReadings(6000);
        assertEquals("20|12", DATABASE.ask("SELECT count(*) || '|' || max(cardinality(metrics)) FROM series WHERE sensor_id LIKE 'changing-%'"));
        assertEquals("36000|0", DATABASE.ask("""
                SELECT count(*) || '|' || count(*) FILTER (WHERE value <> substr(metric, 2)::integer * 1000 + 1) FROM measurements
                WHERE sensor_id LIKE 'changing-%'"""), "each value is under its own name");
        Recount.assertEqual(DATABASE);
    }

    @Test
    void recordsBeyondALimitOfTheirTenantAreDeadLettersAndHurtNobodyElse() {
        DATABASE.run("INSERT INTO tenant_limit VALUES ('limited', 3, 2)");
        try {
            int before = DEVICES.deadLetters().size();
            Instant time = Instant.parse("2025-03-01T00:00:00Z");
            DEVICES.sendTo(TOPIC + ".limited", IntStream.range(0, 10).mapToObj(i -> json("sensor-" + i, time.toString(), i)).toList());
            Awaitility.await().until(() -> DEVICES.deadLetters().size() == before + 7);
            assertEquals("too many sensors: tenant limited has as many as it may have, 3 (one at two locations counts twice)",
                    header(DEVICES.deadLetters().get(before), "dead-letter-reason"));
            String known = DATABASE.ask("SELECT sensor_id FROM series WHERE tenant = 'limited' LIMIT 1");
            DEVICES.sendTo(TOPIC + ".limited", List.of(json(known, time.plusSeconds(1).toString(), 1).replace("}", ",\"h\":1}"),
                    json(known, time.plusSeconds(2).toString(), 1).replace("}", ",\"x\":1}"), json(known, time.plusSeconds(3).toString(), 1)));
            DEVICES.send(json("unlimited", time.toString(), 1));
            Awaitility.await().until(() -> DEVICES.deadLetters().size() == before + 8);
            assertEquals("too many metrics: the sensor has as many as it may have, 2", header(DEVICES.deadLetters().get(before + 7), "dead-letter-reason"));
            DATABASE.awaitReadings(6);
            assertEquals("3 3", DATABASE.ask("SELECT series || ' ' || (SELECT count(*) FROM series WHERE tenant = 'limited') FROM tenant WHERE tenant = 'limited'"));
        } finally {
            DATABASE.run("DELETE FROM tenant_limit");
        }
    }

    @Test
    void storesLateAndOutOfOrderReadingsInPartitionsMadeOnDemand() {
        DEVICES.send(json("late", "2026-02-03T00:00:00Z", 1), json("late", "2003-02-03T23:59:59.999999Z", 2),
                json("late", "2026-02-02T23:59:59Z", 3), json("late", "2003-02-04T00:00:00Z", 4));
        DATABASE.awaitReadings(4);
        assertEquals("2", DATABASE.ask("SELECT count(DISTINCT tableoid) FROM reading"), "a partition a month, and a year for long ago");
        assertEquals("0", DATABASE.ask("""
                SELECT count(*) FROM reading r JOIN reading_partition p ON p.name = r.tableoid::regclass::text
                WHERE r.at < p.from_time OR r.at >= p.until_time"""));
    }

    @Test
    void makesPartitionsOfAnotherWidthThatEndAtTheirNeighbours() {
        String days = "ARRAY[current_date - 4, current_date - 3, current_date - 2]::timestamptz[]";
        DATABASE.run("SELECT make_reading_partitions(ARRAY[current_date - 3]::timestamptz[], '24 hours')");
        assertEquals("2", DATABASE.ask("SELECT make_reading_partitions(" + days + ", '240 hours')"));
        assertEquals("3", DATABASE.ask("SELECT count(*) FROM unnest(" + days + ") t JOIN reading_partition ON t >= from_time AND t < until_time"));
        assertEquals("0", DATABASE.ask("""
                SELECT count(*) FROM reading_partition a JOIN reading_partition b
                ON a.name < b.name AND a.from_time < b.until_time AND b.from_time < a.until_time"""));
    }

    @Test
    void aLoneReadingIsStoredWithin250Milliseconds() {
        DEVICES.send(json("warm-up", "2025-01-15T10:30:00Z", 1));
        DATABASE.awaitReadings(1);
        long best = Long.MAX_VALUE;
        for (int i = 1; i <= 5; i++) {
            DEVICES.send(json("alone", "2025-01-15T10:30:0" + i + "Z", 1));
            DATABASE.awaitReadings(i + 1);
            best = Math.min(best, Long.parseLong(DATABASE.ask("""
                    SELECT (extract(epoch FROM stored_at - received_at) * 1000)::bigint
                    FROM reading JOIN batch USING (batch_id) ORDER BY batch_id DESC LIMIT 1""")));
        }
        assertTrue(best < 250, best + " ms");
    }

    @Test
    void tenantsTopicsAreFoundWhileRunningAndTheirReadingsKeptApart() {
        DEVICES.sendTo(TOPIC + ".acme-1", List.of(json("shared-name", "2025-01-15T10:30:00Z", 1)));
        DEVICES.send(json("shared-name", "2025-01-15T10:30:00Z", 2));
        DATABASE.awaitReadings(2);
        assertEquals("1", DATABASE.ask("SELECT values[1] FROM readings WHERE tenant = 'acme-1'"));
        assertEquals("2", DATABASE.ask("SELECT values[1] FROM readings WHERE tenant = 'default'"));
    }

    @Test
    void everyHostileRecordIsADeadLetterAndItsNeighboursAreStored() {
        String start = "{\"sensor_id\":\"hostile\",\"timestamp\":\"2025-01-15T10:30:00Z\",";
        List<String> hostile = List.of("", "[]", "42", "nonsense", start, start + "\"t\":NaN}", start + "\"t\":1e999}",
                start + "\"t\":1,\"t\":2}", start + "\"t\":1,\"a\":\"\\u0000\"}", start + "}", start + "\"t\":1,\"a\":[0e-20000]}",
                start + "\"t\":1,\"a\":[-0.00E+9999999999]}",
                start + "\"t\":1,\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}",
                start.replace("2025", "9999") + "\"t\":1}", start.replace("hostile", "x".repeat(10_000)) + "\"t\":1}",
                "x".repeat(900_000));
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < hostile.size(); i++) {
            records.add(new ProducerRecord<>(TOPIC, 0, null, json("neighbour", "2025-01-15T10:30:%02dZ".formatted(i), i).getBytes(UTF_8)));
            records.add(new ProducerRecord<>(TOPIC, 0, null, hostile.get(i).getBytes(UTF_8)));
        }
        records.add(new ProducerRecord<>(TOPIC, 0, "tombstone".getBytes(UTF_8), null));
        records.add(new ProducerRecord<>(TOPIC, 0, null, new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':', '1', '}'}));
        String large = start + "\"t\":1,\"a\":\"" + "y".repeat(900_000) + "\"}";
        records.add(new ProducerRecord<>(TOPIC, 0, null, large.getBytes(UTF_8)));
        records.add(new ProducerRecord<>(TOPIC, 0, null, (start.replace("10:30", "10:31") + "\"t\":1" + "0".repeat(299) + "}").getBytes(UTF_8)));
        records.add(new ProducerRecord<>(TOPIC, 0, null, (start.replace("10:30", "10:32") + "\"t\":1,\"zeros\":[0e-16000,0.0e16000,-0.0]}").getBytes(UTF_8)));
        int before = DEVICES.deadLetters().size();
        DEVICES.sendRecords(records);
        DATABASE.awaitReadings(hostile.size() + 3);
        Awaitility.await().until(() -> DEVICES.deadLetters().size() == before + hostile.size() + 2);
        List<ConsumerRecord<byte[], byte[]>> letters = DEVICES.deadLetters();
        letters = letters.subList(before, letters.size());
        for (int i = 0; i < hostile.size(); i++) {
            assertEquals(hostile.get(i), new String(letters.get(i).value(), UTF_8));
            assertTrue(header(letters.get(i), "dead-letter-reason").length() > 10);
        }
        assertNull(letters.get(hostile.size()).value());
        assertEquals("1e+299", DATABASE.ask("SELECT values[1] FROM readings WHERE at = '2025-01-15T10:31:00Z'"));
        assertEquals("900000", DATABASE.ask("SELECT length(attributes ->> 'a') FROM reading WHERE attributes ? 'a'"));
        assertEquals("3", DATABASE.ask("SELECT jsonb_array_length(attributes -> 'zeros') FROM reading WHERE attributes ? 'zeros'"));
    }

    @Test
    void manyRecordsOfOneDeviceThatPostgresqlCouldNotKeepDoNotStopTheirPartition() {
        int count = 12_000;
        int before = DEVICES.deadLetters().size();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String record = json("zeros", Instant.parse("2025-01-15T10:30:00Z").plusSeconds(i).toString(), 1).replace("}", ",\"a\":[0e-20000]}");
            records.add(new ProducerRecord<>(TOPIC, 0, null, record.getBytes(UTF_8)));
        }
        records.add(new ProducerRecord<>(TOPIC, 0, null, json("neighbour", "2025-01-15T10:30:00Z", 1).getBytes(UTF_8)));
        DEVICES.sendRecords(records);
        DATABASE.awaitReadings(1);
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> DEVICES.deadLetters().size() == before + count);
    }

    @Test
    void aDeadLetterKeepsBytesKeyAndHeadersAndSaysWhereItCameFrom() {
        byte[] value = {1, 2, (byte) 0xff};
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(TOPIC, 1, new byte[] {9, (byte) 0xfe}, value);
        record.headers().add("trace", new byte[] {7, (byte) 0xfd}).add("CamelTrick", "x".getBytes(UTF_8));
        ProducerRecord<byte[], byte[]> odd = new ProducerRecord<>(TOPIC, 1, null, value);
        odd.headers().add("twice", "1".getBytes(UTF_8)).add("twice", "2".getBytes(UTF_8)).add("none", null);
        int before = DEVICES.deadLetters().size();
        DEVICES.sendRecords(List.of(record, odd));
        Awaitility.await().until(() -> DEVICES.deadLetters().size() == before + 2);
        ConsumerRecord<byte[], byte[]> letter = DEVICES.deadLetters().get(before);
        assertArrayEquals(value, letter.value());
        assertArrayEquals(record.key(), letter.key());
        assertArrayEquals(new byte[] {7, (byte) 0xfd}, letter.headers().lastHeader("trace").value());
        assertEquals("x", header(letter, "CamelTrick"));
        assertEquals("default", header(letter, "dead-letter-tenant"));
        assertEquals(TOPIC, header(letter, "dead-letter-topic"));
        assertEquals("1", header(letter, "dead-letter-partition"));
        assertTrue(header(letter, "dead-letter-offset").matches("\\d+"));
        assertTrue(Instant.parse(header(letter, "dead-letter-time")).isAfter(Instant.now().minus(Duration.ofMinutes(1))));
        assertEquals(8, letter.headers().toArray().length, () -> letter.headers().toString());
        assertEquals("[[\"twice\",\"MQ==\"],[\"twice\",\"Mg==\"],[\"none\",null]]",
                header(DEVICES.deadLetters().get(before + 1), "dead-letter-headers"));
    }

    @Test
    void aReadingThatOnlyPostgresqlRefusesBecomesADeadLetterAndItsBatchIsStored() {
        long retries = retries();
        DATABASE.run("ALTER TABLE reading ADD CONSTRAINT refused CHECK (values[1] <> 666)");
        try {
            List<String> batch = new ArrayList<>(readings(100, "bisected"));
            batch.set(57, json("bisected", "2025-03-01T00:00:57Z", 666));
            int before = DEVICES.deadLetters().size();
            DEVICES.sendTo(TOPIC, batch);
            DATABASE.awaitReadings(99);
            Awaitility.await().until(() -> DEVICES.deadLetters().size() == before + 1);
            assertTrue(header(DEVICES.deadLetters().get(before), "dead-letter-reason").contains("\"refused\""));
            assertEquals(batch.get(57), new String(DEVICES.deadLetters().get(before).value(), UTF_8));
        } finally {
            DATABASE.run("ALTER TABLE reading DROP CONSTRAINT refused");
        }
        assertEquals(retries, retries(), "the batch is bisected at once, not retried");
    }

    @Test
    void mostReadingsOfABatchCanBeDeadLettersAndTheOthersAreStored() {
        int before = DEVICES.deadLetters().size();
        DATABASE.run("ALTER TABLE reading ADD CONSTRAINT refused CHECK (values[1] <> 666)");
        try {
            DEVICES.sendTo(TOPIC, IntStream.range(0, 400)
                    .mapToObj(i -> json("hostile", Instant.parse("2025-03-01T00:00:00Z").plusSeconds(i).toString(), i % 10 == 0 ? 1 : 666)).toList());
            DATABASE.awaitReadings(40);
            Awaitility.await().until(() -> DEVICES.deadLetters().size() == before + 360);
        } finally {
            DATABASE.run("ALTER TABLE reading DROP CONSTRAINT refused");
        }
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM series WHERE sensor_id = 'probe'"), "the probe leaves nothing behind");
    }

    private static long rollbacks() {
        return Long.parseLong(DATABASE.ask("SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()"));
    }

    @Test
    void whenPostgresqlRefusesEveryReadingTheyWaitUntilItIsMended() {
        int before = DEVICES.deadLetters().size();
        DATABASE.run("ALTER TABLE reading ADD CONSTRAINT refused CHECK (values[1] < 0)");
        try {
            DEVICES.sendTo(TOPIC, readings(400, "flood"));
            // More rejections than two attempts cause: the batch is being retried.
            long refusals = rollbacks();
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> rollbacks() > refusals + 30);
            assertEquals(before, DEVICES.deadLetters().size());
        } finally {
            DATABASE.run("ALTER TABLE reading DROP CONSTRAINT refused");
        }
        // The database may be repaired between the rejection of a reading and the probe; such a reading can be replayed.
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> DATABASE.readings() + DEVICES.deadLetters().size() - before == 400);
        assertTrue(DATABASE.readings() >= 398, () -> DATABASE.readings() + " stored");
    }

    @Test
    void headersThatAreOrdersToCamelDoNotLeadADeadLetterAstray() {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(TOPIC, 1, "key".getBytes(UTF_8), "bad".getBytes(UTF_8));
        for (String order : List.of("kafka.OVERRIDE_TOPIC", "kafka.PARTITION_KEY", "kafka.KEY", "kafka.OVERRIDE_TIMESTAMP", "Kafka.topic", "CamelHttpUri")) {
            record.headers().add(order, "77".getBytes(UTF_8));
        }
        int before = DEVICES.deadLetters().size();
        DEVICES.sendRecords(List.of(record));
        Awaitility.await().until(() -> DEVICES.deadLetters().size() == before + 1);
        ConsumerRecord<byte[], byte[]> letter = DEVICES.deadLetters().get(before);
        assertArrayEquals(record.key(), letter.key());
        assertTrue(header(letter, "dead-letter-headers").contains("[\"kafka.KEY\",\"Nzc=\"]"));
    }

    @Test
    void storesReadingsOfAsManyMetricsAsTheLimitAllowsAndOfLongNames() {
        StringBuilder metrics = new StringBuilder();
        for (int i = 0; i < 900; i++) {
            metrics.append(",\"%s%d\":%d".formatted(Integer.toHexString(i * 7919).repeat(15), i, i));
        }
        DEVICES.send("{\"sensor_id\":\"wide\",\"timestamp\":\"2025-01-15T10:30:00Z\"" + metrics + "}");
        DATABASE.awaitReadings(1);
        assertEquals("900", DATABASE.ask("SELECT cardinality(values) FROM reading"));
    }

    @Test
    void storesADayOfEachMonthOfTwentyYearsInFewPartitions() {
        List<String> readings = new ArrayList<>();
        for (int day = 0; day < 7300; day += 10) {
            readings.add(json("archive", Instant.now().minus(Duration.ofDays(day)).toString(), day));
        }
        DEVICES.sendTo(TOPIC, readings);
        DATABASE.awaitReadings(readings.size());
        assertTrue(Integer.parseInt(DATABASE.ask("SELECT count(*) FROM reading_partition")) < 80);
    }

    @Test
    void aNumberTooSmallToReckonWithIsZeroAndStopsNobody() {
        DEVICES.send(json("tiny", "2025-01-15T10:30:00Z", 1e-320), json("tiny", "2025-01-15T10:30:01Z", -1e-310), json("tiny", "2025-01-15T10:30:02Z", 1e-260));
        DATABASE.awaitReadings(3);
        assertEquals("0,0,1e-260", DATABASE.ask("SELECT string_agg(values[1]::text, ',' ORDER BY at) FROM reading"));
        Recount.assertEqual(DATABASE);
    }

    @Test
    void storesTheLargestRecordThatKafkaTakes() {
        int before = DEVICES.deadLetters().size();
        DEVICES.send(json("large", "2025-01-15T10:30:00Z", 1).replace("}", ",\"a\":\"" + "y".repeat(1_040_000) + "\"}"));
        DATABASE.awaitReadings(1);
        assertEquals(before, DEVICES.deadLetters().size());
    }

    /** Regression: 10,000 sensors took 90 s when each row was compared with each series. */
    @Test
    void readingsOfManySensorsAreRolledUpInSeconds() {
        DEVICES.sendTo(TOPIC, IntStream.range(0, 6_000)
                .mapToObj(i -> json("many-" + i, "2025-03-01T00:00:00Z", i).replace("}", ",\"second\":1}")).toList());
        DATABASE.awaitReadings(6_000);
        Awaitility.await().until(() -> DATABASE.ask("SELECT count(*) FROM batch WHERE NOT rolled_up").equals("0"));
        // Simulates the loss of the rollups in memory.
        DATABASE.run("TRUNCATE rollup_hour, rollup_month, series_activity; UPDATE batch SET rolled_up = false, in_memory = false");
        Awaitility.await().atMost(Duration.ofSeconds(8)).until(() -> {
            DATABASE.ask("SELECT roll_up_batches(200, '0 s')");
            return DATABASE.ask("SELECT count(*) FROM batch WHERE NOT rolled_up").equals("0");
        });
        Recount.assertEqual(DATABASE);
    }

    /** More hours and metrics than the program adds up in memory. */
    @Test
    void aLongHistoryWithManyMetricsIsInTheTotals() {
        Instant start = Instant.parse("2025-01-01T00:30:00Z");
        String metrics = IntStream.range(0, 30).mapToObj(i -> ",\"m" + i + "\":" + i).collect(Collectors.joining());
        DEVICES.sendTo(TOPIC, IntStream.range(0, 2000).mapToObj(i -> json("archive", start.plus(Duration.ofHours(i)).toString(), i).replace("}", metrics + "}")).toList());
        DATABASE.awaitReadings(2000);
        // Older than the newest, and so merged.
        DEVICES.sendTo(TOPIC, IntStream.range(0, 1000).mapToObj(i -> json("archive", start.minus(Duration.ofHours(1 + i)).toString(), i).replace("}", metrics + "}")).toList());
        DATABASE.awaitReadings(3000);
        Recount.assertEqual(DATABASE);
        assertEquals("3000", DATABASE.ask("SELECT sum(events) FROM (" + Database.TOTALS + ") AS totals JOIN series_group USING (group_id) WHERE kind = 'all'"));
    }

    @Test
    void statisticsEqualARecountAtAnyMomentWithLateAndRepeatedReadings() {
        Random random = new Random(3);
        Instant start = Instant.parse("2025-02-28T20:00:00Z");
        List<String> sent = new ArrayList<>();
        DATABASE.run("UPDATE rollup_watermark SET hour = '%s', series_id = 0".formatted(start));
        for (int round = 0; round < 12; round++) {
            List<String> readings = new ArrayList<>();
            // Batches with few series are rolled up immediately, others later. Some readings have more than four metrics.
            int sensors = round % 2 == 0 ? 3 : 900;
            for (int i = 0; i < 1500; i++) {
                String wide = i % 50 == 0 ? ",\"m1\":1,\"m2\":%d,\"m3\":3,\"m4\":4,\"m5\":%d".formatted(i, -i) : "";
                readings.add(random.nextInt(20) == 0 && !sent.isEmpty() ? sent.get(random.nextInt(sent.size()))
                        : json("sensor-" + random.nextInt(sensors), start.plusMillis(random.nextInt(20_000_000) + round * 1_000_000L).toString(),
                                random.nextInt(1000)).replace("}", wide + "}"));
            }
            DEVICES.sendTo(TOPIC, readings);
            sent.addAll(readings);
            if (round % 4 == 1) {
                // Another program rolls up batches that this one still has in memory.
                DATABASE.ask("SELECT roll_up_batches(1, '0 s')");
            }
            if (round % 4 == 3) {
                // Simulates a restart.
                PIPELINE.camel().getRegistry().lookupByNameAndType("rollups", Rollups.class).forget();
            }
            Recount.assertEqual(DATABASE);
            DATABASE.ask("SELECT roll_up_months(500, '%s')".formatted(start.plus(Duration.ofHours(round))));
        }
        DATABASE.awaitReadings(new HashSet<>(sent).size());
        assertTrue(Integer.parseInt(DATABASE.ask("SELECT count(*) FROM batch WHERE rolled_up")) > 0);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            Recount.assertEqual(DATABASE);
            return DATABASE.ask("SELECT count(*) FROM batch WHERE NOT rolled_up").equals("0");
        });
        assertTrue(Integer.parseInt(DATABASE.ask("SELECT count(*) FROM rollup_hour")) >= 1000);
    }
}
