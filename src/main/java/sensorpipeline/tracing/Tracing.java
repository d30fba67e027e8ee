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
import java.net.URI;
import java.net.URISyntaxException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.opentelemetry2.OpenTelemetryTracer;
import sensorpipeline.settings.Settings;

/**
 * Sends spans of routes, and of the calls they make, to a collector (OTLP over HTTP), some seconds after they end. While it does not answer,
 * spans are dropped and nothing else waits. Safe for use by many threads.
 */
public final class Tracing implements AutoCloseable {

    private static final String SCOPE = "sensor-pipeline";
    /** Longest time that a stop waits for the last spans to be sent. */
    private static final int LAST_SPANS_SECONDS = 2;

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    /**
     * @param settings {@code tracing.*}, of which the endpoint is given
     * @param program name of this one, beside others, such as {@code sensor-pipeline-consumer}
     * @throws Settings.InvalidSetting if one is not as it must be
     */
    public Tracing(Settings settings, String program) {
        double ratio = settings.number("tracing.ratio");
        if (ratio > 1) {
            throw new Settings.InvalidSetting("tracing.ratio", settings.text("tracing.ratio"), "a number from 0 to 1");
        }
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder().setEndpoint(endpoint(settings) + "/v1/traces").setCompression("gzip").build();
        provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault().merge(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), program))))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(ratio)))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).setScheduleDelay(1, TimeUnit.SECONDS).build())
                .build();
        tracer = provider.get(SCOPE);
    }

    private static String endpoint(Settings settings) {
        String endpoint = settings.text("tracing.endpoint");
        try {
            if (endpoint.matches("https?://.*[^/]") && new URI(endpoint).getHost() != null) {
                return endpoint;
            }
        } catch (URISyntaxException e) {
            // told below
        }
        throw new Settings.InvalidSetting("tracing.endpoint", endpoint, "the http or https address of an OpenTelemetry collector, such as http://localhost:4318, without a slash at its end");
    }

    /** Makes spans of all routes of this context; to be called before they are there. */
    public void trace(CamelContext context) {
        context.getRegistry().bind("tracer", Tracer.class, tracer);
        context.getRegistry().bind("trace-propagators", ContextPropagators.class, ContextPropagators.create(W3CTraceContextPropagator.getInstance()));
        new OpenTelemetryTracer().init(context);
    }

    /** @return what traces records of Kafka */
    public RecordTraces records() {
        return new RecordTraces(tracer);
    }

    /** Sends what is left, for two seconds at most. */
    @Override
    public void close() {
        provider.shutdown().join(LAST_SPANS_SECONDS, TimeUnit.SECONDS);
    }
}
