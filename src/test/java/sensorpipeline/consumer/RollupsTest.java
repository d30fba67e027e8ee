package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.database.Databases;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** When rollups in memory are written, and in which transaction. Here each second batch of many series makes them due, because they then are few for their readings. */
class RollupsTest {

    private static final String HOUR = "2025-03-01T00:00:00Z";
    private static final long START = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(HOUR));
    private static final ConsumerRecord<byte[], byte[]> RECORD = new ConsumerRecord<>("sensor-data", 0, 0, null, null);
    private static final MetricPositions METRICS = new MetricPositions(List.of("temperature"));
    private static final int MANY = 1001;
    private static final int READINGS_A_SERIES = 25;
    private static final String PENDING = "SELECT count(*) FROM batch WHERE in_memory AND NOT rolled_up";
    private static final String ROLLED_UP = "SELECT count(*) FROM batch WHERE rolled_up";
    /** Compares the rollups with an aggregation of all readings. */
    private static final String RECOUNT = """
            WITH recounted AS (
                SELECT date_trunc('hour', at, 'UTC') AS hour, series_id, count(*) AS readings, min(at) AS first_at, max(at) AS last_at,
                       avg("values"[1]) AS average, min("values"[1]) AS lowest, max("values"[1]) AS highest
                FROM reading GROUP BY 1, 2
            )
            SELECT count(*) FILTER (WHERE (c.readings, c.readings, c.first_at, c.last_at, c.average, c.lowest, c.highest) IS DISTINCT FROM
                                          (r.readings, r.events, r.first_at, r.last_at, average_of(r.scaled_total, r.readings), r.lowest, r.highest))
                   || ' of ' || count(*) FROM recounted c FULL JOIN rollup_hour r USING (hour, series_id)""";

    private final Settings settings = Servers.settings();
    private final Database database = new Database(settings);
    private final HikariDataSource pool = Databases.schema(settings);
    private final Rollups rollups = new Rollups(pool, Duration.ofHours(1));
    private final BulkCopy bulkCopy = new BulkCopy(pool, rollups);
    private long generation;
    private int batches;
    private int group;

    @BeforeEach
    void prepare() {
        group = Integer.parseInt(database.ask("""
                SELECT max(group_id) FROM number_series((
                    SELECT jsonb_agg(jsonb_build_object('position', i, 'tenant', 'default', 'sensor_id', 'sensor-' || i, 'location', NULL, 'metrics', ARRAY['temperature']))
                    FROM generate_series(1, %d) AS i), 100000, 900)""".formatted(MANY)));
        database.ask("SELECT make_reading_partitions(ARRAY[timestamptz '%1$s'], '24 hours'), make_rollup_partitions(ARRAY[timestamptz '%1$s'])".formatted(HOUR));
        generation = Long.parseLong(database.ask("SELECT series_generation()"));
    }

    @AfterEach
    void close() {
        pool.close();
    }

    /** Stores a batch of this number of series. */
    private void copy(int series) throws SQLException {
        bulkCopy.copy(batch(series));
    }

    private NumberedBatch batch(int series) {
        ReadingBatch origin = new ReadingBatch(0, null);
        origin.beginNumbering(generation);
        List<NumberedReading> readings = new ArrayList<>();
        for (int number = 1; number <= series; number++) {
            NumberedSeries numbered = new NumberedSeries("default", number, group, METRICS, Long.MIN_VALUE);
            for (int second = batches * READINGS_A_SERIES; second < (batches + 1) * READINGS_A_SERIES; second++) {
                readings.add(new NumberedReading(numbered, START + TimeUnit.SECONDS.toMicros(second), RECORD, new Content(null, new double[] {number + second}, null, 0, 0)));
            }
        }
        batches++;
        return new NumberedBatch(origin, readings);
    }

    private void copyBatchesOfManySeries(int count) throws SQLException {
        for (int i = 0; i < count; i++) {
            copy(MANY);
        }
    }

    private void assertBatches(int pending, int rolledUp) {
        assertEquals(pending + " pending, " + rolledUp + " rolled up", database.ask(PENDING) + " pending, " + database.ask(ROLLED_UP) + " rolled up");
    }

    private void assertEqualARecount() {
        assertEquals("0 of " + MANY, database.ask(RECOUNT));
    }

    @Test
    void aBatchDoesNotWaitForManyDueRollups() throws SQLException {
        try (Connection other = Servers.connect(settings); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            // Writing rollups takes as long as this transaction; after 30 s it would fail.
            statement.execute("LOCK TABLE rollup_hour IN SHARE MODE");
            copyBatchesOfManySeries(4);
            assertBatches(4, 0);
        }
        rollups.write();
        assertBatches(0, 4);
        assertEqualARecount();
    }

    @ParameterizedTest
    @CsvSource({"0, true", "1000000000000, false"})
    void rollupsWaitForFurtherReadingsOnlyWhileReadingsAreStored(long longestPause, boolean areDue) {
        HourRollups waiting = new HourRollups(rows -> rows == 0 ? longestPause : Long.MAX_VALUE);
        waiting.add(batch(MANY));
        waiting.noteStored(1);
        assertEquals(areDue, waiting.areDue());
    }

    @Test
    void fewDueRollupsAreWrittenWithTheirBatch() throws SQLException {
        copy(MANY - 1);
        assertBatches(0, 1);
    }

    @Test
    void moreThanTwoDueRollupsAreWrittenWithTheirBatch() throws SQLException {
        copyBatchesOfManySeries(4);
        assertBatches(4, 0);
        copyBatchesOfManySeries(2);
        assertBatches(4, 2);
        rollups.write();
        assertBatches(0, 6);
        assertEqualARecount();
        copyBatchesOfManySeries(2);
        assertBatches(2, 6);
        rollups.write();
        assertBatches(0, 8);
        assertEqualARecount();
    }

    @Test
    void dueRollupsThatAnotherProgramBuiltMeanwhileAreDropped() throws SQLException {
        copyBatchesOfManySeries(2);
        database.ask("SELECT roll_up_batches(1, '0 s')");
        assertBatches(1, 1);
        rollups.write();
        assertBatches(0, 1);
        database.ask("SELECT roll_up_batches(1, '0 s')");
        assertBatches(0, 2);
        assertEqualARecount();
    }

    @Test
    void dueRollupsAreForgottenWithTheOthers() throws SQLException {
        copyBatchesOfManySeries(3);
        rollups.forget();
        rollups.write();
        assertBatches(3, 0);
        database.ask("SELECT roll_up_batches(3, '0 s')");
        assertBatches(0, 3);
        assertEqualARecount();
    }
}
