package sensorpipeline.health;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import javax.sql.DataSource;
import sensorpipeline.Settings;
import sensorpipeline.database.Databases;

/** Whether PostgreSQL answers and the tables are there. */
public final class DatabaseHealthCheck extends SampledHealthCheck {

    private static final int LIMIT_SECONDS = 2;

    private final Settings settings;
    private final DataSource database;

    /**
     * @param id name of the check in answers
     * @param settings {@code db.*}
     * @param database pool of connections to look through
     */
    public DatabaseHealthCheck(String id, Settings settings, DataSource database) {
        super(id);
        this.settings = settings;
        this.database = database;
    }

    @Override
    protected Map<String, Object> look() throws Exception {
        try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(LIMIT_SECONDS);
            statement.execute("SELECT FROM reading LIMIT 0");
            return Map.of();
        } catch (SQLException e) {
            throw new IllegalStateException(Databases.describe(settings, e), e);
        }
    }
}
