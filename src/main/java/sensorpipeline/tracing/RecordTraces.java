package sensorpipeline.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import sensorpipeline.kafka.DeadLetter;
import sensorpipeline.kafka.PolledRecords;

/**
 * Completes traces started by devices: a record whose header {@code traceparent} (W3C Trace Context) requests it gets its
 * own span, linked to the trace of its batch. Names follow OpenTelemetry's semantic conventions for messaging. Thread-safe.
 */
public final class RecordTraces {

    /** Enough for insight, and few enough that a fleet which samples every trace does not overload the collector. */
    private static final int MOST_IN_BATCH = 100;
    private static final String HEADER = "traceparent";
    private static final byte[] NONE = {};

    /** Null if tracing is off. */
    private final Tracer tracer;

    RecordTraces(Tracer tracer) {
        this.tracer = tracer;
    }

    /** @return an instance that traces nothing, at no cost */
    public static RecordTraces none() {
        return new RecordTraces(null);
    }

    /**
     * Called when a batch is processed, on the thread whose current span is the batch's.
     *
     * @param polled all of its records
     * @param deadLetters of those that are not stored
     */
    public void end(PolledRecords polled, List<DeadLetter> deadLetters) {
        if (tracer == null) {
            return;
        }
        Map<ConsumerRecord<byte[], byte[]>, String> reasons = new HashMap<>();
        deadLetters.forEach(letter -> reasons.put(letter.record(), letter.reason()));
        SpanContext batch = Span.current().getSpanContext();
        int made = 0;
        for (ConsumerRecord<byte[], byte[]> record : polled.records()) {
            if (made == MOST_IN_BATCH) {
                return;
            }
            if (record.headers().lastHeader(HEADER) != null) {
                Context sender = W3CTraceContextPropagator.getInstance().extract(Context.root(), record.headers(), RecordHeaders.GETTER);
                if (Span.fromContext(sender).getSpanContext().isSampled()) {
                    end(record, sender, batch, polled, reasons.get(record));
                    made++;
                }
            }
        }
    }

    private void end(ConsumerRecord<byte[], byte[]> record, Context sender, SpanContext batch, PolledRecords polled, String reason) {
        Span span = tracer.spanBuilder("process " + record.topic()).setParent(sender).setSpanKind(SpanKind.CONSUMER).addLink(batch)
                .setStartTimestamp(polled.at())
                .setAttribute("messaging.system", "kafka")
                .setAttribute("messaging.operation.type", "process")
                .setAttribute("messaging.destination.name", record.topic())
                .setAttribute("messaging.destination.partition.id", String.valueOf(record.partition()))
                .setAttribute("messaging.kafka.offset", record.offset())
                .setAttribute("messaging.batch.message_count", polled.records().size())
                .setAttribute("sensor_pipeline.outcome", reason == null ? "stored" : "dead letter")
                .startSpan();
        if (reason != null) {
            span.setStatus(StatusCode.ERROR, reason);
        }
        span.end();
    }

    /** Accesses record headers for a propagator. */
    private enum RecordHeaders implements TextMapGetter<Headers> {
        GETTER;

        @Override
        public Iterable<String> keys(Headers headers) {
            return Collections.singleton(HEADER);
        }

        @Override
        public String get(Headers headers, String key) {
            Header header = headers.lastHeader(key);
            return header == null ? null : new String(header.value() == null ? NONE : header.value(), StandardCharsets.UTF_8);
        }
    }
}
