package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Http;
import sensorpipeline.support.Servers;

/** Parsing and planning a large statement takes longer than running it, so a connection does both only once. */
class NamedParametersTest {

    /** Executions after which pgjdbc prepares a statement in PostgreSQL. */
    private static final int THRESHOLD = 5;
    /** With a single connection, every call uses the same session. */
    private static final Settings SETTINGS = Servers.settings().with("api.connections", 1);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.API));
    private static final List<String> FILTERS = List.of("", "sensor_id=a", "sensor_id=a,b%22c%5C", "location=hall&limit=7", "limit=8&sensor_id=d&location=e");
    private static Http api;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /data/latest   | metric=co2   | newest_readings(
            /data/stats    | from=-2h     | per_hour AS (
            /data/readings | from=-2h     | readings_in_order(
            /data/series   | metric=co2   | array_position(metrics,
            """)
    void aStatementIsPlannedOnceWhateverItsCallersGive(String path, String more, String part) throws SQLException {
        int rounds = 4;
        for (int round = 0; round < rounds; round++) {
            for (String filter : FILTERS) {
                String query = path.endsWith("series") ? filter.replaceFirst("limit=\\d&?", "") + "&" + more : round % 2 == 0 ? filter : filter + "&" + more;
                assertEquals(200, api.get(path + "?" + query + "&").statusCode(), query);
            }
        }
        try (Connection connection = PIPELINE.camel().getRegistry().lookupByNameAndType("api-database", DataSource.class).getConnection();
                PreparedStatement statement = connection.prepareStatement("SELECT generic_plans FROM pg_prepared_statements WHERE position(? IN statement) > 0")) {
            statement.setString(1, part);
            try (ResultSet found = statement.executeQuery()) {
                assertTrue(found.next(), "no prepared statement has " + part);
                assertEquals(rounds * FILTERS.size() - THRESHOLD + 1, found.getInt(1), part);
            }
        }
    }
}
