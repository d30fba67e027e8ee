package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.Warnings;

/** Guarantees of the REST API, on real servers, with responses validated against the contract. */
class ApiTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        try (Readings devices = new Readings(SETTINGS)) {
            List<String> readings = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                readings.add("""
                        {"sensor_id":"s%d","location":"%s","temperature":%d,"humidity":%d.5,"timestamp":"%s"}"""
                        .formatted(i % 4, i % 2 == 0 ? "north" : "Münster Süd", i, 100 - i, NOW.minusSeconds(60L * i)));
            }
            readings.add("{\"sensor_id\":\"bare\",\"co2\":400,\"unit\":\"ppm\",\"timestamp\":\"" + NOW.minusSeconds(90_000) + "\"}");
            devices.sendTo(SETTINGS.text("topic.name"), readings);
            devices.sendTo(SETTINGS.text("topic.name") + ".acme", List.of(Readings.json("secret", NOW.toString(), 1)));
            new Database(SETTINGS).awaitReadings(102);
        }
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static JsonNode valid(HttpResponse<String> response, String schema) {
        return contract.valid(response, schema);
    }

    private static JsonNode error(HttpResponse<String> response, int status) {
        return contract.error(response, status);
    }

    @Test
    void answersTheLatestReadingsNewestFirst() {
        JsonNode answer = valid(api.get("/data/latest"), "Latest");
        assertEquals(50, answer.path("count").asInt());
        assertEquals(50, answer.path("data").size());
        for (int i = 0; i < 50; i++) {
            JsonNode reading = answer.path("data").get(i);
            assertEquals(NOW.minusSeconds(60L * i), Instant.parse(reading.path("timestamp").asText()));
            assertEquals(i, reading.path("temperature").asInt());
            assertTrue(Instant.parse(reading.path("received_at").asText()).isAfter(NOW.minusSeconds(5)));
        }
        assertEquals(101, valid(api.get("/data/latest?limit=1000"), "Latest").path("count").asInt());
    }

    @Test
    void filtersTheLatestReadings() {
        JsonNode answer = valid(api.get("/data/latest?sensor_id=s1&location=M%C3%BCnster%20S%C3%BCd&limit=3"), "Latest");
        assertEquals(3, answer.path("count").asInt());
        answer.path("data").forEach(reading -> assertEquals("s1", reading.path("sensor_id").asText()));
        assertEquals(0, valid(api.get("/data/latest?sensor_id=s1&location=north"), "Latest").path("count").asInt());
        assertEquals(50, valid(api.get("/data/latest?sensor_id=&location="), "Latest").path("count").asInt());
        assertEquals(2, valid(api.get("/data/latest/?limit=2"), "Latest").path("count").asInt());
        JsonNode bare = valid(api.get("/data/latest?sensor_id=bare"), "Latest").path("data").get(0);
        assertTrue(bare.path("location").isNull());
        assertEquals(400, bare.path("co2").asInt());
        assertEquals("ppm", bare.path("attributes").path("unit").asText());
    }

    @Test
    void statisticsEqualARecount() {
        JsonNode data = valid(api.get("/data/stats"), "Stats").path("data");
        assertEquals(101, data.path("overall").path("total_events").asInt());
        assertEquals(5, data.path("overall").path("active_sensors").asInt());
        assertEquals(NOW, Instant.parse(data.path("overall").path("last_reading").asText()));
        assertEquals(49.5, data.path("overall").path("avg_temperature").asDouble(), 1e-9);
        assertEquals(0, data.path("overall").path("min_temperature").asDouble());
        assertEquals(99, data.path("overall").path("max_temperature").asDouble());
        assertEquals(400, data.path("overall").path("avg_co2").asDouble());
        assertEquals(List.of("bare", "s0", "s1", "s2", "s3"), data.path("by_sensor").findValuesAsText("sensor_id"));
        assertEquals(25, data.path("by_sensor").get(2).path("event_count").asInt());
        assertEquals(49, data.path("by_sensor").get(2).path("avg_temperature").asDouble(), 1e-9);
        int hourly = 0;
        for (JsonNode hour : data.path("hourly")) {
            hourly += hour.path("event_count").asInt();
        }
        assertEquals(100, hourly, "the reading of 25 hours ago is not in the last 24 hours");
        assertEquals(400, valid(api.get("/data/stats?hours=48"), "Stats").path("data").path("hourly").get(0).path("avg_co2").asInt());
    }

    @Test
    void statisticsCanBeLimitedToATimeRange() {
        String path = "/data/stats?from=" + NOW.minusSeconds(600) + "&to=" + NOW;
        assertEquals(10, valid(api.get(path), "Stats").path("data").path("overall").path("total_events").asInt());
        JsonNode none = valid(api.get("/data/stats?sensor_id=nobody"), "Stats").path("data");
        assertEquals(0, none.path("overall").path("total_events").asInt());
        assertTrue(none.path("overall").path("first_reading").isNull());
        assertEquals(0, none.path("by_sensor").size());
    }

    @Test
    void aTenantSeesNothingOfAnother() {
        assertFalse(api.get("/data/latest?limit=1000").body().contains("secret"));
        assertFalse(api.get("/data/stats").body().contains("secret"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/data/latest?limit=0 | invalid_limit | limit must be a whole number from 1 to 1000; got '0'",
        "/data/latest?limit=-1 | invalid_limit | limit must be a whole number from 1 to 1000; got '-1'",
        "/data/latest?limit=abc | invalid_limit | limit must be a whole number from 1 to 1000; got 'abc'",
        "/data/latest?limit= | invalid_limit | limit must be a whole number from 1 to 1000; got ''",
        "/data/latest?limit=1001 | invalid_limit | limit must be a whole number from 1 to 1000; got '1001'",
        "/data/latest?limit=99999999999 | invalid_limit | limit must be a whole number from 1 to 1000; got '99999999999'",
        "/data/readings?sensor_id=a&order=up | invalid_order | order must be one of asc, desc; got 'up'",
        "/data/readings?cursor=x | invalid_cursor | cursor must be `next` of the page before; got 'x'",
        "/data/readings?format=xml | invalid_format | format must be one of json, csv, ndjson; got 'xml'",
        "/data/latest?limit=5&limit=6 | repeated_limit | limit can be given once; got it 2 times",
        "/data/latest?limt=5 | unknown_parameter | parameters are limit, sensor_id, location, metric, tenant; got 'limt'",
        "/data/latest?sensor_id=%00 | invalid_sensor_id | sensor_id must be text of at most 200 characters without control characters; got '?'",
        "/data/latest?limit=%zz | invalid_ | ",
        "/data/latest?limit=%D9%A3 | invalid_limit | limit must be a whole number from 1 to 1000",
        "/data/stats?from=-4713-01-01T00:00:00Z | invalid_from | from must be a time such as",
        "/data/stats?to=%2B294277-01-01T00:00:00Z | invalid_to | to must be a time such as",
        "/data/stats?hours=0 | invalid_hours | hours must be a whole number from 1 to 8760; got '0'",
        "/data/stats?from=yesterday | invalid_from | from must be a time such as 2025-01-15T10:30:00Z, or a time ago such as -24h or -7d; got 'yesterday'",
        "/data/stats?from=2025-01-02T00:00:00Z&to=2025-01-01T00:00:00Z | invalid_range | from must be before to",
        "/openapi.json?x=1 | unknown_parameter | this call has no parameters; got 'x'",
        "/stream?sensor_id=a | unknown_parameter | parameters are tenant; got 'sensor_id'",
    })
    void aWrongParameterIsToldWithWhatIsAllowed(String path, String code, String message) throws IOException {
        String answer = raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        JsonNode body = new ObjectMapper().readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4).replaceAll("(?s)^[0-9a-f]+\r\n|\r\n0\r\n\r\n$", ""));
        assertTrue(body.path("error").path("code").asText().startsWith(code), answer);
        assertTrue(body.path("error").path("message").asText().startsWith(message == null ? "" : message), answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2025-01-15T11:30:00+01:00", "2025-01-15T11:30:00%2B01:00", "2025-01-15T10:30Z"})
    void takesTimesWithAnyOffset(String from) {
        assertEquals(200, api.get("/data/stats?from=" + from).statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/data", "/data/", "/nothing", "/data/latest/../..", "/%2e%2e/%2e%2e/etc/passwd", "/pom.xml"})
    void whatIsNotThereIsA404InJson(String path) {
        assertEquals("not_found", error(api.get(path), 404).path("code").asText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/data/latest", "/data/stats", "/health", "/openapi.json"})
    void everyPathAnswersHeadAndOptionsAndRefusesOtherMethods(String path) {
        HttpResponse<String> head = api.call("HEAD", path);
        assertEquals(200, head.statusCode());
        assertEquals("", head.body());
        assertEquals("application/json", head.headers().firstValue("content-type").orElse(""));
        HttpResponse<String> options = api.call("OPTIONS", path);
        assertEquals(204, options.statusCode());
        assertEquals("GET, HEAD, OPTIONS", options.headers().firstValue("allow").orElse(""));
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
            HttpResponse<String> refused = api.call(method, path);
            assertEquals("method_not_allowed", error(refused, 405).path("code").asText());
            assertEquals("GET, HEAD, OPTIONS", refused.headers().firstValue("allow").orElse(""));
        }
    }

    @Test
    void otherSitesPagesMayRead() {
        HttpResponse<String> answer = api.get("/data/latest", "Origin", "https://agency.example");
        assertEquals("*", answer.headers().firstValue("access-control-allow-origin").orElse(""));
        HttpResponse<String> preflight = api.call("OPTIONS", "/data/latest", "Origin", "https://agency.example", "Access-Control-Request-Method", "GET");
        assertEquals(204, preflight.statusCode());
        assertTrue(preflight.headers().firstValue("access-control-allow-methods").orElse("").contains("GET"));
    }

    @Test
    void noHeaderOfARequestOrAStepLeaksIntoTheAnswer() {
        HttpResponse<String> answer = api.get("/data/latest?limit=1", "X-Mine", "1", "Authorization", "secret");
        assertEquals(Set.of("cache-control", "content-length", "content-type", "date", "etag", "referrer-policy", "vary", "x-content-type-options", "x-request-id"),
                answer.headers().map().keySet());
    }

    @Test
    void compressesForThoseWhoAsk() throws Exception {
        HttpResponse<byte[]> response = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PIPELINE.port("api.port") + "/data/latest")).header("Accept-Encoding", "gzip").build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertEquals("gzip", response.headers().firstValue("content-encoding").orElse(""));
        try (InputStream body = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            assertEquals(50, new ObjectMapper().readTree(body).path("count").asInt());
        }
    }

    @Test
    void showsTheContractToPeopleWithoutHelpFromElsewhere() {
        for (String path : List.of("/docs", "/docs/")) {
            HttpResponse<String> page = api.get(path);
            assertEquals(200, page.statusCode());
            assertTrue(page.headers().firstValue("content-security-policy").orElse("").startsWith("default-src 'none'"));
            assertFalse(page.body().contains("http://") || page.body().contains("https://"), page.body());
        }
        for (String file : List.of("swagger-ui.css", "swagger-ui-bundle.js", "start.js")) {
            assertEquals(200, api.get("/docs/" + file).statusCode());
        }
        assertEquals("not_found", error(api.get("/docs/../openapi.yaml"), 404).path("code").asText());
        assertEquals("not_found", error(api.get("/docs/nothing"), 404).path("code").asText());
    }

    @Test
    void aBodyWithoutMeaningDoesNoHarm() {
        for (String type : List.of("application/x-www-form-urlencoded", "multipart/form-data")) {
            assertEquals(200, api.get("/data/latest?limit=1", "Content-Type", type).statusCode());
        }
    }

    @Test
    void theLargestNumbersHaveStatistics() {
        try (Readings devices = new Readings(SETTINGS)) {
            String time = "2026-01-01T00:00:0";
            devices.send(Readings.json("huge", time + "0Z", Double.MAX_VALUE).replace("temperature", "huge"),
                    Readings.json("huge", time + "1Z", Double.MAX_VALUE).replace("temperature", "huge"));
            Awaitility.await().until(() -> Http.json(api.get("/data/latest?sensor_id=huge")).path("count").asInt() == 2);
            assertEquals(Double.MAX_VALUE, valid(api.get("/data/stats?sensor_id=huge"), "Stats")
                    .path("data").path("overall").path("avg_huge").asDouble());
        } finally {
            new Database(SETTINGS).forget("huge");
        }
    }

    @Test
    void requestsThatAreTooLongOrNoHttpAreToldSo() throws IOException {
        assertTrue(raw("GET /data/latest?x=" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n").contains("url_too_long"));
        assertTrue(raw("GET / HTTP/1.1\r\nHost: x\r\nA: " + "a".repeat(40_000) + "\r\n\r\n").contains("headers_too_large"));
        assertTrue(raw("nonsense\r\n\r\n").contains("invalid_request"));
        assertTrue(raw("GET /% HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startsWith("HTTP/1.1 400 "));
        assertTrue(error(api.get("/data/latest?x=" + "a".repeat(10_000)), 400).path("message").asText().length() < 200);
    }

    @Test
    void aBodyThatBreaksOffIsNoErrorInTheLog() throws Exception {
        String head = "POST /dead-letters/replay HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
        try (Warnings warnings = new Warnings()) {
            for (String request : List.of(head + "Content-Length: 100\r\n\r\n{", head + "Transfer-Encoding: chunked\r\n\r\n9\r\n{")) {
                try (Socket socket = new Socket("127.0.0.1", PIPELINE.port("api.port"))) {
                    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                }
            }
            raw(head + "Transfer-Encoding: chunked\r\n\r\nno length\r\n");
            Awaitility.await().during(Duration.ofMillis(500)).until(() -> warnings.messages().isEmpty());
        }
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", PIPELINE.port("api.port"))) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void healthTellsWhatItLooksAt() {
        Awaitility.await().until(() -> api.get("/health").statusCode() == 200);
        for (String path : List.of("/health", "/health/ready", "/health/live")) {
            JsonNode health = valid(api.get(path), "Health");
            assertEquals("healthy", health.path("status").asText());
        }
        assertEquals(List.of("api-database", "kafka", "lost-records", "store", "store-database"),
                names(valid(api.get("/health"), "Health").path("checks")));
        Http management = new Http(PIPELINE.port("management.port"));
        assertEquals(200, management.get("/observe/health").statusCode());
        assertTrue(management.get("/observe/metrics").body().contains("sensor_pipeline_readings_stored_total 10"));
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void withoutADatabaseEveryCallSaysSo() throws Exception {
        try (Pipeline alone = new Pipeline(SETTINGS.with("db.port", 1).with("db.connect.timeout", 500), Set.of(Services.API))) {
            alone.start();
            Http caller = new Http(alone.port("api.port"));
            assertEquals("database_unavailable", error(caller.get("/data/latest"), 503).path("code").asText());
            Awaitility.await().until(() -> caller.get("/health").statusCode() == 503 && caller.get("/health").body().contains("PostgreSQL at "));
            assertEquals(200, caller.get("/health/live").statusCode());
        }
    }

    @Test
    void aSlowQueryIsCancelled() throws Exception {
        try (Pipeline hurried = new Pipeline(SETTINGS.with("api.query.timeout", 300), Set.of(Services.API))) {
            hurried.start();
            try (var connection = Servers.connect(SETTINGS); var statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("LOCK TABLE rollup_month IN ACCESS EXCLUSIVE MODE");
                Http caller = new Http(hurried.port("api.port"));
                assertEquals("query_timeout", error(caller.get("/data/stats"), 503).path("code").asText());
                connection.rollback();
                assertEquals(200, caller.get("/data/stats").statusCode());
            }
        }
    }

    @Test
    void theContractNamesEveryRouteOfTheApi() {
        Set<String> documented = new TreeSet<>();
        contract.json().path("paths").fieldNames().forEachRemaining(documented::add);
        Set<String> served = new TreeSet<>(Set.of("/health", "/stream"));
        PIPELINE.camel().getRoutes().stream().map(route -> route.getEndpoint().getEndpointUri())
                .filter(uri -> uri.matches("(platform|management)-http:.*"))
                .forEach(uri -> served.add(URLDecoder.decode(uri, StandardCharsets.UTF_8).replaceAll("(platform|management)-http:/+|\\?.*", "/").replaceAll("/$", "")));
        assertEquals(documented, served);
    }
}
