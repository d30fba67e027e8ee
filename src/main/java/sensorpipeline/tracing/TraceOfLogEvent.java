package sensorpipeline.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.util.Map;
import org.apache.logging.log4j.core.util.ContextDataProvider;

/** Adds {@code trace_id} and {@code span_id} of the thread's current span to log events. Log4j finds this class by its service file. */
public final class TraceOfLogEvent implements ContextDataProvider {

    @Override
    public Map<String, String> supplyContextData() {
        SpanContext current = Span.current().getSpanContext();
        return current.isValid() ? Map.of("trace_id", current.getTraceId(), "span_id", current.getSpanId()) : Map.of();
    }
}
