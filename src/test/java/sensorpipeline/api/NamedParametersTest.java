package sensorpipeline.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Values reach PostgreSQL as the caller gave them, and a connection parses and plans each statement once: both take longer than running it. */
class NamedParametersTest {

    /** Executions after which pgjdbc prepares a statement in PostgreSQL. */
    private static final int THRESHOLD = 5;
    /** With a single connection, every call uses the same session. */
    private static final Settings SETTINGS = Servers.settings().with("api.connections", 1);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final List<String> FILTERS = List.of("", "&sensor_id=a", "&sensor_id=a&sensor_id=b", "&location=hall", "&sensor_id=d&location=e");
    private static final List<String> NAMES = List.of("NULL", "null", "{}", "{a,b}", "a,b", "a\"b", "\"", "a\\b", "\\", "'", "a'); --", " a ", "$1", "?", ":?limit", "%", "_",
            "Müller 😀", "1");
    private static Http api;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        try (Readings devices = new Readings(SETTINGS)) {
            devices.sendTo(SETTINGS.text("topic.name"), NAMES.stream().map(NamedParametersTest::reading).toList());
            new Database(SETTINGS).awaitReadings(NAMES.size());
        }
    }

    private static String reading(String name) {
        ObjectNode reading = JsonNodeFactory.instance.objectNode().put("sensor_id", name).put("location", name).put("value " + name, 1)
                .put("timestamp", Instant.now().minusSeconds(60).toString());
        return reading.toString();
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static List<String> names() {
        return NAMES;
    }

    @ParameterizedTest
    @MethodSource("names")
    void aReadingIsFoundByItsNamesWhateverTheyAre(String name) {
        String given = URLEncoder.encode(name, UTF_8);
        for (String filter : List.of("sensor_id=" + given, "location=" + given, "metric=value+" + given, "sensor_id=x&sensor_id=" + given)) {
            assertEquals(1, Http.json(api.get("/data/latest?" + filter)).path("count").asInt(), filter);
            assertEquals(1, Http.json(api.get("/data/readings?" + filter)).path("count").asInt(), filter);
            assertEquals(1, Http.json(api.get("/data/stats?" + filter)).path("data").path("overall").path("total_events").asInt(), filter);
        }
        assertEquals(1, Http.json(api.get("/data/series?metric=value+" + given + "&sensor_id=" + given)).path("data").size(), name);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /data/latest   | metric=co2   | newest_readings(
            /data/stats    | from=-2h     | per_hour AS (
            /data/readings | from=-2h     | readings_in_order(
            /data/series   | metric=co2   | array_position(metrics,
            """)
    void aStatementIsPlannedOnceWhateverItsCallersGive(String path, String more, String part) throws SQLException {
        for (int call = 0; call < THRESHOLD; call++) {
            assertEquals(200, api.get(path + "?" + more).statusCode());
        }
        int before = executions(part);
        for (String filter : FILTERS) {
            assertEquals(200, api.get(path + "?" + more + filter).statusCode(), filter);
        }
        assertEquals(before + FILTERS.size(), executions(part), "executions of the same plan");
    }

    /** @return how often the statement that has this text was executed since it was planned */
    private static int executions(String part) throws SQLException {
        try (Connection connection = PIPELINE.camel().getRegistry().lookupByNameAndType("api-database", DataSource.class).getConnection();
                PreparedStatement statement = connection.prepareStatement("SELECT generic_plans FROM pg_prepared_statements WHERE position(? IN statement) > 0")) {
            statement.setString(1, part);
            try (ResultSet found = statement.executeQuery()) {
                assertTrue(found.next(), "no prepared statement has " + part);
                return found.getInt(1);
            }
        }
    }
}
