package sensorpipeline.health;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import javax.sql.DataSource;
import sensorpipeline.database.Databases;
import sensorpipeline.database.SqlFault;
import sensorpipeline.settings.Settings;

/** Checks that PostgreSQL is reachable, has the tables and, for a writing pool, accepts writes; for a replica, reports the age of its data. */
public final class DatabaseHealthCheck extends SampledHealthCheck {

    private static final int LIMIT_SECONDS = 2;
    /** Consumers write every few seconds, so the primary is never idle for long. */
    private static final String REPLICA_AGE = """
            SELECT round(extract(epoch FROM now() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time())), 1)
            WHERE pg_is_in_recovery()""";

    private final Settings settings;
    private final DataSource database;
    private final boolean isWritten;
    private final Runnable whenAway;

    /**
     * @param id name of the check in responses
     * @param settings {@code db.*}
     * @param database read-only connection pool
     */
    public DatabaseHealthCheck(String id, Settings settings, DataSource database) {
        this(id, settings, database, false, () -> { });
    }

    /**
     * @param id name of the check in responses
     * @param settings {@code db.*}
     * @param database writing connection pool
     * @param whenAway called after each check that finds the database unreachable
     */
    public DatabaseHealthCheck(String id, Settings settings, DataSource database, Runnable whenAway) {
        this(id, settings, database, true, whenAway);
    }

    private DatabaseHealthCheck(String id, Settings settings, DataSource database, boolean isWritten, Runnable whenAway) {
        super(id);
        this.settings = settings;
        this.database = database;
        this.isWritten = isWritten;
        this.whenAway = whenAway;
    }

    @Override
    protected Map<String, Object> look() throws Exception {
        try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(LIMIT_SECONDS);
            statement.execute("SELECT FROM reading LIMIT 0");
            if (isWritten) {
                requireWritable(statement);
            }
            try (ResultSet rows = statement.executeQuery(REPLICA_AGE)) {
                return rows.next() ? Map.of("replica_behind_seconds", rows.getDouble(1)) : Map.of();
            }
        } catch (SQLException e) {
            whenAway.run();
            throw new IllegalStateException(Databases.describe(settings, e), e);
        }
    }

    /** A standby answers queries; without this check, a consumer that cannot store anything would report a healthy database. */
    private static void requireWritable(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SHOW transaction_read_only")) {
            if (rows.next() && rows.getBoolean(1)) {
                throw new SQLException("transaction_read_only is on", SqlFault.READ_ONLY_STATE);
            }
        }
    }
}
