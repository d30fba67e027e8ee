package sensorpipeline.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Measures how soon alerts are told: sends readings of sensors that have an alert each, reads the live stream, and receives webhooks. */
final class AlertProbe implements AutoCloseable {

    private static final Duration SEND_INTERVAL = Duration.ofMillis(100);
    private static final Duration LAST_LIMIT = Duration.ofSeconds(30);
    private static final Pattern SENSOR = Pattern.compile("\"sensor_id\":\"(probe-\\d+)\"");

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final Socket stream;
    private final HttpServer webhook;
    /** When Kafka appended a reading, in milliseconds since 1970, by sensor. */
    private final Map<String, Long> appended = new ConcurrentHashMap<>();
    /** When the stream had the alert, by sensor. */
    private final Map<String, Long> told = new ConcurrentHashMap<>();
    /** When the webhook of a channel was called, by sensor. */
    private final Map<String, Long> posted = new ConcurrentHashMap<>();
    private int sent;

    AlertProbe(PipelineSettings settings) throws IOException, SQLException {
        producer = Sender.producer(settings, 0);
        topic = settings.topic();
        stream = new Socket("127.0.0.1", settings.apiPort());
        stream.getOutputStream().write("GET /stream HTTP/1.1\r\nHost: bench\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        webhook = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        webhook.createContext("/", this::receive);
        webhook.start();
        addChannels(settings);
        Thread reader = new Thread(this::read, "stream");
        reader.setDaemon(true);
        reader.start();
    }

    /** As many that none of them has a storm of alerts. */
    private void addChannels(PipelineSettings settings) throws SQLException {
        try (Connection connection = settings.connect(); Statement statement = connection.createStatement()) {
            statement.execute("SET pipeline.tenant = 'default'");
            for (int digit = 0; digit < 10; digit++) {
                statement.execute(("SELECT save_alert_channel(NULL, 'probe %d', '{\"name\":\"probe\",\"webhook\":{\"url\":\"http://127.0.0.1:%d/\"}}',"
                        + " '{\"severity\":\"info\",\"sensors\":[\"probe-%%%d\"],\"tells_cleared\":true}', '0123456789abcdef')").formatted(digit, webhook.getAddress().getPort(), digit));
            }
        }
    }

    private void receive(HttpExchange exchange) throws IOException {
        String message = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        long now = System.currentTimeMillis();
        Matcher matcher = SENSOR.matcher(message);
        while (matcher.find()) {
            posted.putIfAbsent(matcher.group(1), now);
        }
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.getInputStream(), StandardCharsets.UTF_8))) {
            boolean isAlert = false;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event: ")) {
                    isAlert = line.equals("event: alert");
                } else if (isAlert && line.startsWith("data: ")) {
                    long now = System.currentTimeMillis();
                    Matcher matcher = SENSOR.matcher(line);
                    if (matcher.find()) {
                        told.putIfAbsent(matcher.group(1), now);
                    }
                }
            }
            Output.say("The live stream has ended");
        } catch (IOException e) {
            if (!stream.isClosed()) {
                Output.say("The live stream was closed: %s", e.getMessage());
            }
        }
    }

    /** Sends for so many seconds, and adds the latencies under a name. */
    void measure(String name, long seconds, Map<String, Object> result) throws InterruptedException {
        int first = sent;
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        while (System.nanoTime() < end) {
            String sensor = "probe-" + sent++;
            String json = "{\"sensor_id\":\"%s\",\"probed\":1,\"timestamp\":\"%s\"}".formatted(sensor, Instant.now());
            producer.send(new ProducerRecord<>(topic, sensor.getBytes(StandardCharsets.UTF_8), json.getBytes(StandardCharsets.UTF_8)), (record, failure) -> {
                if (failure == null) {
                    appended.put(sensor, record.timestamp());
                }
            });
            Thread.sleep(SEND_INTERVAL.toMillis());
        }
        producer.flush();
        long limit = System.nanoTime() + LAST_LIMIT.toNanos();
        while (Math.min(told.size(), posted.size()) < appended.size() && System.nanoTime() < limit) {
            Thread.sleep(SEND_INTERVAL.toMillis());
        }
        result.put(name + "_alerts", sent - first);
        report(name, first, told, result);
        report(name + "_webhook", first, posted, result);
    }

    private void report(String name, int first, Map<String, Long> times, Map<String, Object> result) {
        Percentiles latencies = new Percentiles(appended.keySet().stream().filter(sensor -> times.containsKey(sensor) && Integer.parseInt(sensor.substring(6)) >= first)
                .map(sensor -> times.get(sensor) - appended.get(sensor)).toList());
        result.put(name + "_missing", appended.size() - times.size());
        result.put(name + "_p50_ms", latencies.at(50));
        result.put(name + "_p99_ms", latencies.at(99));
        result.put(name + "_max_ms", latencies.at(100));
        Output.say("%s: p50 %s ms, p99 %s ms, max %s ms", name, latencies.at(50), latencies.at(99), latencies.at(100));
    }

    @Override
    public void close() throws IOException {
        stream.close();
        webhook.stop(0);
        producer.close(Duration.ZERO);
    }
}
