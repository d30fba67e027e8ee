package sensorpipeline.api;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Variable;
import org.apache.camel.component.kafka.KafkaConstants;
import sensorpipeline.access.Caller;
import sensorpipeline.access.CallerScope;
import sensorpipeline.http.ErrorAnswer;
import sensorpipeline.http.WebServer;

/** The live streams of all tenants, each for as long as somebody follows it. Thread-safe; routes must call what concerns readings one at a time. */
public final class LiveStreams {

    /** Of all tenants; each has the same share of it. */
    private static final long MOST_BYTES_REMEMBERED = 16 * 1024 * 1024;

    private final int most;
    private final Map<String, LiveStream> streams = new ConcurrentHashMap<>();

    /** @param most maximum number of subscribers */
    public LiveStreams(int most) {
        this.most = most;
    }

    /**
     * @param router of an HTTP listener that knows its callers
     * @param path of the stream
     */
    public void serve(Router router, String path) {
        router.get(path).handler(this::join);
    }

    private void join(RoutingContext context) {
        if (listeners() >= most) {
            WebServer.send(context, new ErrorAnswer(503, "too_many_listeners", "The maximum of " + most + " stream subscribers is reached; try again later"));
            return;
        }
        Caller caller = context.get(CallerScope.CALLER);
        streams.compute(caller.tenant(), (tenant, running) -> {
            LiveStream stream = running == null ? new LiveStream(this::bytesRemembered) : running;
            stream.join(context);
            return stream;
        });
    }

    private long bytesRemembered() {
        return MOST_BYTES_REMEMBERED / Math.max(1, streams.size());
    }

    /** @return the current number of subscribers */
    public int listeners() {
        return streams.values().stream().mapToInt(LiveStream::listeners).sum();
    }

    /** @return for each tenant whose stream is followed, a caller that may read what to send; the others' are forgotten */
    public List<Caller> followed() {
        streams.keySet().forEach(tenant -> streams.computeIfPresent(tenant, (key, stream) -> stream.isFollowed() ? stream : null));
        return streams.keySet().stream().map(Caller::program).toList();
    }

    /**
     * @param caller one of {@link #followed}
     * @return the parameters of select-new-batches.sql
     */
    public Map<String, Object> question(@Variable(CallerScope.CALLER) Caller caller) {
        return streams.get(caller.tenant()).question();
    }

    /**
     * @param rows of select-new-batches.sql
     * @param caller who asked for them
     * @return the parameters of select-changes.sql, or null if there is nothing new
     */
    public Map<String, Object> notice(@Body List<Map<String, Object>> rows, @Variable(CallerScope.CALLER) Caller caller) {
        return streams.get(caller.tenant()).notice(rows);
    }

    /**
     * Sends an event to all subscribers of the tenant. Batches whose query failed are part of the next event.
     *
     * @param readings the newest reading of each series in the recorded batches, as JSON
     * @param caller who asked for them
     */
    public void publish(@Body byte[] readings, @Variable(CallerScope.CALLER) Caller caller) {
        streams.get(caller.tenant()).publish(readings);
    }

    /**
     * Sends an alert to all subscribers of its tenant, unless it was sent before.
     *
     * @param alert after a transition, as JSON
     * @param tenant whose alert it is
     * @param alertId of the alert
     * @param eventId what caused the transition
     */
    public void alert(@Body byte[] alert, @Header("tenant") String tenant, @Header(KafkaConstants.KEY) String alertId, @Header("event-id") String eventId) {
        LiveStream stream = streams.get(tenant);
        if (stream != null) {
            stream.alert(alert, alertId + " " + eventId);
        }
    }

    /** Sends a heartbeat, an SSE comment, to all subscribers: networks may drop idle connections. */
    public void keepAlive() {
        streams.values().forEach(LiveStream::keepAlive);
    }
}
