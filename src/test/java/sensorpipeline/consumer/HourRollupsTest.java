package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import sensorpipeline.database.Databases;
import sensorpipeline.database.Schema;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** Rollups computed in memory and in PostgreSQL can be merged. */
class HourRollupsTest {

    @Test
    void sumsHaveTheScaleOfTheSchema() throws SQLException {
        Settings settings = Servers.settings();
        try (HikariDataSource database = Databases.schema(settings)) {
            new Schema(database).migrate();
        }
        assertEquals(MetricFigures.SCALE, Double.parseDouble(new Database(settings).ask("SELECT scale()")));
        assertEquals(21.5, Double.parseDouble(new Database(settings).ask("SELECT average_of(scaled(43), 2)")));
    }
}
