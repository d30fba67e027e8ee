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

/** Checks that PostgreSQL answers, has the tables and, for a pool that writes, takes changes; for a replica, shows how old its data is. */
public final class DatabaseHealthCheck extends SampledHealthCheck {

    private static final int LIMIT_SECONDS = 2;
    /** The consumers write every few seconds, so the primary is never silent for long. */
    private static final String REPLICA_AGE = """
            SELECT round(extract(epoch FROM now() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time())), 1)
            WHERE pg_is_in_recovery()""";

    private final Settings settings;
    private final DataSource database;
    private final boolean isWritten;
    private final Runnable whenAway;

    /**
     * @param id name of the check in answers
     * @param settings {@code db.*}
     * @param database pool of connections that only read
     */
    public DatabaseHealthCheck(String id, Settings settings, DataSource database) {
        this(id, settings, database, false, () -> { });
    }

    /**
     * @param id name of the check in answers
     * @param settings {@code db.*}
     * @param database pool of connections that write
     * @param whenAway called after each look that finds the database away
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

    /** A standby answers queries, so that without this look a consumer that can store nothing would show a healthy database. */
    private static void requireWritable(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SHOW transaction_read_only")) {
            if (rows.next() && rows.getBoolean(1)) {
                throw new SQLException("transaction_read_only is on", SqlFault.READ_ONLY_STATE);
            }
        }
    }
}
