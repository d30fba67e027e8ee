package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Every request gets a response that the contract defines: never a 500, a stack trace or an undocumented format. */
class ContractTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Set<Integer> EXPECTED = Set.of(200, 400, 403, 404, 406);
    private static final List<String> NASTY = List.of("", " ", "0", "-1", "1", "999999999999999999999", "1e3", "٣", "null", "NaN", "true", "[]", "{}", "'", "\"", "\\",
            "' OR 1=1 --", "'; DROP TABLE reading; --", "%", "%00", "\u0000", "\n", "\r\nX-Evil: 1", "\ud800", "\uffff", "\u202e", "a".repeat(201), "x".repeat(5000),
            "<img src=x onerror=alert(1)>", "../../etc/passwd", "${jndi:ldap://x}", "{{api.port}}", ":?limit", "2025-01-15", "2025-01-15T10:30:00", "2025-01-15T10:30:00Z",
            "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:00:00-05:00", "9998-12-31T23:59:59Z", "+99999-01-01T00:00:00Z", "-0s", "-999999w", "-24h", "now", "1737000000000000_1", "9999999999999999_999999999", "9999999999999999_9999999999", "_", "auto",
            "1d", "json", "csv", "desc", "Europe/Berlin", "UTC+99", "Münster Süd", "sensor-001", "temperature");
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        try (Readings devices = new Readings(SETTINGS)) {
            devices.send(Readings.json("sensor-001", Instant.now().toString(), 1), "no reading");
            new Database(SETTINGS).awaitReadings(1);
        }
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    static Stream<String> calls() throws Exception {
        return Stream.of("/data/latest", "/data/stats", "/data/readings", "/data/series", "/sensors", "/dead-letters", "/alerts", "/open-alerts", "/keys");
    }

    private static List<JsonNode> parameters(String path) {
        List<JsonNode> parameters = new ArrayList<>();
        contract.json().path("paths").path(path).path("get").path("parameters")
                .forEach(parameter -> parameters.add(parameter.has("$ref") ? contract.json().at(parameter.path("$ref").asText().substring(1)) : parameter));
        return parameters;
    }

    private static String query(Map<String, String> values) {
        List<String> parts = new ArrayList<>();
        values.forEach((name, value) -> parts.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return "?" + String.join("&", parts);
    }

    private static void assertExpected(String path) {
        HttpResponse<String> answer = api.get(path);
        assertTrue(EXPECTED.contains(answer.statusCode()), () -> path + ": " + answer.statusCode() + " " + answer.body());
        assertFalse(answer.headers().map().containsKey("x-evil"), path);
        if (answer.statusCode() >= 400) {
            String message = contract.error(answer, answer.statusCode()).path("message").asText();
            assertFalse(message.matches("(?s).*(Exception|java\\.|org\\.|ERROR:).*"), path + ": " + message);
            assertTrue(message.length() < 400, path + ": " + message);
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void everyValueOfEveryParameterHasAnAnswer(String path) {
        String given = path.equals("/data/series") ? "&metric=temperature" : "";
        for (JsonNode parameter : parameters(path)) {
            String name = parameter.path("name").asText();
            for (String value : NASTY) {
                assertExpected(path + query(Map.of(name, value)) + (name.equals("metric") ? "" : given));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void everyCombinationOfParametersHasAnAnswer(String path) {
        Random random = new Random(5);
        List<JsonNode> parameters = parameters(path);
        List<String> usual = List.of("2025-01-15T10:30:00Z", "-24h", "-1h", "1", "10", "sensor-001", "temperature", "asc", "desc", "csv", "json", "ndjson", "1h", "1d", "UTC", "Asia/Kolkata", "sensor");
        for (int i = 0; i < 150; i++) {
            Map<String, String> values = new java.util.TreeMap<>();
            if (path.equals("/data/series")) {
                values.put("metric", "temperature");
            }
            for (JsonNode parameter : parameters) {
                if (random.nextInt(3) == 0) {
                    JsonNode choices = parameter.path("schema").path("enum");
                    values.put(parameter.path("name").asText(), choices.isEmpty() ? usual.get(random.nextInt(usual.size())) : choices.get(random.nextInt(choices.size())).asText());
                }
            }
            assertExpected(path + query(values));
        }
    }

    @Test
    void aQueryThatIsNoQueryHasAnAnswer() {
        for (String query : List.of("?", "?&&&", "?=", "?=1", "?limit", "?limit=1&limit=2", "?a=b=c", "?sensor_id[]=1", "?limit%5B%5D=1", "?" + "x&".repeat(2000))) {
            assertExpected("/data/latest" + query);
        }
    }

    @Test
    void itsExamplesAreAsItSays() {
        int examples = 0;
        for (Map.Entry<String, JsonNode> path : contract.json().path("paths").properties()) {
            JsonNode content = path.getValue().path("get").path("responses").path("200").path("content").path("application/json");
            if (content.has("example")) {
                contract.valid(content.path("example"), content.path("schema").path("$ref").asText().replaceFirst(".*/", ""));
                examples++;
            }
        }
        assertEquals(16, examples);
    }

    @Test
    void everyCallOfTheContractNamesItsErrorsAndItsSchemas() {
        for (Map.Entry<String, JsonNode> path : contract.json().path("paths").properties()) {
            for (Map.Entry<String, JsonNode> call : path.getValue().properties()) {
                if (!call.getKey().equals("servers")) {
                    JsonNode answers = call.getValue().path("responses");
                    assertFalse(call.getValue().path("summary").asText().isEmpty(), path.getKey());
                    answers.properties().forEach(answer -> assertTrue(answer.getValue().has("content") || answer.getValue().has("$ref"), path.getKey() + " " + answer.getKey()));
                    // Operations without parameters reject them too.
                    boolean hasParameters = call.getValue().has("parameters") || call.getValue().has("requestBody");
                    assertEquals(hasParameters, answers.has("400"), path.getKey() + ": wrong parameters are answered with 400");
                }
            }
        }
    }
}
