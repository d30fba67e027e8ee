package sensorpipeline.tracing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.logging.log4j.core.util.ContextDataProvider;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Collector.Seen;
import sensorpipeline.support.Collector;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.SteadyPorts;

class TracingTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String DEVICE = "b7ad6b7169203331";

    private Collector collector;
    private Settings settings;

    @BeforeEach
    void startCollector() throws Exception {
        collector = new Collector();
        settings = Servers.settings().with("tracing.endpoint", collector.address()).with("tracing.ratio", 1);
    }

    @AfterEach
    void stopCollector() {
        collector.close();
    }

    private static ProducerRecord<byte[], byte[]> record(Settings settings, String value, String traceparent) {
        return new ProducerRecord<>(settings.text("topic.name"), null, null, null, value.getBytes(StandardCharsets.UTF_8),
                traceparent == null ? List.of() : List.of(new RecordHeader("traceparent", traceparent.getBytes(StandardCharsets.UTF_8))));
    }

    private static String reading(String sensor) {
        return Readings.json(sensor, Instant.now().toString(), 21.5);
    }

    private Seen awaitSpan(String program, String name, String trace) {
        return Awaitility.await(name).until(() -> collector.spans().stream()
                .filter(seen -> seen.program().equals(program) && seen.span().getName().equals(name) && (trace == null || seen.trace().equals(trace)))
                .findFirst().orElse(null), seen -> seen != null);
    }

    @Test
    void aTraceThatADeviceBeganEndsWithItsRow() throws Exception {
        String topic = settings.text("topic.name");
        try (Pipeline consumer = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings readings = new Readings(settings)) {
            consumer.start();
            readings.sendRecords(List.of(
                    record(settings, reading("s1"), "00-" + TRACE + "-" + DEVICE + "-01"),
                    record(settings, reading("s2"), null)));
            readings.awaitDone();

            Seen row = awaitSpan("sensor-pipeline-consumer", "process " + topic, TRACE);
            assertEquals(DEVICE, row.parent());
            assertEquals(Span.SpanKind.SPAN_KIND_CONSUMER, row.span().getKind());
            assertEquals("stored", row.attribute("sensor_pipeline.outcome"));
            assertEquals(topic, row.attribute("messaging.destination.name"));
            assertEquals("0", row.attribute("messaging.kafka.offset"));
            String batch = HexFormat.of().formatHex(row.span().getLinks(0).getTraceId().toByteArray());
            Awaitility.await().untilAsserted(() -> {
                Set<String> steps = collector.spans().stream().filter(seen -> seen.trace().equals(batch)).map(seen -> seen.span().getName()).collect(Collectors.toSet());
                assertTrue(steps.containsAll(Set.of("insert-readings", "number-series", "copy-readings")), steps.toString());
            });
        }
    }

    @Test
    void aTraceEndsWithTheReasonOfItsDeadLetter() throws Exception {
        try (Pipeline consumer = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings readings = new Readings(settings)) {
            consumer.start();
            readings.sendRecords(List.of(record(settings, "no reading", "00-" + TRACE + "-" + DEVICE + "-01")));
            readings.awaitDone();
            Seen letter = awaitSpan("sensor-pipeline-consumer", "process " + settings.text("topic.name"), TRACE);
            assertEquals("dead letter", letter.attribute("sensor_pipeline.outcome"));
            assertEquals(Status.StatusCode.STATUS_CODE_ERROR, letter.span().getStatus().getCode());
            assertEquals(Readings.header(readings.deadLetters().get(0), "dead-letter-reason"), letter.span().getStatus().getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"00-" + TRACE + "-" + DEVICE + "-00", "nonsense", "''", "00-00000000000000000000000000000000-" + DEVICE + "-01"})
    void whatDoesNotAskForATraceHasNoneAndIsStoredAllTheSame(String traceparent) throws Exception {
        try (Pipeline consumer = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings readings = new Readings(settings)) {
            consumer.start();
            readings.sendRecords(List.of(record(settings, reading("s1"), traceparent), record(settings, reading("s2"), "00-" + TRACE + "-" + DEVICE + "-01")));
            readings.awaitDone();
            awaitSpan("sensor-pipeline-consumer", "process " + settings.text("topic.name"), TRACE);
            assertEquals(1, collector.spans().stream().filter(seen -> seen.span().getName().startsWith("process ")).count());
            new Database(settings).awaitReadings(2);
        }
    }

    @Test
    void theSimulatorsTracesEndWithTheirRowsInAnotherProgram() throws Exception {
        Settings sending = settings.with("producer.sensors", 1).with("producer.interval", "100ms");
        try (Pipeline consumer = new Pipeline(settings, Set.of(Services.CONSUMER)); Pipeline producer = new Pipeline(sending, Set.of(Services.PRODUCER))) {
            consumer.start();
            producer.start();
            Seen row = awaitSpan("sensor-pipeline-consumer", "process " + settings.text("topic.name"), null);
            Seen sent = Awaitility.await().until(() -> collector.spans().stream().filter(seen -> seen.trace().equals(row.trace()) && seen.id().equals(row.parent()))
                    .findFirst().orElse(null), seen -> seen != null);
            assertEquals("sensor-pipeline-producer", sent.program());
        }
    }

    @Test
    void aRequestIsTracedFromItsCallersTraceToTheStatement() throws Exception {
        try (Pipeline program = new Pipeline(settings, Set.of(Services.CONSUMER, Services.API))) {
            program.start();
            assertEquals(200, new Http(program.port("api.port")).get("/data/stats", "traceparent", "00-" + TRACE + "-" + DEVICE + "-01").statusCode());
            Awaitility.await().untilAsserted(() -> {
                List<Seen> trace = collector.spans().stream().filter(seen -> seen.trace().equals(TRACE)).toList();
                assertTrue(trace.stream().anyMatch(seen -> seen.parent().equals(DEVICE)), trace.toString());
                assertTrue(trace.stream().anyMatch(seen -> "camel-jdbc".equals(seen.attribute("component"))), trace.toString());
            });
        }
    }

    @Test
    void withoutAnEndpointNothingIsAddedToRecords() throws Exception {
        Settings off = settings.with("tracing.endpoint", "").with("producer.sensors", 1).with("producer.interval", "100ms");
        try (Pipeline both = new Pipeline(off, Set.of(Services.PRODUCER, Services.CONSUMER))) {
            both.start();
            Awaitility.await().until(() -> new Database(off).readings() > 3);
        }
        assertEquals(Set.of(), headers(off));
        assertEquals(List.of(), collector.spans());
    }

    private static Set<String> headers(Settings settings) {
        Map<String, Object> properties = KafkaClients.properties(settings);
        properties.put("group.id", "headers");
        properties.put("auto.offset.reset", "earliest");
        List<String> headers = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(settings.text("topic.name")));
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            Awaitility.await().until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                return !records.isEmpty();
            });
            records.forEach(record -> record.headers().forEach(header -> headers.add(header.key())));
        }
        return Set.copyOf(headers);
    }

    @Test
    void aCollectorThatIsAwayHoldsNothingUp() throws Exception {
        Settings away = settings.with("tracing.endpoint", "http://127.0.0.1:" + SteadyPorts.anyFree());
        long start;
        try (Pipeline consumer = new Pipeline(away, Set.of(Services.CONSUMER)); Readings readings = new Readings(away)) {
            consumer.start();
            readings.sendRecords(List.of(record(away, reading("s1"), "00-" + TRACE + "-" + DEVICE + "-01")));
            new Database(away).awaitReadings(1, Duration.ofSeconds(20));
            start = System.nanoTime();
        }
        assertTrue(System.nanoTime() - start < Duration.ofSeconds(10).toNanos());
    }

    @Test
    void logEventsCarryTheTraceOfTheirThread() {
        ContextDataProvider found = ServiceLoader.load(ContextDataProvider.class).stream().map(ServiceLoader.Provider::get)
                .filter(TraceOfLogEvent.class::isInstance).findFirst().orElseThrow();
        assertEquals(Map.of(), found.supplyContextData());
        SpanContext context = SpanContext.create(TRACE, DEVICE, TraceFlags.getSampled(), TraceState.getDefault());
        assertEquals(Map.of("trace_id", TRACE, "span_id", DEVICE),
                Context.root().with(io.opentelemetry.api.trace.Span.wrap(context)).wrapSupplier(found::supplyContextData).get());
        assertEquals(Map.of(), found.supplyContextData());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "tracing.endpoint | localhost:4318 | TRACING_ENDPOINT must be the http or https address of an OpenTelemetry collector, such as http://localhost:4318, without a slash at its end; got 'localhost:4318'",
        "tracing.endpoint | http://a b | TRACING_ENDPOINT must be the http or https address of an OpenTelemetry collector, such as http://localhost:4318, without a slash at its end; got 'http://a b'",
        "tracing.ratio | 1.5 | TRACING_RATIO must be a number from 0 to 1; got '1.5'",
        "tracing.ratio | all | TRACING_RATIO must be a number of 0 or more; got 'all'"})
    void aSettingThatCannotBeIsTold(String key, String value, String told) {
        try (Pipeline refused = new Pipeline(settings.with(key, value), Set.of(Services.PRODUCER))) {
            assertEquals(told, assertThrows(Settings.InvalidSetting.class, refused::start).getMessage());
        }
    }
}
