package sensorpipeline.support;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/** An OpenTelemetry collector that keeps the spans it receives (OTLP over HTTP). */
public final class Collector implements AutoCloseable {

    private final HttpServer server;
    private final List<Seen> spans = new CopyOnWriteArrayList<>();

    /**
     * A received span.
     *
     * @param program that sent it
     * @param span itself
     */
    public record Seen(String program, Span span) {

        /** @return its trace id, as in a header */
        public String trace() {
            return HexFormat.of().formatHex(span.getTraceId().toByteArray());
        }

        /** @return its span id, as in a header */
        public String id() {
            return HexFormat.of().formatHex(span.getSpanId().toByteArray());
        }

        /** @return its parent's span id; empty for the root span */
        public String parent() {
            return HexFormat.of().formatHex(span.getParentSpanId().toByteArray());
        }

        /** @return the value of an attribute as text, or null */
        public String attribute(String key) {
            return span.getAttributesList().stream().filter(one -> one.getKey().equals(key)).findFirst()
                    .map(one -> one.getValue().hasStringValue() ? one.getValue().getStringValue() : String.valueOf(one.getValue().getIntValue())).orElse(null);
        }
    }

    /** Starts it on a free port. */
    public Collector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", call -> {
            try (InputStream body = new GZIPInputStream(call.getRequestBody())) {
                ExportTraceServiceRequest.parseFrom(body).getResourceSpansList().forEach(resource -> {
                    String program = resource.getResource().getAttributesList().stream().filter(one -> "service.name".equals(one.getKey()))
                            .findFirst().orElseThrow().getValue().getStringValue();
                    resource.getScopeSpansList().forEach(scope -> scope.getSpansList().forEach(span -> spans.add(new Seen(program, span))));
                });
            }
            call.sendResponseHeaders(200, -1);
            call.close();
        });
        server.start();
    }

    /** @return its URL, for the setting {@code tracing.endpoint} */
    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** @return all spans received so far */
    public List<Seen> spans() {
        return List.copyOf(spans);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
