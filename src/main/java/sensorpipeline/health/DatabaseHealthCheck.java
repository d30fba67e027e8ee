package sensorpipeline.health;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import javax.sql.DataSource;
import sensorpipeline.database.Databases;
import sensorpipeline.settings.Settings;

/** Whether PostgreSQL answers and the tables are there; of a replica, how old is what it shows. */
public final class DatabaseHealthCheck extends SampledHealthCheck {

    private static final int LIMIT_SECONDS = 2;
    /** The consumers write every few seconds, so the primary is never silent for long. */
    private static final String REPLICA = """
            SELECT round(extract(epoch FROM now() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time())), 1)
            WHERE pg_is_in_recovery()""";

    private final Settings settings;
    private final DataSource database;
    private final Runnable whenAway;

    /**
     * @param id name of the check in answers
     * @param settings {@code db.*}
     * @param database pool of connections to look through
     */
    public DatabaseHealthCheck(String id, Settings settings, DataSource database) {
        this(id, settings, database, () -> { });
    }

    /**
     * @param id name of the check in answers
     * @param settings {@code db.*}
     * @param database pool of connections to look through
     * @param whenAway called after each look that finds it away
     */
    public DatabaseHealthCheck(String id, Settings settings, DataSource database, Runnable whenAway) {
        super(id);
        this.settings = settings;
        this.database = database;
        this.whenAway = whenAway;
    }

    @Override
    protected Map<String, Object> look() throws Exception {
        try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(LIMIT_SECONDS);
            statement.execute("SELECT FROM reading LIMIT 0");
            try (ResultSet rows = statement.executeQuery(REPLICA)) {
                return rows.next() ? Map.of("replica_behind_seconds", rows.getDouble(1)) : Map.of();
            }
        } catch (SQLException e) {
            whenAway.run();
            throw new IllegalStateException(Databases.describe(settings, e), e);
        }
    }
}
