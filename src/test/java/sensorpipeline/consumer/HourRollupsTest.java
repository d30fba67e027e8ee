package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.Proxy;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
            new Schema(settings, database).migrate();
        }
        assertEquals(MetricFigures.SCALE, Double.parseDouble(new Database(settings).ask("SELECT scale()")));
        assertEquals(21.5, Double.parseDouble(new Database(settings).ask("SELECT average_of(scaled(43), 2)")));
    }

    @Test
    void rowsAreInTheOrderOfHoursAndSeries() throws SQLException {
        MetricPositions metrics = new MetricPositions(List.of("temperature"));
        List<NumberedReading> readings = new ArrayList<>();
        for (int number = 1; number <= 200; number++) {
            NumberedSeries series = new NumberedSeries("default", number, 1, metrics, Long.MIN_VALUE);
            for (int hour = 0; hour < 48; hour++) {
                ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("readings", 0, 0, null, null);
                readings.add(new NumberedReading(series, hour * 3_600_000_000L, record, new Content(new int[] {0}, new double[] {hour}, null, 0, 0)));
            }
        }
        HourRollups hours = new HourRollups(rows -> 0);
        hours.add(new NumberedBatch(new ReadingBatch(0, null), readings));
        Map<Integer, Object> columns = new HashMap<>();
        hours.fill((PreparedStatement) Proxy.newProxyInstance(HourRollupsTest.class.getClassLoader(), new Class<?>[] {PreparedStatement.class},
                (proxy, method, arguments) -> columns.put((Integer) arguments[0], arguments[1])));
        long[] number = (long[]) columns.get(1);
        int[] series = (int[]) columns.get(2);
        assertEquals(48 * 200, number.length);
        for (int row = 0; row < number.length; row++) {
            assertEquals(row / 200, number[row]);
            assertEquals(1 + row % 200, series[row]);
        }
    }
}
