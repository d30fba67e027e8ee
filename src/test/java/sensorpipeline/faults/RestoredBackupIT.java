package sensorpipeline.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.support.Database;
import sensorpipeline.support.Installation;
import sensorpipeline.support.ProgramProcess;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Trial;

/** The drills of docs/operations.md: PostgreSQL is lost and restored from a backup, or Kafka is lost and recreated. */
class RestoredBackupIT {

    private static final String WAITING = "SELECT count(*) FROM batch WHERE in_memory AND NOT rolled_up";
    private static final String ROLLUPS = """
            (TABLE counted EXCEPT TABLE known) UNION ALL (TABLE known EXCEPT TABLE counted)""";
    private static final List<String> WRONG_STATISTICS = List.of("""
            WITH counted AS (SELECT * FROM hours_of_readings(NULL, '-infinity', 'infinity')),
                 known AS (SELECT hour, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at FROM rollup_hour)
            """, """
            WITH counted AS (SELECT date_trunc('month', hour, 'UTC'), series_id, "position", sum(readings), sum(scaled_total), min(lowest), max(highest)
                             FROM hours_of_readings(NULL, '-infinity', 'infinity') GROUP BY 1, 2, 3),
                 known AS (SELECT month, series_id, "position", sum(readings), sum(scaled_total), min(lowest), max(highest) FROM monthly_rollups GROUP BY 1, 2, 3)
            """, """
            WITH counted AS (%s), known AS (%s)
            """.formatted(Database.RECOUNTED_TOTALS, Database.TOTALS));

    private static Installation installation;

    @BeforeAll
    static void start() {
        installation = Installation.own();
    }

    @AfterAll
    static void stop() {
        installation.close();
    }

    private static Path backUp() {
        Path backup = ProgramProcess.folder("backup").resolve("postgresql");
        installation.postgresql().backUp(backup);
        return backup;
    }

    private static Readings devices(Trial trial) {
        return new Readings(installation.direct(trial.settings()));
    }

    /** @return what docs/operations.md resets the group to: the committed offsets, and the start of partitions that have none yet */
    private static Map<TopicPartition, Long> committed(Trial trial) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        trial.fleet().partitions().forEach(partition -> offsets.put(partition, 0L));
        offsets.putAll(trial.fleet().committed());
        return offsets;
    }

    private static long ask(Trial trial, String sql) {
        return Long.parseLong(trial.database().ask(sql));
    }

    /** Replaces the database by the backup. */
    private static void restore(Path backup) {
        installation.postgresql().lose();
        installation.postgresql().restore(backup);
    }

    private static void awaitStatistics(Trial trial) {
        Awaitility.await("all batches are in the statistics").atMost(Duration.ofMinutes(1))
                .until(() -> ask(trial, "SELECT count(*) FROM batch WHERE NOT rolled_up") == 0);
    }

    private static void awaitExpiry(Trial trial) {
        Awaitility.await("all readings have gone").atMost(Duration.ofMinutes(1)).until(() -> trial.database().readings() == 0);
    }

    private static void assertStatisticsAreARecount(Trial trial) {
        awaitStatistics(trial);
        for (String question : WRONG_STATISTICS) {
            assertEquals(0, ask(trial, question + "SELECT count(*) FROM (" + ROLLUPS + ") AS difference"), question);
        }
    }

    private static void assertDeadLettersAreThoseOfTheTopic(Trial trial) {
        try (Readings devices = devices(trial)) {
            Set<String> places = devices.deadLetters().stream()
                    .map(letter -> Readings.header(letter, "dead-letter-partition") + "/" + Readings.header(letter, "dead-letter-offset")).collect(Collectors.toSet());
            assertTrue(!places.isEmpty());
            assertEquals(places.size(), ask(trial, "SELECT count(*) FROM dead_letter"));
            assertEquals(places.size(), ask(trial, "SELECT count(DISTINCT (topic, \"partition\", \"offset\")) FROM dead_letter"));
        }
    }

    private static List<String> readings(String sensor, Instant from, int count) {
        return IntStream.range(0, count).mapToObj(i -> Readings.json(sensor, from.plusMillis(i).toString(), i)).toList();
    }

    @Test
    void storesWhatARestoredBackupLacks() {
        try (Trial trial = new Trial(installation).underLoad()) {
            trial.fleet().sendNoReadings(5);
            Path backup = backUp();
            trial.awaitMoreReadings();
            trial.fleet().sendNoReadings(5);
            trial.awaitMoreReadings();
            installation.postgresql().lose();
            trial.awaitUnhealthy();
            trial.stopConsumer();
            installation.postgresql().restore(backup);
            assertThrows(AssertionError.class, trial.fleet()::assertNothingPassedBy, "nothing is missing, so this test proves nothing");
            trial.startConsumer();
            trial.settle();
            assertStatisticsAreARecount(trial);
            assertDeadLettersAreThoseOfTheTopic(trial);
        }
    }

    /** The consumer is not stopped, and nothing is sent that would make it notice. */
    @Test
    void storesWhatARestoredBackupLacksThoughNothingIsSent() {
        try (Trial trial = new Trial(installation); Readings devices = devices(trial)) {
            trial.startConsumer();
            devices.sendTo(trial.settings().text("topic.name"), readings("before", Instant.parse("2025-01-15T10:30:00Z"), 10));
            devices.awaitDone();
            Path backup = backUp();
            devices.sendTo(trial.settings().text("topic.name"), readings("after", Instant.parse("2025-01-15T10:30:00Z"), 10));
            devices.awaitDone();
            restore(backup);
            trial.database().awaitReadings(20);
            assertEquals(10, ask(trial, "SELECT count(*) FROM readings WHERE sensor_id = 'after'"));
            trial.awaitHealthy();
            assertStatisticsAreARecount(trial);
        }
    }

    /** A dead letter was replayed after the backup: it is pending again, and its second failure is still recognised. */
    @Test
    void keepsEachDeadLetterOnceWhenABackupIsRestoredAndTheOffsetsOfAnHourBefore() {
        try (Trial trial = new Trial(installation); Readings devices = devices(trial)) {
            trial.startConsumer();
            devices.send("bad 1", "bad 2", "bad 3", Readings.json("good", "2025-01-15T10:30:00Z", 1));
            devices.awaitDone();
            Path backup = backUp();
            Instant began = Instant.now();
            trial.database().run("UPDATE dead_letter SET status = 'replaying' WHERE id = 1");
            Awaitility.await("a replay that fails again").until(() -> ask(trial, "SELECT count(*) FROM dead_letter WHERE replay_of = 1") == 1);
            devices.send("bad 4", Readings.json("good", "2025-01-15T10:30:01Z", 2));
            devices.awaitDone();
            assertEquals(5, ask(trial, "SELECT count(*) FROM dead_letter"));
            trial.stopConsumer();
            restore(backup);
            assertEquals(3, ask(trial, "SELECT count(*) FROM dead_letter WHERE status = 'waiting'"));
            trial.fleet().setBack(trial.fleet().offsetsAt(began.minus(1, ChronoUnit.HOURS)));
            trial.startConsumer();
            devices.awaitDone();
            assertDeadLettersAreThoseOfTheTopic(trial);
            assertEquals(5, ask(trial, "SELECT count(*) FROM dead_letter WHERE status = 'waiting'"));
            assertEquals(1, ask(trial, "SELECT count(*) FROM dead_letter WHERE replay_of = 1"));
            assertEquals(2, trial.database().readings());
            assertStatisticsAreARecount(trial);
        }
    }

    @Test
    void countsOnceWhatWaitedInTheMemoryOfAProgramForItsStatistics() {
        try (Trial trial = new Trial(installation).with("rollup.interval", 600_000); Readings devices = devices(trial)) {
            Instant time = Instant.parse("2025-01-15T10:30:00Z");
            // Enough series for a batch to await its rollup, except in the first second of a program.
            for (int round = 0; round == 0 || ask(trial, WAITING) == 0; round++) {
                String at = time.plusMillis(round).toString();
                trial.startConsumer();
                devices.sendTo(trial.settings().text("topic.name"), IntStream.range(0, 3000).mapToObj(i -> Readings.json("sensor-" + i, at, i)).toList());
                devices.awaitDone();
                trial.stopConsumer();
            }
            long stored = trial.database().readings();
            Path backup = backUp();
            trial.startConsumer();
            devices.send(Readings.json("sensor-0", time.plusSeconds(1).toString(), 7));
            devices.awaitDone();
            trial.stopConsumer();
            restore(backup);
            assertTrue(ask(trial, WAITING) > 0, "nothing waited, so this test proves nothing");
            trial.with("rollup.interval", 100).startConsumer();
            trial.database().awaitReadings(stored + 1);
            devices.awaitDone();
            assertEquals(stored + 1, trial.database().readings());
            assertStatisticsAreARecount(trial);
        }
    }

    /** Readings stored after the backup have expired at the restore: they are counted if they are retained until the store has caught up. */
    @Test
    void countsOnceWhatHasExpiredMeanwhile() {
        try (Trial trial = new Trial(installation).with("store.partition.width", "1 hour").with("retention.interval", "300ms")
                .with("retention.refresh.interval", 100).with("retention.drop.interval", 200).with("rollup.interval", 100); Readings devices = devices(trial)) {
            String topic = trial.settings().text("topic.name");
            String counted = "SELECT coalesce(sum(readings), 0) FROM rollup_hour";
            Instant now = Instant.now();
            trial.startConsumer();
            devices.sendTo(topic, readings("gone before the backup", now.minus(10, ChronoUnit.HOURS), 50));
            devices.awaitDone();
            awaitStatistics(trial);
            trial.database().run("INSERT INTO tenant_retention VALUES ('default', '7 hours', '1 year')");
            awaitExpiry(trial);
            devices.sendTo(topic, readings("in the backup", now.minus(5, ChronoUnit.HOURS), 50));
            devices.awaitDone();
            Path backup = backUp();
            devices.sendTo(topic, readings("after the backup", now.minus(5, ChronoUnit.HOURS), 50));
            devices.awaitDone();
            awaitStatistics(trial);
            assertEquals(150, ask(trial, counted));
            trial.stopConsumer();
            restore(backup);
            awaitStatistics(trial);
            assertEquals(100, ask(trial, counted));
            // Simulates three hours passing: the retention becomes two hours, but only after the store has caught up.
            trial.database().run("UPDATE tenant_retention SET raw = '1 year'");
            trial.startConsumer();
            trial.database().awaitReadings(100);
            devices.awaitDone();
            awaitStatistics(trial);
            trial.database().run("UPDATE tenant_retention SET raw = '2 hours'");
            awaitExpiry(trial);
            assertEquals(150, ask(trial, counted));
            assertEquals(0, ask(trial, "SELECT count(*) FROM dead_letter"));
        }
    }

    /** The backup does not know the tenant's topic, so all of the topic is stored again. */
    @Test
    void storesTheReadingsOfATenantWhoCameAfterTheBackup() throws Exception {
        try (Trial trial = new Trial(installation); Readings devices = devices(trial)) {
            String topic = trial.settings().text("topic.name");
            trial.startConsumer();
            devices.sendTo(topic, readings("sensor", Instant.parse("2025-01-15T10:30:00Z"), 10));
            devices.awaitDone();
            Path backup = backUp();
            trial.fleet().admin().createTopics(List.of(new NewTopic(topic + ".late", 1, (short) 1))).all().get(20, TimeUnit.SECONDS);
            devices.sendTo(topic + ".late", readings("sensor", Instant.parse("2025-01-15T10:30:00Z"), 10));
            trial.database().awaitReadings(20);
            devices.awaitDone();
            trial.stopConsumer();
            restore(backup);
            assertEquals(10, trial.database().readings());
            trial.startConsumer();
            trial.database().awaitReadings(20);
            devices.awaitDone();
            assertEquals(10, ask(trial, "SELECT count(*) FROM readings WHERE tenant = 'late'"));
            assertStatisticsAreARecount(trial);
        }
    }

    /** The series ids that the consumer has cached belong to other series in the restored database. */
    @Test
    void storesReadingsForTheirOwnSensorsThroughAConsumerThatNobodyStopped() {
        try (Trial trial = new Trial(installation); Readings devices = devices(trial)) {
            trial.startConsumer();
            devices.send(Readings.json("sensor-0", "2025-01-15T10:30:00Z", 0));
            devices.awaitDone();
            Path backup = backUp();
            List<String> later = IntStream.rangeClosed(1, 5).mapToObj(i -> Readings.json("sensor-" + i, "2025-01-15T10:30:00Z", i)).toList();
            devices.sendTo(trial.settings().text("topic.name"), later);
            devices.awaitDone();
            installation.postgresql().lose();
            trial.awaitUnhealthy();
            installation.postgresql().restore(backup);
            trial.awaitHealthy();
            for (int i = 9; i >= 1; i--) {
                devices.send(Readings.json("sensor-" + i, "2025-01-15T10:30:01Z", i));
                devices.awaitDone();
            }
            assertEquals(15, trial.database().readings());
            assertEquals(9, ask(trial, "SELECT count(*) FROM readings WHERE at > '2025-01-15T10:30:00Z' AND sensor_id = 'sensor-' || \"values\"[1]"));
        }
    }

    @Test
    void storesTheRecordsOfANewKafkaWhoseOffsetsAreThoseOfTheOldOne() {
        try (Trial trial = new Trial(installation)) {
            Instant time = Instant.parse("2025-01-15T10:30:00Z");
            trial.startConsumer();
            sendToOnePartition(trial, time);
            awaitDone(trial);
            trial.stopConsumer();
            installation.broker().lose();
            installation.broker().start();
            trial.startConsumer();
            sendToOnePartition(trial, time.plusSeconds(1));
            awaitDone(trial);
            assertEquals(20, trial.database().readings());
            assertEquals(20, ask(trial, "SELECT count(*) FROM dead_letter"));
            assertEquals(10, ask(trial, "SELECT count(DISTINCT (topic, \"partition\", \"offset\")) FROM dead_letter"));
            trial.stopConsumer();
            // Simulates kept or restored offsets of the old Kafka: they are beyond the end of the new log.
            trial.fleet().setBack(Map.of(new TopicPartition(trial.settings().text("topic.name"), 0), 1000L));
            sendToOnePartition(trial, time.plusSeconds(2));
            trial.startConsumer();
            awaitDone(trial);
            assertEquals(30, trial.database().readings());
            assertEquals(30, ask(trial, "SELECT count(*) FROM dead_letter"));
            assertStatisticsAreARecount(trial);
        }
    }

    private static void sendToOnePartition(Trial trial, Instant time) {
        String topic = trial.settings().text("topic.name");
        try (Readings devices = devices(trial)) {
            devices.sendRecords(IntStream.range(0, 20).mapToObj(i -> new ProducerRecord<byte[], byte[]>(topic, 0, null,
                    (i % 2 == 0 ? "bad " + i : Readings.json("sensor-" + i, time.toString(), i)).getBytes(StandardCharsets.UTF_8))).toList());
        }
    }

    private static void awaitDone(Trial trial) {
        TopicPartition partition = new TopicPartition(trial.settings().text("topic.name"), 0);
        Awaitility.await("all of it is done").atMost(Duration.ofMinutes(1)).ignoreExceptions()
                .until(() -> committed(trial).getOrDefault(partition, -1L) == trial.fleet().end(partition));
    }
}
