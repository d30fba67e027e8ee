package sensorpipeline.database;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** Merges of readings that another transaction is changing. They wait for it. */
class MergeReadingsTest {

    private static final int PARTITIONS = 40;
    private static final List<String> TIMES = Stream.iterate(LocalDate.of(2026, 1, 1), day -> day.plusDays(1)).limit(PARTITIONS).map(LocalDate::toString).toList();

    private final Settings settings = Servers.settings();
    private final Database database = new Database(settings);

    @BeforeEach
    void storesAReadingInEachOfManyPartitions() throws SQLException {
        database.run("SELECT number_series('[{\"position\":0,\"tenant\":\"default\",\"sensor_id\":\"a\",\"location\":null,\"metrics\":[\"x\",\"y\",\"z\"]}]', 100, 100)");
        database.run("SELECT make_reading_partitions(ARRAY['%s']::timestamptz[], '1 day')".formatted(String.join("','", TIMES)));
        database.run("SELECT make_rollup_partitions('%s', '%s')".formatted(TIMES.get(0), TIMES.get(TIMES.size() - 1)));
        try (Connection connection = Servers.connect(settings)) {
            assertEquals(List.of(), merge(connection, "{1}"));
        }
    }

    @Test
    void aMergeWaitsForTheRollupOfTheBatchOfAReadingThatItCompletes() throws Exception {
        assertEquals(all("completed"), database.askDuring(first -> run(first, "UPDATE batch SET rolled_up = true"), second -> merge(second, "{1,2}")));
        assertEquals(PARTITIONS + " {1,2}", stored());
    }

    @Test
    void twoMergesOfOneReadingAddWhatEachBrings() throws Exception {
        assertEquals(all("completed"), database.askDuring(first -> assertEquals(all("completed"), merge(first, "{1,2}")), second -> merge(second, "{NULL,NULL,3}")));
        assertEquals(PARTITIONS + " {1,2,3}", stored());
    }

    @Test
    void ofTwoMergesWithOtherValuesTheSecondIsAConflict() throws Exception {
        assertEquals(all("conflict"), database.askDuring(first -> merge(first, "{1,2}"), second -> merge(second, "{1,7}")));
        assertEquals(PARTITIONS + " {1,2}", stored());
    }

    @Test
    void readingsThatAreDeletedMeanwhileAreStoredAnew() throws Exception {
        assertEquals(List.of("completed"), database.askDuring(first -> run(first, "DELETE FROM reading WHERE at >= '2026-01-02'"), second -> merge(second, "{1,2}")));
        assertEquals(PARTITIONS + " {1,2}", stored());
    }

    private static List<String> all(String outcome) {
        return Collections.nCopies(PARTITIONS, outcome);
    }

    private String stored() {
        return database.ask("SELECT string_agg(format('%s %s', count, \"values\"), ', ' ORDER BY \"values\") FROM (SELECT count(*), \"values\" FROM reading GROUP BY \"values\") AS counted");
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** @return what became of the readings at these times, with these values, if they were not new */
    private static List<String> merge(Connection connection, String values) throws SQLException {
        String sql = """
                SELECT coalesce(array_agg(outcome ORDER BY "position"), '{}') FROM merge_readings(
                    ARRAY(SELECT ROW(1, at, now(), ?::float8[], NULL)::given_reading FROM unnest(?::timestamptz[]) AS at), '{}', '[]', 3, series_generation())""";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, values);
            statement.setArray(2, connection.createArrayOf("text", TIMES.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return List.of((String[]) rows.getArray(1).getArray());
            }
        }
    }
}
