package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
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

/** A query for the newest readings does not read all that was stored lately. */
class NewPagesTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER));
    private static final int COUNT = 20_000;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    /** @return blocks of the table that the index cannot exclude, although no reading matches */
    private static long blocksOfNoBatch() throws Exception {
        try (Connection connection = Servers.connect(SETTINGS); Statement statement = connection.createStatement()) {
            statement.execute("SET enable_seqscan = off");
            statement.execute("SET enable_indexscan = off");
            try (ResultSet row = statement.executeQuery("EXPLAIN (ANALYZE, FORMAT JSON) SELECT FROM reading WHERE batch_id = -1")) {
                row.next();
                long blocks = 0;
                for (JsonNode scan : new ObjectMapper().readTree(row.getString(1)).findParents("Lossy Heap Blocks")) {
                    blocks += scan.path("Lossy Heap Blocks").asLong();
                }
                return blocks;
            }
        }
    }

    private static String json(int i) {
        return "{\"sensor_id\":\"s%d\",\"timestamp\":\"%s\",\"a\":%d}".formatted(i % 100, Instant.parse("2025-03-01T00:00:00Z").plusMillis(i), i);
    }

    @Test
    void newPagesAreSummarizedSeveralTimesASecond() throws Exception {
        PIPELINE.camel().getRouteController().stopRoute("summarize-pages");
        Database database = new Database(SETTINGS);
        try (Readings devices = new Readings(SETTINGS)) {
            devices.send(json(0));
            database.awaitReadings(1);
            // It would summarize pages as well.
            database.run("ALTER TABLE " + database.ask("SELECT name FROM reading_partition") + " SET (autovacuum_enabled = off)");
            devices.sendTo(SETTINGS.text("topic.name"), IntStream.range(0, COUNT).mapToObj(NewPagesTest::json).toList());
            database.awaitReadings(COUNT);
        }
        assertTrue(blocksOfNoBatch() > COUNT / 200, "without the route, the index cannot exclude the new pages");
        // As if they had just been stored, however slow the machine is.
        database.run("UPDATE batch SET stored_at = now()");
        PIPELINE.camel().getRouteController().startRoute("summarize-pages");
        Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> blocksOfNoBatch() == 0);
    }
}
