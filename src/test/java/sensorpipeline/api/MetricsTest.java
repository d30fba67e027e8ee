package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** What a tenant declares of its metrics is what callers get, and nobody else's. */
class MetricsTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Database DATABASE = new Database(SETTINGS);
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        new Topics(SETTINGS).create();
        try (Readings devices = new Readings(SETTINGS)) {
            devices.send(Readings.json("s", Instant.now().toString(), 20));
            devices.sendTo(SETTINGS.text("topic.name") + ".acme", List.of("{\"sensor_id\":\"s\",\"secret\":1,\"timestamp\":\"" + Instant.now() + "\"}"));
            DATABASE.awaitReadings(2);
        }
        DATABASE.run("INSERT INTO metric_declaration VALUES ('acme', 'temperature', 'Heat', 'K', 'gauge'), ('acme', 'hidden', NULL, NULL, 'counter')");
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static HttpResponse<String> put(String path, String json) {
        return api.call("PUT", path, HttpRequest.BodyPublishers.ofString(json), "Content-Type", "application/json");
    }

    private static String listed(String metric) {
        for (JsonNode one : contract.valid(api.get("/metrics"), "Metrics").path("data")) {
            if (metric.equals(one.path("metric").asText())) {
                return one.toString();
            }
        }
        return null;
    }

    @Test
    void aMetricIsListedWithWhatWasDeclaredLast() {
        assertEquals("{\"metric\":\"temperature\",\"display_name\":null,\"unit\":null,\"kind\":\"gauge\",\"min_plausible\":null,\"max_plausible\":null}", listed("temperature"));
        String energy = "{\"metric\":\"Energie gesamt/Σ+1\",\"display_name\":\"Energie\",\"unit\":\"kWh\",\"kind\":\"counter\",\"min_plausible\":0,\"max_plausible\":null}";
        JsonNode answer = contract.valid(put("/metrics/Energie%20gesamt%2F%CE%A3+1", "{\"display_name\":\"Energie\",\"unit\":\"kWh\",\"kind\":\"counter\",\"min_plausible\":0}"), "DeclaredMetric");
        assertEquals(energy, answer.path("data").toString());
        assertEquals(energy, listed("Energie gesamt/Σ+1"));
        contract.valid(put("/metrics/temperature", "{\"unit\":\"°F\",\"display_name\":null}"), "DeclaredMetric");
        assertEquals("{\"metric\":\"temperature\",\"display_name\":null,\"unit\":\"°F\",\"kind\":\"gauge\",\"min_plausible\":null,\"max_plausible\":null}", listed("temperature"));
        contract.valid(put("/metrics/temperature", "{}"), "DeclaredMetric");
        assertEquals("{\"metric\":\"temperature\",\"display_name\":null,\"unit\":null,\"kind\":\"gauge\",\"min_plausible\":null,\"max_plausible\":null}", listed("temperature"));
        assertEquals("K", DATABASE.ask("SELECT unit FROM metric_declaration WHERE tenant = 'acme' AND metric = 'temperature'"));
        assertEquals(null, listed("secret"));
        assertEquals(null, listed("hidden"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "/metrics/a | {\"kind\":\"angle\"} | invalid_kind | kind must be one of gauge, counter, direction; got 'angle'",
            "/metrics/a | {\"unit\":7} | invalid_unit | unit must be text; got '7'",
            "/metrics/a | {\"unit\":\"\"} | invalid_unit | unit must be text of 1 to 30 characters without control characters; got ''",
            "/metrics/a | {\"units\":\"C\"} | unknown_field | fields are display_name, unit, kind, min_plausible, max_plausible; got 'units'",
            "/metrics/a | {\"min_plausible\":\"0\"} | invalid_min_plausible | min_plausible must be a number such as -12.5; got '\"0\"'",
            "/metrics/a | {\"max_plausible\":1e999} | invalid_max_plausible | max_plausible must be a number such as -12.5; got 'Infinity'",
            "/metrics/a | {\"min_plausible\":10,\"max_plausible\":9.5} | invalid_min_plausible | min_plausible must not be greater than max_plausible; got 10.0 and 9.5",
            "/metrics/a%00 | {} | invalid_metric | metric must be text of 1 to 200 characters without control characters; got 'a?'"})
    void aWrongDeclarationIsToldWithWhatIsAllowed(String path, String body, String code, String message) {
        JsonNode error = contract.error(put(path, body), 400);
        assertEquals(code, error.path("code").asText());
        assertEquals(message, error.path("message").asText());
    }
}
