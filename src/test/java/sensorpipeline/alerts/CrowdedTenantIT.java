package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.AlertListener;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** A tenant has as many rules as it can have, with conditions as dear as they can be. */
class CrowdedTenantIT {

    private static final int RULES = 10_000;
    private static final int SENSORS = 500;
    private static final int READINGS_A_SECOND = 2_000;
    private static final int ALERTS = 1000;
    private static final Duration WITHIN = Duration.ofSeconds(1);
    /** As dear as a condition can be: a hundred numbers, names, operators and functions. */
    private static final String DEAR = IntStream.range(0, 19).mapToObj(i -> "math.sqrt(x) > 9").collect(Collectors.joining("||")) + "||x>9";
    private static final int CONDITIONS = 10_000 / DEAR.length();

    private final Settings settings = Servers.settings();
    private final String topic = settings.text("topic.name");

    @Test
    void alertsOfOthersAreToldWithinASecondWhileATenantWith10000RulesSendsAndChangesThem() throws Exception {
        ScheduledExecutorService devices = Executors.newSingleThreadScheduledExecutor();
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER, Services.ALERTS, Services.API));
                Pipeline crowded = new Pipeline(settings.with("api.tenant", "crowd").with("api.port", 0).with("management.port", 0), Set.of(Services.API));
                Readings crowd = new Readings(settings); Readings ward = new Readings(settings)) {
            pipeline.start();
            crowded.start();
            crowd.sendTo(topic + ".crowd", readings(0, SENSORS));
            Http ofCrowd = new Http(crowded.port("api.port"));
            JsonNode imported = importRules(ofCrowd, 1000);
            assertEquals(RULES, imported.path("added").asInt(), imported::toString);
            Http ofWard = new Http(pipeline.port("api.port"));
            assertEquals(201, ofWard.post("/alert-rules", "{\"name\":\"hot\",\"metric\":\"t\",\"severity\":\"critical\",\"above\":40}").statusCode());

            AtomicLong sent = new AtomicLong();
            Future<?> sending = devices.scheduleAtFixedRate(() -> crowd.sendTo(topic + ".crowd", readings(sent.getAndAdd(READINGS_A_SECOND / 10), READINGS_A_SECOND / 10)), 0, 100,
                    TimeUnit.MILLISECONDS);
            List<Long> times = new ArrayList<>();
            CompletableFuture<JsonNode> changed = null;
            try (AlertListener listener = new AlertListener(pipeline.port("api.port"))) {
                while (times.size() < ALERTS) {
                    if (times.size() == ALERTS / 2) {
                        changed = CompletableFuture.supplyAsync(() -> importRules(ofCrowd, 2000));
                    }
                    int value = times.size() % 2 == 0 ? 50 : 30;
                    int told = listener.alerts().size();
                    long start = System.nanoTime();
                    String bed = "bed-" + times.size() / 2;
                    ward.sendRecords(List.of(new ProducerRecord<>(topic, bed.getBytes(StandardCharsets.UTF_8),
                            "{\"sensor_id\":\"%s\",\"t\":%d,\"timestamp\":\"%s\"}".formatted(bed, value, Instant.now()).getBytes(StandardCharsets.UTF_8))));
                    Awaitility.await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(5)).until(() -> listener.alerts().size() > told);
                    times.add(Duration.ofNanos(System.nanoTime() - start).toMillis());
                }
            }
            if (sending.isDone()) {
                sending.get();
            }
            sending.cancel(false);
            assertEquals(RULES - CONDITIONS, changed.join().path("changed").asInt());
            List<Long> sorted = times.stream().sorted().toList();
            assertTrue(sorted.get(ALERTS * 99 / 100) <= WITHIN.toMillis(), () -> "Milliseconds until alerts of the other tenant were told: " + times);
        } finally {
            devices.shutdownNow();
        }
    }

    private static List<String> readings(long first, int count) {
        String now = Instant.now().toString();
        return IntStream.range(0, count).mapToObj(i -> "{\"sensor_id\":\"crowd-%d\",\"x\":%d,\"timestamp\":\"%s\"}".formatted((first + i) % SENSORS, i % 9, now)).toList();
    }

    private static JsonNode importRules(Http api, int limit) {
        String rules = IntStream.range(0, RULES).mapToObj(i -> i < CONDITIONS ? "{\"name\":\"%d\",\"severity\":\"info\",\"when\":\"%s\"}".formatted(i, DEAR)
                : "{\"name\":\"%d\",\"severity\":\"info\",\"metric\":\"x\",\"above\":%d}".formatted(i, limit + i)).collect(Collectors.joining(","));
        HttpResponse<String> answer = api.call("POST", "/alert-rules/import", HttpRequest.BodyPublishers.ofString("{\"data\":[" + rules + "]}"), "Content-Type", "application/json");
        assertEquals(200, answer.statusCode(), answer.body());
        return Http.json(answer);
    }
}
