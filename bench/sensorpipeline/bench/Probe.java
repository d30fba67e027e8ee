package sensorpipeline.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Measures latency: publishes the readings of one extra sensor, and polls the REST API until it returns them. */
final class Probe implements AutoCloseable {

    private static final String SENSOR = "probe";
    private static final long SEND_MILLISECONDS = 200;
    private static final long POLL_MILLISECONDS = 15;
    /** The first ten seconds, in which partitions are assigned and Java compiles, are reported separately. */
    private static final long WARM_UP_READINGS = 50;
    private static final Duration LAST_POLL_LIMIT = Duration.ofSeconds(30);
    private static final Pattern NUMBER = Pattern.compile("\"number\"\\s*:\\s*(\\d+)");

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final HttpCalls api;
    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
    private final ScheduledFuture<?> sending;
    /** When Kafka appended the readings that were not returned yet, in milliseconds since 1970, by number. */
    private final Map<Long, Long> outstanding = new ConcurrentHashMap<>();
    /** Milliseconds from the append to the poll that returned the reading, by number. */
    private final Map<Long, Long> latencies = new ConcurrentHashMap<>();
    private final AtomicLong sent = new AtomicLong();

    Probe(PipelineSettings settings) {
        producer = Sender.producer(settings, 0);
        topic = settings.topic();
        api = new HttpCalls(settings.apiPort());
        sending = executor.scheduleAtFixedRate(this::send, 0, SEND_MILLISECONDS, TimeUnit.MILLISECONDS);
        executor.scheduleWithFixedDelay(this::poll, 0, POLL_MILLISECONDS, TimeUnit.MILLISECONDS);
    }

    private void send() {
        long number = sent.incrementAndGet();
        String json = "{\"sensor_id\":\"%s\",\"number\":%d,\"timestamp\":\"%s\"}".formatted(SENSOR, number, Instant.now());
        producer.send(new ProducerRecord<>(topic, SENSOR.getBytes(StandardCharsets.UTF_8), json.getBytes(StandardCharsets.UTF_8)),
                (appended, failure) -> {
                    if (failure == null) {
                        outstanding.put(number, appended.timestamp());
                    }
                });
    }

    private void poll() {
        if (outstanding.isEmpty()) {
            return;
        }
        try {
            String latest = api.text("/data/latest?limit=1&sensor_id=" + SENSOR);
            long now = System.currentTimeMillis();
            Matcher matcher = NUMBER.matcher(latest);
            if (matcher.find()) {
                // All readings of a sensor are in one partition, so those before the latest one are stored as well.
                long newest = Long.parseLong(matcher.group(1));
                outstanding.forEach((number, appended) -> {
                    if (number <= newest) {
                        latencies.put(number, now - appended);
                        outstanding.remove(number);
                    }
                });
            }
        } catch (IOException e) {
            // The next poll succeeds, and the latency includes the failure.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Stops sending, and waits up to 30 seconds until the REST API has returned all readings.
     *
     * @return the number of readings that were sent
     */
    long finish() throws InterruptedException {
        sending.cancel(false);
        producer.flush();
        long end = System.nanoTime() + LAST_POLL_LIMIT.toNanos();
        while (!outstanding.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(POLL_MILLISECONDS);
        }
        return sent.get();
    }

    /** Adds the figures. */
    void report(Map<String, Object> result) {
        Percentiles warmUp = of(number -> number <= WARM_UP_READINGS);
        Percentiles warm = of(number -> number > WARM_UP_READINGS);
        result.put("probes", sent.get());
        result.put("probes_seen", latencies.size());
        result.put("latency_warm_up_max_ms", warmUp.at(100));
        result.put("latency_p50_ms", warm.at(50));
        result.put("latency_p99_ms", warm.at(99));
        result.put("latency_max_ms", warm.at(100));
    }

    private Percentiles of(LongPredicate numbers) {
        List<Long> chosen = latencies.entrySet().stream().filter(latency -> numbers.test(latency.getKey())).map(Map.Entry::getValue).toList();
        return new Percentiles(chosen);
    }

    @Override
    public void close() {
        executor.shutdownNow();
        producer.close(Duration.ZERO);
    }
}
