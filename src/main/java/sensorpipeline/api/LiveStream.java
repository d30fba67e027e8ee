package sensorpipeline.api;

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
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
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
    /** How long a listener may be away and still get what it missed. */
    private static final Duration REMEMBERED = Duration.ofMinutes(1);
    private static final int MOST_BYTES_REMEMBERED = 16 * 1024 * 1024;
    /** Batches are not committed in the order of their numbers: so far back it is looked for late ones. */
    private static final int BATCHES_BACK = 1000;
    private static final Buffer HEARTBEAT = Buffer.buffer(":\n\n");
    private static final String RESET = "\nevent: reset\ndata: {\"message\":\"Ask /data/latest now; the events that follow tell all that is stored from here on\"}\n\n";
    private static final String NONE = "{\"status\":\"success\",\"count\":0,";

    private final int most;
    /** Tells the ids of this stream from those of another program, or of this one before it was started again. */
    private final String name = UUID.randomUUID().toString();
    private final Set<HttpServerResponse> listeners = ConcurrentHashMap.newKeySet();
    private final Deque<Event> recent = new ArrayDeque<>();
    private long bytesRemembered;
    private long lastNumber;
    /** Batches that were told of. */
    private final NavigableSet<Integer> told = new TreeSet<>();
    /** Batches that are to be told of in the next event. */
    private List<Integer> noticed = List.of();
    private volatile long lastLeft = System.nanoTime() - REMEMBERED.toNanos();

    /** @param most listeners at a time */
    public LiveStream(int most) {
        this.most = most;
    }

    /**
     * @param number of the event in this stream
     * @param at when it was sent, in nanoseconds
     * @param text as it is sent
     */
    private record Event(long number, long at, Buffer text) {
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
        if (!isFollowed()) {
            // Nobody listened, so nothing was noticed.
            forget();
        }
        response.write(Buffer.buffer("retry: 2000\n\n"));
        if (!told.isEmpty()) {
            // Before the first look nothing is told; who waits for it is sent a reset then.
            resume(response, context.request().getHeader("Last-Event-ID"));
        }
        listeners.add(response);
    }

    private void resume(HttpServerResponse response, String lastId) {
        long oldest = recent.isEmpty() ? lastNumber + 1 : recent.peek().number;
        OptionalLong known = LongStream.rangeClosed(oldest - 1, lastNumber).filter(number -> id(number).equals(lastId)).findFirst();
        if (known.isPresent()) {
            recent.stream().filter(event -> event.number > known.getAsLong()).forEach(event -> response.write(event.text));
        } else {
            response.write(reset());
        }
    }

    /** It has an id, so that a listener who goes before the next event can come again too. */
    private Buffer reset() {
        return Buffer.buffer("id: " + id(lastNumber) + RESET);
    }

    private String id(long number) {
        return name + "-" + number;
    }

    private void leave(HttpServerResponse response) {
        lastLeft = System.nanoTime();
        listeners.remove(response);
    }

    /** @return true if someone listens, or has just gone and may come again */
    public boolean isFollowed() {
        return !listeners.isEmpty() || System.nanoTime() - lastLeft < REMEMBERED.toNanos();
    }

    private void forget() {
        forgetEvents();
        told.clear();
        noticed = List.of();
    }

    private void forgetEvents() {
        // A number of its own, so that the last id of before is unknown from now on.
        lastNumber++;
        recent.clear();
        bytesRemembered = 0;
    }

    /** @return the parameters of select-new-batches.sql */
    public synchronized Map<String, Object> question() {
        Map<String, Object> question = new HashMap<>();
        question.put("after", told.isEmpty() ? null : told.last() - BATCHES_BACK);
        question.put("back", BATCHES_BACK);
        question.put("seen", told.toArray(Integer[]::new));
        return question;
    }

    /**
     * @param rows of select-new-batches.sql
     * @return the parameters of select-changes.sql, or null if there is nothing to tell
     */
    public synchronized Map<String, Object> notice(@Body List<Map<String, Object>> rows) {
        noticed = rows.stream().map(row -> (Integer) row.get("batch_id")).toList();
        boolean isFirstLook = told.isEmpty() && !noticed.isEmpty();
        if (isFirstLook || noticed.size() > BATCHES_BACK) {
            markTold();
            forgetEvents();
            sendToAll(reset());
        }
        return noticed.isEmpty() ? null : new HashMap<>(Map.of("batches", noticed.toArray(Integer[]::new)));
    }

    private void markTold() {
        told.addAll(noticed);
        noticed = List.of();
        while (told.size() > BATCHES_BACK) {
            told.pollFirst();
        }
    }

    /** @return how many listen at present */
    public int listeners() {
        return listeners.size();
    }

    /**
     * Sends an event to all listeners. What could not be asked for is in the next one.
     *
     * @param readings the newest reading of each series in the batches that were noticed, as JSON
     */
    public synchronized void publish(@Body byte[] readings) {
        if (noticed.isEmpty()) {
            // All left meanwhile, and another came.
            return;
        }
        markTold();
        if (new String(readings, 0, NONE.length(), StandardCharsets.US_ASCII).equals(NONE)) {
            // They were another tenant's.
            return;
        }
        lastNumber++;
        Event event = new Event(lastNumber, System.nanoTime(), Buffer.buffer("id: " + id(lastNumber) + "\nevent: readings\ndata: ").appendBytes(readings)
                .appendBytes("\n\n".getBytes(StandardCharsets.US_ASCII)));
        recent.add(event);
        bytesRemembered += event.text.length();
        while (event.at - recent.peek().at > REMEMBERED.toNanos() || bytesRemembered > MOST_BYTES_REMEMBERED && recent.size() > 1) {
            bytesRemembered -= recent.poll().text.length();
        }
        sendToAll(event.text);
    }

    /** Sends all listeners a few bytes that are no event: without any, networks between may take a connection for dead. */
    public synchronized void keepAlive() {
        sendToAll(HEARTBEAT);
    }

    private void sendToAll(Buffer text) {
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
