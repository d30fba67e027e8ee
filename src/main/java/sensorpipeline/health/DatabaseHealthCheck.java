package sensorpipeline.health;

import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import javax.sql.DataSource;

/** Whether PostgreSQL answers and the tables are there. */
public final class DatabaseHealthCheck extends SampledHealthCheck {

    private static final int LIMIT_SECONDS = 2;

    private final DataSource database;

    /**
     * @param id name of the check in answers
     * @param database pool of connections to look through
     */
    public DatabaseHealthCheck(String id, DataSource database) {
        super(id);
        this.database = database;
    }

    @Override
    protected Map<String, Object> look() throws Exception {
        try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(LIMIT_SECONDS);
            statement.execute("SELECT FROM reading LIMIT 0");
            return Map.of();
        }
    }
}
