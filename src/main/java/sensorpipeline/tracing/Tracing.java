package sensorpipeline.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.opentelemetry2.OpenTelemetryTracer;
import sensorpipeline.settings.Settings;

/**
 * Exports spans of routes and their calls to a collector (OTLP over HTTP), some seconds after they end. While it is
 * unreachable, spans are dropped and nothing else is delayed. Thread-safe.
 */
public final class Tracing implements AutoCloseable {

    private static final String SCOPE = "sensor-pipeline";
    /** Maximum time that a shutdown waits for the last spans to be sent. */
    private static final int LAST_SPANS_SECONDS = 2;

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    /**
     * @param settings {@code tracing.*}, with the endpoint set
     * @param program name of this program in traces, such as {@code sensor-pipeline-consumer}
     * @throws Settings.InvalidSetting if one is invalid
     */
    public Tracing(Settings settings, String program) {
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder().setEndpoint(endpoint(settings) + "/v1/traces").setCompression("gzip").build();
        provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault().merge(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), program))))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(ratio(settings))))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).setScheduleDelay(1, TimeUnit.SECONDS).build())
                .build();
        tracer = provider.get(SCOPE);
    }

    /**
     * @param settings {@code tracing.*}, used or not
     * @throws Settings.InvalidSetting if one is invalid
     */
    public static void require(Settings settings) {
        ratio(settings);
        if (settings.has("tracing.endpoint")) {
            endpoint(settings);
        }
    }

    private static double ratio(Settings settings) {
        double ratio = settings.number("tracing.ratio");
        if (ratio > 1) {
            throw new Settings.InvalidSetting("tracing.ratio", settings.text("tracing.ratio"), "a number from 0 to 1");
        }
        return ratio;
    }

    private static String endpoint(Settings settings) {
        return settings.webAddress("tracing.endpoint",
                "the http or https address of an OpenTelemetry collector, such as http://localhost:4318, without a slash at its end");
    }

    /** Traces all routes of this context; must be called before they are added. */
    public void trace(CamelContext context) {
        context.getRegistry().bind("tracer", Tracer.class, tracer);
        context.getRegistry().bind("trace-propagators", ContextPropagators.class, ContextPropagators.create(W3CTraceContextPropagator.getInstance()));
        new OpenTelemetryTracer().init(context);
    }

    /** @return the tracing of Kafka records */
    public RecordTraces records() {
        return new RecordTraces(tracer);
    }

    /** Sends the remaining spans, for two seconds at most. */
    @Override
    public void close() {
        provider.shutdown().join(LAST_SPANS_SECONDS, TimeUnit.SECONDS);
    }
}
