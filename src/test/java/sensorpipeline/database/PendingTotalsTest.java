package sensorpipeline.database;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** Totals leave with the hours of their month, although they are written apart from them. */
class PendingTotalsTest {

    private final Settings settings = Servers.settings();
    private final Database database = new Database(settings);

    @BeforeEach
    void aBatchHasAddedTotals() {
        database.run("SELECT make_rollup_partitions('2026-01-01', '2026-02-01')");
        database.run("SELECT number_series('[{\"position\":0,\"tenant\":\"default\",\"sensor_id\":\"a\",\"location\":\"hall\",\"metrics\":[\"temperature\"]}]', 10, 10)");
        add("2026-01-15 10:00+00");
        add("2026-02-15 10:00+00");
    }

    private void add(String hour) {
        database.run("""
                SELECT add_totals(ARRAY[ROW(group_id, '%1$s', 'temperature', 2, 2, '%1$s', '%1$s', 3, 1, 2, '%1$s')::hour_total])
                FROM series_group WHERE kind = 'location'""".formatted(hour));
    }

    @Test
    void theyAreAddedOnce() {
        assertEquals("2", addPending());
        add("2026-02-15 10:00+00");
        assertEquals("1", addPending());
        assertEquals("0", addPending());
        assertEquals("2 2 4 4", events());
    }

    @Test
    void thoseOfAMonthThatIsBeingDroppedWaitUntilItHasGone() {
        leave();
        assertEquals("1", addPending(), "those of the other month");
        String partition = database.ask("SELECT name FROM rollup_partition WHERE leaving");
        database.run("DROP TABLE " + partition);
        database.run("DELETE FROM rollup_partition WHERE leaving");
        assertEquals("1", addPending());
        assertEquals("2 2 2 2", events());
        assertEquals("2", database.ask("SELECT count(*) FROM rollup_partition"), "made again, so that they expire with it");
    }

    @Test
    void aMonthIsNotClosedWhileTotalsAreAddedToIt() throws Exception {
        database.askDuring(first -> run(first, "SELECT add_pending_totals()"), second -> {
            run(second, "UPDATE rollup_partition SET leaving = true WHERE from_time = '2026-01-01 00:00+00'");
            return null;
        });
        assertEquals("2026-02-15", database.ask("SELECT string_agg(DISTINCT (hour AT TIME ZONE 'UTC')::date::text, ' ') FROM rollup_total"));
    }

    /** @return those of the location and of all, for each hour and as sums of its month, which are the same here */
    private String events() {
        String events = database.ask("SELECT string_agg(events::text, ' ' ORDER BY hour, group_id) FROM rollup_total");
        assertEquals(events, database.ask("SELECT string_agg(events::text, ' ' ORDER BY month, group_id) FROM rollup_total_month"));
        return events;
    }

    private String addPending() {
        return database.ask("SELECT add_pending_totals()");
    }

    private void leave() {
        database.run("UPDATE rollup_partition SET leaving = true WHERE from_time = '2026-01-01 00:00+00'");
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
