package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.TestKeys;

/**
 * Two tenants with the same sensors share one REST API and one connection to the database: whatever they ask, in whatever order, neither gets a byte of the other. Each call
 * is chosen at random from the contract; {@code -Disolation.calls=100000} makes more of them.
 */
class IsolationTest {

    private static final int CALLS = Integer.getInteger("isolation.calls", 3000);
    private static final int CALLERS = 8;
    private static final List<String> TENANTS = List.of("acme", "bolt");
    private static final Settings SETTINGS = Servers.settings().with("access", "restricted").with("api.connections", 1).with("api.exports", 1);
    private static final String TOPIC = SETTINGS.text("topic.name");
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.ALERTS, Services.API));
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final Database DATABASE = new Database(SETTINGS);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> KEYS = new TreeMap<>();
    /** Of both tenants. */
    private static final List<String> IDS = new ArrayList<>();
    /** Those that read, by path. */
    private static final List<Map.Entry<String, JsonNode>> OPERATIONS = new ArrayList<>();
    private static String address;
    private static JsonNode contract;

    @BeforeAll
    static void start() throws Exception {
        TENANTS.forEach(tenant -> KEYS.put(tenant, new TestKeys(DATABASE).make("administrator", tenant)));
        PIPELINE.start();
        address = "http://127.0.0.1:" + PIPELINE.port("api.port");
        for (String tenant : TENANTS) {
            DEVICES.sendTo(TOPIC + "." + tenant, IntStream.range(0, 200).mapToObj(i -> reading(tenant, i)).toList());
            DEVICES.sendTo(TOPIC + "." + tenant, List.of("bad " + secret(tenant), "{\"sensor_id\": \"" + secret(tenant) + "\"}"));
        }
        DATABASE.awaitReadings(400);
        for (String tenant : TENANTS) {
            Awaitility.await("keys are loaded").until(() -> call(tenant, "GET", "/data/latest", null).statusCode() == 200);
            change(tenant, "/alert-rules", "{\"name\": \"%s\", \"severity\": \"critical\", \"metric\": \"temperature\", \"above\": -1000, \"message\": \"%1$s\"}");
            change(tenant, "/alert-channels", "{\"name\": \"%s\", \"webhook\": {\"url\": \"http://127.0.0.1:1/%1$s\", \"secret\": \"0123456789abcdef0123456789abcdef\"}}");
            assertEquals(200, call(tenant, "PUT", "/metrics/temperature", "{\"kind\": \"gauge\", \"display_name\": \"" + secret(tenant) + "\"}").statusCode());
            Awaitility.await("dead letters").until(() -> call(tenant, "GET", "/dead-letters", null).body().contains(secret(tenant)));
            DEVICES.sendTo(TOPIC + "." + tenant, List.of(reading(tenant, 200)));
            Awaitility.await("alerts").until(() -> call(tenant, "GET", "/alerts", null).body().contains(secret(tenant)));
            for (String list : List.of("/alerts", "/alert-rules", "/alert-channels", "/dead-letters", "/keys")) {
                Http.json(call(tenant, "GET", list, null)).path("data").forEach(one -> IDS.add(one.path("id").asText()));
            }
        }
        contract = JSON.readTree(call("acme", "GET", "/openapi.json", null).body());
        contract.path("paths").properties().forEach(path -> {
            if (path.getValue().has("get") && !path.getValue().has("servers") && !path.getKey().equals("/stream")) {
                OPERATIONS.add(Map.entry(path.getKey(), path.getValue().path("get")));
            }
        });
        assertTrue(OPERATIONS.size() > 15, OPERATIONS::toString);
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
        DEVICES.close();
    }

    private static String secret(String tenant) {
        return "secret-of-" + tenant;
    }

    private static String other(String tenant) {
        return tenant.equals("acme") ? "bolt" : "acme";
    }

    /** The same sensors and times for both, and each other's names for some. */
    private static String reading(String tenant, int number) {
        return "{\"sensor_id\": \"s%d\", \"location\": \"%s\", \"timestamp\": \"%s\", \"temperature\": %d, \"note\": \"%s\"}"
                .formatted(number % 7, number % 2 == 0 ? secret(tenant) : "hall", Instant.now().minusSeconds(300 - number), number, secret(tenant));
    }

    private static void change(String tenant, String path, String body) throws Exception {
        HttpResponse<String> answer = call(tenant, "POST", path, body.formatted(secret(tenant)));
        assertEquals(201, answer.statusCode(), answer.body());
    }

    private static HttpRequest request(String tenant, String method, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path)).header("Authorization", "Bearer " + KEYS.get(tenant)).timeout(Duration.ofSeconds(30))
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        return body == null ? request.build() : request.header("Content-Type", "application/json").build();
    }

    private static HttpResponse<String> call(String tenant, String method, String path, String body) throws IOException, InterruptedException {
        return CLIENT.send(request(tenant, method, path, body), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? contract.at(node.path("$ref").asText().substring(1)) : node;
    }

    private static String pick(Random random, List<String> values) {
        return values.get(random.nextInt(values.size()));
    }

    /** A value that the parameter may have, mostly. */
    private static String value(Random random, String name, JsonNode schema) {
        JsonNode one = schema.path("type").asText().equals("array") ? schema.path("items") : schema;
        if (one.has("enum")) {
            return one.path("enum").path(random.nextInt(one.path("enum").size())).asText();
        }
        return switch (name) {
            case "limit" -> String.valueOf(1 + random.nextInt(50));
            case "metric", "per" -> pick(random, List.of("temperature", "humidity"));
            case "sensor_id", "search" -> "s" + random.nextInt(8);
            case "location" -> pick(random, List.of("hall", secret("acme"), secret("bolt")));
            case "from", "active_from" -> Instant.now().minusSeconds(60 * (1 + random.nextInt(30))).toString();
            case "to" -> Instant.now().plusSeconds(60).toString();
            case "interval" -> pick(random, List.of("auto", "1m", "1h"));
            case "id", "rule_id", "channel_id", "cursor", "rule" -> pick(random, IDS);
            default -> pick(random, List.of("1", "temperature", "s1", "true"));
        };
    }

    private static String path(Random random) {
        Map.Entry<String, JsonNode> operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
        String path = operation.getKey();
        List<String> query = new ArrayList<>();
        for (JsonNode reference : operation.getValue().path("parameters")) {
            JsonNode parameter = resolved(reference);
            String name = parameter.path("name").asText();
            String value = URLEncoder.encode(value(random, name, resolved(parameter.path("schema"))), StandardCharsets.UTF_8);
            if (parameter.path("in").asText().equals("path")) {
                path = path.replace("{" + name + "}", value);
            } else if (parameter.path("in").asText().equals("query") && !name.equals("tenant") && (parameter.path("required").asBoolean() || random.nextInt(4) == 0)) {
                query.add(name + "=" + value);
            }
        }
        return path + (query.isEmpty() ? "" : "?" + String.join("&", query));
    }

    private static HttpRequest next(Random random, String tenant) {
        return switch (random.nextInt(12)) {
            case 0 -> request(tenant, "DELETE", "/data/readings?dry_run=true&sensor_id=s" + random.nextInt(7), null);
            case 1 -> request(tenant, "POST", "/dead-letters/discard", "{\"reason\": \"a\", \"dry_run\": true}");
            case 2 -> request(tenant, "POST", "/alerts/" + pick(random, IDS) + "/acknowledge", "{\"by\": \"" + tenant + "\"}");
            case 3 -> request(tenant, "POST", "/alert-rules/try", "{\"name\": \"r\", \"severity\": \"info\", \"metric\": \"temperature\", \"above\": 1}");
            default -> request(tenant, random.nextInt(20) == 0 ? "HEAD" : "GET", path(random), null);
        };
    }

    /** What a tenant got, that it should not have. */
    private static void check(Queue<String> leaks, String tenant, HttpRequest request, HttpResponse<String> answer) {
        // A name that the caller gave itself may be in the answer that refuses it.
        boolean isEcho = answer.statusCode() == 400 || answer.statusCode() == 404;
        if (answer.body().contains(secret(other(tenant))) && !(isEcho && request.uri().toString().contains(secret(other(tenant)))) || answer.statusCode() == 500) {
            leaks.add(tenant + " " + request.method() + " " + request.uri() + " " + answer.statusCode() + " " + answer.body());
        }
    }

    @Test
    void neitherOfTwoTenantsGetsAByteOfTheOther() throws Exception {
        Queue<String> leaks = new ConcurrentLinkedQueue<>();
        Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
        Map<String, StringBuffer> streams = new TreeMap<>();
        List<CompletableFuture<?>> listening = new ArrayList<>();
        for (String tenant : TENANTS) {
            StringBuffer events = streams.computeIfAbsent(tenant, one -> new StringBuffer());
            HttpRequest stream = HttpRequest.newBuilder(URI.create(address + "/stream")).header("Authorization", "Bearer " + KEYS.get(tenant)).build();
            listening.add(CLIENT.sendAsync(stream, HttpResponse.BodyHandlers.ofByteArrayConsumer(bytes -> bytes.ifPresent(some -> events.append(new String(some, StandardCharsets.UTF_8))))));
        }
        AtomicInteger left = new AtomicInteger(CALLS);
        List<CompletableFuture<Void>> callers = IntStream.range(0, CALLERS).mapToObj(seed -> CompletableFuture.runAsync(() -> {
            Random random = new Random(seed);
            for (int number = left.decrementAndGet(); number >= 0; number = left.decrementAndGet()) {
                String tenant = pick(random, TENANTS);
                HttpRequest request = next(random, tenant);
                CompletableFuture<HttpResponse<String>> pending = CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofString());
                try {
                    // Some callers lose patience while PostgreSQL still works for them.
                    HttpResponse<String> answer = random.nextInt(15) == 0 ? pending.get(random.nextInt(4), TimeUnit.MILLISECONDS) : pending.get();
                    statuses.computeIfAbsent(answer.statusCode(), one -> new AtomicInteger()).incrementAndGet();
                    check(leaks, tenant, request, answer);
                } catch (TimeoutException e) {
                    pending.cancel(true);
                } catch (InterruptedException | ExecutionException e) {
                    throw new IllegalStateException(request.toString(), e);
                }
            }
        }, task -> new Thread(task, "caller-" + seed).start())).toList();
        for (int number = 201; callers.stream().anyMatch(caller -> !caller.isDone()); number++) {
            for (String tenant : TENANTS) {
                DEVICES.sendTo(TOPIC + "." + tenant, List.of(reading(tenant, number)));
            }
        }
        callers.forEach(CompletableFuture::join);
        for (String tenant : TENANTS) {
            Awaitility.await("the stream of " + tenant).until(() -> streams.get(tenant).indexOf(secret(tenant)) > 0);
            assertEquals(-1, streams.get(tenant).indexOf(secret(other(tenant))), tenant);
        }
        listening.forEach(stream -> stream.cancel(true));
        assertEquals(List.of(), leaks.stream().limit(5).toList(), statuses::toString);
        assertTrue(statuses.get(200).get() > CALLS / 3, statuses::toString);
    }
}
