package sensorpipeline.support;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;
import sensorpipeline.Settings;

/** What a test asks PostgreSQL about, on a connection with all rights. */
public final class Database {

    private final Settings settings;

    /** @param settings with the database */
    public Database(Settings settings) {
        this.settings = settings;
    }

    /** @return the first column of the first row, as text */
    public String ask(String sql) {
        try (Connection connection = Servers.connect(settings); Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Runs a statement. */
    public void run(String sql) {
        try (Connection connection = Servers.connect(settings); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** @return how many readings are stored, 0 if there is no table yet */
    public long readings() {
        return ask("SELECT to_regclass('reading')") == null ? 0 : Long.parseLong(ask("SELECT count(*) FROM reading"));
    }

    /** Returns when so many readings are stored; fails after a minute, or if there are more. */
    public void awaitReadings(long count) {
        awaitReadings(count, Duration.ofMinutes(1));
    }

    /** Returns when so many readings are stored; fails after a time, or if there are more. */
    public void awaitReadings(long count, Duration limit) {
        Awaitility.await(count + " readings").atMost(limit).pollInterval(Duration.ofMillis(50))
                .failFast(() -> readings() > count).until(() -> readings() == count);
    }
}
