package sensorpipeline.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Servers;
import sensorpipeline.support.TestKeys;

/** With ACCESS=restricted, nothing answers to whom it should not. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AccessTest {

    private static final Settings SETTINGS = Servers.settings().with("access", "restricted");
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final TestKeys KEYS = new TestKeys(new Database(SETTINGS));
    private static final List<String> ROLES = List.of("reader", "operator", "administrator");
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static Http api;
    private static Contract contract;
    private static String device;
    private static String reader;
    private static String operator;
    private static String administrator;
    private static String installation;
    private static String ofOtherTenant;
    private static String expired;
    private static String revoked;
    private static final String UNKNOWN = AccessKey.create().text();

    @BeforeAll
    static void start() throws Exception {
        device = KEYS.make("device", "default");
        reader = KEYS.make("reader", "default");
        operator = KEYS.make("operator", "default");
        administrator = KEYS.make("administrator", "default");
        installation = KEYS.make("installation", null);
        ofOtherTenant = KEYS.make("administrator", "other");
        expired = KEYS.make("administrator", "default", "now() - interval '1 second'");
        revoked = KEYS.make("administrator", "default");
        KEYS.revoke(revoked);
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        Awaitility.await("keys are loaded").until(() -> get("/data/latest", reader).statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static HttpResponse<String> get(String path, String key) {
        return api.get(path, "Authorization", "Bearer " + key);
    }

    /**
     * An operation of the contract.
     *
     * @param role that it needs; empty if it is for everybody
     */
    private record Called(String method, String path, String role) {

        /** @return status and code of the response; live streams are not read */
        String answer(String key, String query) {
            String url = path.replace("{id}", path.startsWith("/alerts") ? "00000000-0000-0000-0000-000000000000" : "1").replaceAll("\\{\\w+}", "1") + query;
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PIPELINE.port("api.port") + url)).timeout(Duration.ofSeconds(20))
                    .method(method, HttpRequest.BodyPublishers.noBody());
            if (key != null) {
                request.header("Authorization", "Bearer " + key);
            }
            try {
                HttpResponse<InputStream> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
                try (InputStream body = response.body()) {
                    boolean isError = response.statusCode() >= 400;
                    return response.statusCode() + (isError ? " " + new String(body.readAllBytes(), StandardCharsets.UTF_8).replaceAll("(?s).*\"code\":\"(\\w+)\".*", "$1") : "");
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    static Stream<Called> calls() throws IOException {
        JsonNode paths = new ObjectMapper().readTree(AccessTest.class.getResource("/openapi.json")).path("paths");
        List<Called> calls = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            if (!path.getValue().has("servers")) {
                path.getValue().properties().forEach(method -> {
                    calls.add(new Called(method.getKey().toUpperCase(Locale.ROOT), path.getKey(), method.getValue().path("security").path(0).path("key").path(0).asText()));
                    if (method.getKey().equals("get") && !path.getKey().equals("/stream")) {
                        calls.add(new Called("HEAD", path.getKey(), method.getValue().path("security").path(0).path("key").path(0).asText()));
                    }
                });
            }
        }
        return calls.stream();
    }

    @ParameterizedTest
    @MethodSource("calls")
    void everyCallIsAnsweredToThoseWhoseRoleSuffices(Called call) {
        if (call.role.isEmpty()) {
            assertFalse(call.answer(null, "").matches("40[13].*"));
            return;
        }
        assertTrue(ROLES.contains(call.role), call.role);
        for (String key : new String[] {null, "", "secret", UNKNOWN, expired, revoked}) {
            assertStatus("401 unauthorized", call, call.answer(key, ""));
        }
        assertStatus("403 forbidden", call, call.answer(device, ""));
        List<String> keys = List.of(reader, operator, administrator);
        for (int i = 0; i < keys.size(); i++) {
            if (i < ROLES.indexOf(call.role)) {
                assertStatus("403 forbidden", call, call.answer(keys.get(i), ""));
            } else {
                assertAdmitted(call, call.answer(keys.get(i), ""));
                assertAdmitted(call, call.answer(keys.get(i), "?tenant=default"));
                assertStatus("403 other_tenant", call, call.answer(keys.get(i), "?tenant=other"));
            }
        }
        assertStatus("403 other_tenant", call, call.answer(ofOtherTenant, "?tenant=default"));
        assertStatus("403 other_tenant", call, call.answer(ofOtherTenant, "?tenant=no-such"));
        assertStatus("400 tenant_required", call, call.answer(installation, ""));
        assertStatus("400 invalid_tenant", call, call.answer(installation, "?tenant=No"));
        assertStatus("400 repeated_tenant", call, call.answer(installation, "?tenant=default&tenant=other"));
        assertAdmitted(call, call.answer(installation, "?tenant=default"));
    }

    private static void assertStatus(String expected, Called call, String answer) {
        assertEquals(call.method.equals("HEAD") ? expected.split(" ")[0] : expected, answer.strip(), call::toString);
    }

    private static void assertAdmitted(Called call, String answer) {
        assertFalse(answer.matches("(401|403|500|503).*|400 \\w*tenant\\w*"), () -> call + ": " + answer);
    }

    @Test
    void aKeyIsTakenFromEachUsualHeader() {
        String basic = Base64.getEncoder().encodeToString(("anybody:" + reader).getBytes(StandardCharsets.UTF_8));
        for (String header : List.of("Bearer " + reader, "bearer   " + reader, "Token " + reader, "Basic " + basic)) {
            assertEquals(200, api.get("/data/latest", "Authorization", header).statusCode(), header);
        }
        for (String header : List.of(reader, "Digest " + reader, "Basic " + reader, "Basic !", "Bearer", "Bearer " + reader + " x")) {
            assertEquals(401, api.get("/data/latest", "Authorization", header).statusCode(), header);
        }
        assertEquals(401, api.get("/data/latest", "Authorization", "Bearer " + reader, "Authorization", "Bearer " + administrator).statusCode());
        assertEquals(401, api.get("/data/latest?key=" + reader).statusCode());
    }

    @Test
    void anAnswerDoesNotTellWhyAKeyIsNotValid() {
        Set<String> messages = Set.copyOf(Stream.of(UNKNOWN, expired, revoked, "secret", reader.substring(0, reader.length() - 1) + "!")
                .map(key -> contract.error(get("/data/latest", key), 401).path("message").asText()).toList());
        assertEquals(Set.of("The key is not valid: it is wrong, revoked or expired"), messages);
        HttpResponse<String> none = api.get("/data/latest");
        assertEquals("This call needs a key: send one header such as Authorization: Bearer spk_...", contract.error(none, 401).path("message").asText());
        assertEquals(List.of("Bearer realm=\"Sensor Pipeline\"", "Basic realm=\"Sensor Pipeline\", charset=\"UTF-8\""), none.headers().allValues("WWW-Authenticate"));
    }

    @Test
    void aRefusalNamesTheRoleThatIsNeeded() {
        HttpResponse<String> refused = api.call("POST", "/dead-letters/replay", "Authorization", "Bearer " + reader);
        assertEquals("This call needs a key with the role operator; the role of this one is reader", contract.error(refused, 403).path("message").asText());
    }

    @Test
    void answersAreNotKeptForOthers() {
        HttpResponse<String> answer = get("/data/latest", reader);
        assertEquals("private, no-cache", answer.headers().firstValue("Cache-Control").orElse(""));
        assertTrue(answer.headers().allValues("Vary").contains("Accept, Accept-Encoding, Authorization"), answer.headers().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/data/latest", "/data/readings?format=csv", "/data/series?metric=x&format=csv", "/docs", "/openapi.json", "/health", "/nothing", "/data/latest?limit=x"})
    void noAnswerRepeatsTheKey(String path) {
        HttpResponse<String> answer = get(path, reader);
        assertFalse(answer.headers().toString().contains(reader) || answer.body().contains(reader), path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/data//latest", "/data/./latest", "/docs/../data/latest", "/docs/%2e%2e/data/latest", "/%64ata/latest", "/data/latest/", "//data/latest", "/health/../data/latest", "/Data/latest", "/data%2Flatest",
        "/data/latest;x", "/docs;/../data/latest", "/nothing", "/", "/observe/retention", "/observe/metrics", "/health/x/../../data/latest"})
    void noSpellingOfAPathLeadsPastTheKey(String path) throws IOException {
        String answer = raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 401 ") || answer.startsWith("HTTP/1.1 404 ") && !answer.contains("success"), answer);
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", PIPELINE.port("api.port"))) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void healthTellsEverybodyOnlyWhetherAndOperatorsWhy() {
        JsonNode toEverybody = Http.json(api.get("/health")).path("checks");
        assertTrue(toEverybody.size() > 2, toEverybody::toString);
        toEverybody.forEach(check -> assertEquals("{\"status\":\"up\"}", check.toString()));
        Http management = new Http(PIPELINE.port("management.port"));
        for (String path : List.of("/health", "/observe/health")) {
            assertTrue(Http.json(management.get(path)).path("checks").path("store").has("lag"), path);
        }
    }

    @Test
    void whoHasAKeyIsToldWhatDoesNotExist() {
        assertEquals("not_found", contract.error(get("/nothing", reader), 404).path("code").asText());
        assertEquals("method_not_allowed", contract.error(api.call("PUT", "/data/latest", "Authorization", "Bearer " + reader), 405).path("code").asText());
        assertEquals(204, api.call("OPTIONS", "/data/latest").statusCode());
    }

    @Test
    void aPageOfAnotherSiteMayAskWithAKey() {
        HttpResponse<String> preflight = api.call("OPTIONS", "/data/latest", "Origin", "https://example.org", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization");
        assertTrue(preflight.headers().firstValue("Access-Control-Allow-Headers").orElse("").toLowerCase(Locale.ROOT).contains("authorization"), preflight.headers().toString());
    }

    @Test
    void aNewKeyIsAcceptedAndARevokedOneRefusedWithinSeconds() {
        String key = KEYS.make("reader", "default");
        Awaitility.await().atMost(Duration.ofSeconds(6)).until(() -> get("/data/latest", key).statusCode() == 200);
        KEYS.revoke(key);
        Awaitility.await().atMost(Duration.ofSeconds(6)).until(() -> get("/data/latest", key).statusCode() == 401);
    }

    @Test
    void anOpenStreamEndsWhenItsKeyIsRevokedOrExpires() throws Exception {
        String lasting = KEYS.make("reader", "default");
        String expiring = KEYS.make("reader", "default", "now() + interval '8 seconds'");
        Awaitility.await().until(() -> get("/data/latest", lasting).statusCode() == 200 && get("/data/latest", expiring).statusCode() == 200);
        CompletableFuture<?> ofRevoked = stream(lasting);
        CompletableFuture<?> ofExpiring = stream(expiring);
        CompletableFuture<?> other = stream(reader);
        KEYS.revoke(lasting);
        Awaitility.await("the end of the stream of the revoked key").atMost(Duration.ofSeconds(8)).until(ofRevoked::isDone);
        Awaitility.await("the end of the stream of the expired key").atMost(Duration.ofSeconds(15)).until(ofExpiring::isDone);
        assertFalse(other.isDone());
    }

    /** @return done when the stream ends */
    private static CompletableFuture<?> stream(String key) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PIPELINE.port("api.port") + "/stream")).header("Authorization", "Bearer " + key).build();
        HttpResponse<InputStream> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        return CompletableFuture.runAsync(() -> {
            try (InputStream events = response.body()) {
                events.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // It was cut off.
                return;
            }
        }, task -> new Thread(task, "stream").start());
    }
}
