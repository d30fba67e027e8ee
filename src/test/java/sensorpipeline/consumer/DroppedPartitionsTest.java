package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sensorpipeline.support.Readings.json;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.stream.IntStream;
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
import sensorpipeline.support.Servers;

/** An operator drops or detaches partitions by hand, to make room: what comes later is stored. */
class DroppedPartitionsTest {

    private static final Settings SETTINGS = Servers.settingsWithQuickRetention();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER));
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final Database DATABASE = new Database(SETTINGS);
    private static final Instant DAY = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(10));

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
        DEVICES.awaitDone();
        DATABASE.run("DELETE FROM tenant_retention; DELETE FROM tenant_expired; DELETE FROM dead_letter");
        DATABASE.empty();
    }

    private static String[] readings(Instant from, int count) {
        return IntStream.range(0, count).mapToObj(i -> json("sensor", from.plusSeconds(i).toString(), 1)).toArray(String[]::new);
    }

    private static void awaitRolledUp() {
        Awaitility.await().until(() -> DATABASE.ask("SELECT count(*) FROM batch WHERE NOT rolled_up").equals("0"));
    }

    private static void awaitTotals() {
        Awaitility.await().until(() -> DATABASE.ask("SELECT count(*) FROM pending_total").equals("0"));
    }

    private static String partitionOf(Instant time) {
        return DATABASE.ask("SELECT name FROM reading_partition WHERE '%1$s' >= from_time AND '%1$s' < until_time".formatted(time));
    }

    @Test
    void readingsOfTheDayOfADroppedPartitionAreStored() {
        DEVICES.send(readings(DAY, 10));
        DATABASE.awaitReadings(10);
        DATABASE.run("DROP TABLE " + partitionOf(DAY));
        // Of the same hour, newer and older than those that were stored.
        DEVICES.send(readings(DAY.plusSeconds(5), 10));
        DATABASE.awaitReadings(10);
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM dead_letter"));
        awaitRolledUp();
        assertEquals("20", DATABASE.ask("SELECT sum(events) FROM rollup_hour"), "statistics keep what was dropped");
    }

    @Test
    void readingsAreStoredAlsoWhileTheirPartitionIsDroppedAgainAndAgain() {
        int sent = 0;
        for (int round = 0; round < 20; round++) {
            DEVICES.send(readings(DAY.plusSeconds(sent), 100));
            sent += 100;
            // While some of them are about to be stored.
            DATABASE.run("DROP TABLE IF EXISTS " + partitionOf(DAY));
        }
        DEVICES.awaitDone();
        DATABASE.run("TRUNCATE reading");
        DEVICES.send(readings(DAY.plusSeconds(sent), 100));
        DATABASE.awaitReadings(100);
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM dead_letter"));
        // What was dropped while the rest of its batch was tried again was stored twice.
        assertTrue(Integer.parseInt(DATABASE.ask("SELECT sum(readings) FROM batch")) >= sent + 100, "each was stored, although most were dropped");
    }

    @Test
    void aDetachedPartitionKeepsItsReadingsAndAnotherTakesTheNextOnes() {
        DEVICES.send(readings(DAY, 10));
        DATABASE.awaitReadings(10);
        String partition = partitionOf(DAY);
        DATABASE.run("ALTER TABLE reading DETACH PARTITION " + partition);
        try {
            DEVICES.send(readings(DAY.plusSeconds(60), 5));
            DATABASE.awaitReadings(5);
            assertEquals("10", DATABASE.ask("SELECT count(*) FROM " + partition));
            assertEquals("0", DATABASE.ask("SELECT count(*) FROM dead_letter"));
        } finally {
            DATABASE.run("DROP TABLE " + partition);
        }
    }

    @Test
    void statisticsOfAMonthWhosePartitionIsDroppedBeginAnew() {
        DEVICES.send(readings(DAY, 10));
        DATABASE.awaitReadings(10);
        awaitRolledUp();
        awaitTotals();
        DATABASE.run("DROP TABLE " + DATABASE.ask("SELECT name FROM rollup_partition WHERE '%1$s' >= from_time AND '%1$s' < until_time".formatted(DAY)));
        DEVICES.send(readings(DAY.plusSeconds(60), 5));
        DATABASE.awaitReadings(15);
        awaitRolledUp();
        awaitTotals();
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM dead_letter"));
        assertEquals("5 5 5", DATABASE.ask("SELECT concat_ws(' ', (SELECT sum(events) FROM rollup_hour), (SELECT sum(events) FROM rollup_month), (SELECT sum(events) FROM rollup_total JOIN series_group USING (group_id) WHERE kind = 'all'))"));
    }

    @Test
    void otherPartitionsExpireAsBefore() {
        DEVICES.send(readings(DAY, 10));
        DEVICES.send(readings(DAY.plus(Duration.ofDays(2)), 10));
        DATABASE.awaitReadings(20);
        awaitRolledUp();
        DATABASE.run("DROP TABLE " + partitionOf(DAY));
        DATABASE.run("INSERT INTO tenant_retention VALUES ('default', '3 days', 'infinity')");
        // With their partition, or row by row if a round has just looked for partitions.
        Awaitility.await("the readings are gone").atMost(Duration.ofMinutes(1)).until(() -> DATABASE.readings() == 0);
    }
}
