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
        add("2026-01-15 10:00+00");
        add("2026-02-15 10:00+00");
    }

    private void add(String hour) {
        database.run("INSERT INTO pending_total VALUES ('default', '%s', 'temperature', 2, 2, 3, 1, 2)".formatted(hour));
    }

    @Test
    void theyAreAddedOnce() {
        assertEquals("2", addPending());
        add("2026-02-15 10:00+00");
        assertEquals("1", addPending());
        assertEquals("0", addPending());
        assertEquals("2 4", database.ask("SELECT string_agg(events::text, ' ' ORDER BY hour) FROM rollup_total"));
    }

    @Test
    void thoseOfAMonthThatIsBeingDroppedWaitUntilItHasGone() {
        leave();
        assertEquals("1", addPending(), "those of the other month");
        String partition = database.ask("SELECT name FROM rollup_partition WHERE leaving");
        database.run("DROP TABLE " + partition);
        database.run("DELETE FROM rollup_partition WHERE leaving");
        assertEquals("1", addPending());
        assertEquals("2 2", database.ask("SELECT string_agg(events::text, ' ' ORDER BY hour) FROM rollup_total"));
        assertEquals("2", database.ask("SELECT count(*) FROM rollup_partition"), "made again, so that they expire with it");
    }

    @Test
    void aMonthIsNotClosedWhileTotalsAreAddedToIt() throws Exception {
        database.askDuring(first -> run(first, "SELECT add_pending_totals()"), second -> {
            run(second, "UPDATE rollup_partition SET leaving = true WHERE from_time = '2026-01-01 00:00+00'");
            return null;
        });
        assertEquals("2026-02-15", database.ask("SELECT string_agg((hour AT TIME ZONE 'UTC')::date::text, ' ') FROM rollup_total"));
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
