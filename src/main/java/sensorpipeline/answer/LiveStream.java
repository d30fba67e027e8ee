package sensorpipeline.answer;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.http.ErrorAnswer;
import sensorpipeline.http.WebServer;

/**
 * What is stored, told to listeners as it happens: Server-Sent Events as the HTML standard describes them. Every event is
 * the same for all, so a thousand listeners cost little more than one. A listener who does not keep up is sent away, and comes
 * again with the id of the last event that it has. Safe for use by many threads; routes call it one at a time.
 */
public final class LiveStream {

    private static final Logger LOG = LoggerFactory.getLogger(LiveStream.class);
    /** Events that a listener who comes again can still get. */
    private static final int REMEMBERED = 60;
    /** Batches are not committed in the order of their numbers: so far back it is looked for late ones. */
    private static final int BATCHES_BACK = 1000;
    /** Without a byte for longer, networks between may take the connection for dead. */
    private static final Duration QUIET = Duration.ofSeconds(15);
    private static final Buffer HEARTBEAT = Buffer.buffer(":\n\n");
    private static final String NONE = "{\"status\":\"success\",\"count\":0,";

    private final int most;
    private final Set<HttpServerResponse> listeners = ConcurrentHashMap.newKeySet();
    private final Deque<Event> recent = new ArrayDeque<>();
    private final NavigableSet<Integer> seen = new TreeSet<>();
    private long lastSent = System.nanoTime();

    /** @param most listeners at a time */
    public LiveStream(int most) {
        this.most = most;
    }

    /**
     * @param id of the newest batch that it tells of
     * @param text as it is sent
     */
    private record Event(int id, Buffer text) {
    }

    /**
     * @param router of a listener for HTTP
     * @param path to be served there
     */
    public void serve(Router router, String path) {
        router.get(path).handler(this::join);
    }

    private synchronized void join(RoutingContext context) {
        HttpServerResponse response = context.response();
        if (listeners.size() >= most) {
            WebServer.send(context, new ErrorAnswer(503, "too_many_listeners", "There are " + most + " listeners already; try again later"));
            return;
        }
        // Compressed, events would wait for each other.
        response.setChunked(true).putHeader("Content-Type", "text/event-stream").putHeader("Content-Encoding", "identity");
        response.closeHandler(closed -> leave(response));
        if (listeners.isEmpty()) {
            // Nobody listened, so nothing was noticed.
            recent.clear();
            seen.clear();
        }
        response.write(Buffer.buffer("retry: 2000\n\n"));
        resume(response, context.request().getHeader("Last-Event-ID"));
        listeners.add(response);
    }

    private void resume(HttpServerResponse response, String lastId) {
        if (lastId == null) {
            return;
        }
        boolean isKnown = recent.stream().anyMatch(event -> String.valueOf(event.id).equals(lastId));
        if (isKnown) {
            recent.stream().filter(event -> event.id > Integer.parseInt(lastId)).forEach(event -> response.write(event.text));
        } else {
            response.write(Buffer.buffer("event: reset\ndata: {\"message\":\"More was stored meanwhile than is remembered; ask /data/latest\"}\n\n"));
        }
    }

    private void leave(HttpServerResponse response) {
        listeners.remove(response);
    }

    /** @return true if someone listens */
    public boolean hasListeners() {
        return !listeners.isEmpty();
    }

    /** @return the parameters of select-new-batches.sql */
    public synchronized Map<String, Object> question() {
        Map<String, Object> question = new HashMap<>();
        question.put("after", seen.isEmpty() ? null : Math.max(seen.first() - 1, seen.last() - BATCHES_BACK));
        question.put("seen", seen.toArray(Integer[]::new));
        return question;
    }

    /**
     * @param rows of select-new-batches.sql
     * @return the parameters of select-changes.sql, or null if there is nothing to tell
     */
    public synchronized Map<String, Object> notice(@Body List<Map<String, Object>> rows) {
        boolean isFirstLook = seen.isEmpty();
        List<Integer> batches = rows.stream().map(row -> (Integer) row.get("batch_id")).toList();
        seen.addAll(batches);
        while (seen.size() > BATCHES_BACK) {
            seen.pollFirst();
        }
        if (System.nanoTime() - lastSent > QUIET.toNanos()) {
            sendToAll(HEARTBEAT);
        }
        if (isFirstLook || batches.isEmpty()) {
            return null;
        }
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("batches", batches.toArray(Integer[]::new));
        return parameters;
    }

    /**
     * Sends an event to all listeners.
     *
     * @param readings the newest reading of each series in the batches that were noticed, as JSON
     */
    public synchronized void publish(@Body byte[] readings) {
        if (new String(readings, 0, NONE.length(), StandardCharsets.US_ASCII).equals(NONE)) {
            // They were another tenant's.
            return;
        }
        if (seen.isEmpty()) {
            // All left meanwhile, and another came.
            return;
        }
        Event event = new Event(seen.last(), Buffer.buffer("id: " + seen.last() + "\nevent: readings\ndata: ").appendBytes(readings)
                .appendBytes("\n\n".getBytes(StandardCharsets.US_ASCII)));
        recent.add(event);
        if (recent.size() > REMEMBERED) {
            recent.poll();
        }
        sendToAll(event.text);
    }

    private void sendToAll(Buffer text) {
        lastSent = System.nanoTime();
        listeners.forEach(listener -> send(listener, text));
    }

    private void send(HttpServerResponse listener, Buffer text) {
        if (listener.writeQueueFull()) {
            LOG.debug("A listener does not keep up and is sent away");
            listeners.remove(listener);
            listener.reset();
        } else {
            listener.write(text);
        }
    }
}
