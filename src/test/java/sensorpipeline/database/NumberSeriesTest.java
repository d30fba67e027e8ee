package sensorpipeline.database;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** Two programs number the series of one tenant at the same time. */
class NumberSeriesTest {

    private final Settings settings = Servers.settings();

    @Test
    void aSeriesThatAnotherProgramMakesMeanwhileHasTheMetricsOfBoth() throws Exception {
        assertEquals("1 [\"x\",\"y\"]", secondOfTwo("a", "x", "a", "y", 10));
    }

    @Test
    void alsoIfTheTenantThenHasAsManySensorsAsItMayHave() throws Exception {
        assertEquals("1 [\"x\",\"y\"]", secondOfTwo("a", "x", "a", "y", 1));
    }

    @Test
    void thoseThatAnotherProgramMakesMeanwhileCountForTheLimit() throws Exception {
        assertEquals("2 [\"x\"]", secondOfTwo("a", "x", "b", "x", 2));
        try (Connection third = Servers.connect(settings)) {
            assertEquals("too many sensors: tenant default has as many as it may have, 2 (one at two locations counts twice)", number(third, "c", "x", 2));
        }
    }

    /** @return what the second one is answered, which waits for the first one to commit */
    private String secondOfTwo(String firstSensor, String firstMetric, String secondSensor, String secondMetric, int mostSensors) throws Exception {
        return new Database(settings).askDuring(first -> number(first, firstSensor, firstMetric, mostSensors), second -> number(second, secondSensor, secondMetric, mostSensors));
    }

    /** @return number and metrics, or which limit is exceeded */
    private static String number(Connection connection, String sensor, String metric, int mostSensors) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT coalesce(exceeded, series_id || ' ' || metrics) FROM number_series(?::jsonb, ?, 100)")) {
            statement.setString(1, "[{\"position\":0,\"tenant\":\"default\",\"sensor_id\":\"%s\",\"location\":null,\"metrics\":[\"%s\"]}]".formatted(sensor, metric));
            statement.setInt(2, mostSensors);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }
}
