package sensorpipeline.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Handler;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Measures the requests of a listener by method, path and status. The path is the declared one, never the requested one,
 * so that clients cannot create new series.
 */
final class RequestTimes implements Handler<RoutingContext> {

    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE");

    private final MeterRegistry meters;
    private final String listener;

    /**
     * @param meters where the times are recorded
     * @param listener its name
     */
    RequestTimes(MeterRegistry meters, String listener) {
        this.meters = meters;
        this.listener = listener;
    }

    @Override
    public void handle(RoutingContext context) {
        long start = System.nanoTime();
        context.addEndHandler(ended -> {
            // The duration of a subscription is not a response time.
            if (!"text/event-stream".equals(context.response().headers().get("Content-Type"))) {
                timer(context).record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
            }
        });
        context.next();
    }

    private Timer timer(RoutingContext context) {
        String method = context.request().method().name();
        Route route = context.currentRoute();
        return Timer.builder("sensor.pipeline.http.requests").description("Requests, and the time until their answers were sent")
                .tag("listener", listener)
                .tag("method", METHODS.contains(method) ? method : "other")
                .tag("path", route == null || route.getPath() == null ? "none" : route.getPath())
                .tag("status", String.valueOf(context.response().getStatusCode()))
                .register(meters);
    }
}
