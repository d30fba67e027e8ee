package sensorpipeline.health;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;

/**
 * Serves {@code /health} (everything), {@code /health/ready} (can it serve?) and {@code /health/live} (does it need a
 * restart?): 200 if healthy, 503 if not, with the state of each check and, for operators, its reason and figures.
 */
public final class HealthAnswers {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final CamelContext camel;
    /** Separate threads, so that requests waiting for PostgreSQL do not block health checks. */
    private final WorkerExecutor threads;
    private final boolean areForOperators;

    /**
     * @param camel context with the health checks
     * @param vertx to run on
     * @param areForOperators whether to tell reasons and figures, which name servers, users and settings
     */
    public HealthAnswers(CamelContext camel, Vertx vertx, boolean areForOperators) {
        this.camel = camel;
        this.areForOperators = areForOperators;
        this.threads = vertx.createSharedWorkerExecutor("health", 2);
    }

    /**
     * Adds the three paths to a listener.
     *
     * @param router of the listener
     * @param path of the first, such as {@code /health}
     */
    public void serve(Router router, String path) {
        serve(router, path, HealthCheckHelper::invoke);
        serve(router, path + "/ready", HealthCheckHelper::invokeReadiness);
        serve(router, path + "/live", HealthCheckHelper::invokeLiveness);
    }

    private void serve(Router router, String path, Function<CamelContext, Collection<HealthCheck.Result>> checks) {
        router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD)
                .handler(context -> threads.executeBlocking(() -> checks.apply(camel), false)
                        .onSuccess(results -> answer(context, results))
                        .onFailure(context::fail));
    }

    private void answer(RoutingContext context, Collection<HealthCheck.Result> results) {
        boolean healthy = HealthCheckHelper.isResultsUp(results, false);
        Map<String, Object> checks = new TreeMap<>();
        for (HealthCheck.Result result : results) {
            // Camel has a check for every route; those that are up are omitted.
            if (result.getCheck() instanceof SampledHealthCheck || result.getState() != HealthCheck.State.UP) {
                checks.put(result.getCheck().getId(), describe(result));
            }
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", healthy ? "healthy" : "unhealthy");
        body.put("timestamp", Instant.now().toString());
        body.put("checks", checks);
        try {
            context.response().setStatusCode(healthy ? 200 : 503)
                    .putHeader("Content-Type", "application/json")
                    .putHeader("Cache-Control", "no-store")
                    .end(JSON.writeValueAsString(body));
        } catch (JsonProcessingException e) {
            context.fail(e);
        }
    }

    private Map<String, Object> describe(HealthCheck.Result result) {
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("status", result.getState().name().toLowerCase(Locale.ROOT));
        if (!areForOperators) {
            return description;
        }
        result.getMessage().ifPresent(message -> description.put("message", message));
        result.getDetails().forEach((name, value) -> {
            // Camel adds details about the check itself, whose names have dots; ours have none.
            if (!name.contains(".")) {
                description.put(name, value);
            }
        });
        return description;
    }
}
