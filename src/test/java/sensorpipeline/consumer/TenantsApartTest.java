package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static sensorpipeline.support.Readings.json;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** One consumer stores the readings of several tenants: what holds up one of them does not hold up the others. */
class TenantsApartTest {

    private static final Settings SETTINGS = Servers.settings().with("store.consumers", 1).with("retry.maximum.delay", 1000);
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

    /** A reading for each day of a month. */
    private static List<String> readings(int month, int days) {
        return IntStream.rangeClosed(1, days).mapToObj(day -> json("sensor", "2025-%02d-%02dT10:30:00Z".formatted(month, day), day)).toList();
    }

    private static String count(String tenant) {
        return DATABASE.ask("SELECT count(*) FROM readings WHERE tenant = '" + tenant + "'");
    }

    @Test
    void aTenantThatWaitsForANewPartitionDoesNotHoldUpAnother() throws Exception {
        DEVICES.sendTo(TOPIC + ".free", readings(3, 28));
        DATABASE.awaitReadings(28);
        try (Connection operator = Servers.connect(SETTINGS); Statement statement = operator.createStatement()) {
            operator.setAutoCommit(false);
            // As VACUUM, CREATE INDEX CONCURRENTLY and the detaching of another partition do.
            statement.execute("LOCK TABLE reading IN SHARE UPDATE EXCLUSIVE MODE");
            for (int round = 1; round <= 3; round++) {
                int hour = round;
                DEVICES.sendTo(TOPIC + ".waiting", readings(round, 28));
                DEVICES.sendTo(TOPIC + ".free", readings(3, 28).stream().map(reading -> reading.replace("T10:", "T1" + hour + ":")).toList());
                String expected = String.valueOf(28 * (round + 1));
                Awaitility.await("readings of the other tenant").atMost(Duration.ofSeconds(30)).until(() -> count("free").equals(expected));
            }
            assertEquals("0", count("waiting"));
            operator.rollback();
        }
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> count("waiting").equals("84"));
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM dead_letter"));
    }
}
