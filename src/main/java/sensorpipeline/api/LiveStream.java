package sensorpipeline.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends new readings of a tenant to subscribers as they are stored, and alerts as they happen: Server-Sent Events as specified by the HTML standard. All
 * subscribers get the same events, so a thousand cost little more than one. A subscriber that does not keep up is
 * disconnected, and resumes with the id of its last event. Thread-safe, except that what concerns readings is called one at a time.
 */
final class LiveStream {

    private static final Logger LOG = LoggerFactory.getLogger(LiveStream.class);
    /** How long a disconnected subscriber can still resume without missing events. */
    private static final Duration REMEMBERED = Duration.ofMinutes(1);
    /** Batches are not committed in id order: how far back to look for late ones. */
    private static final int BATCHES_BACK = 1000;
    private static final Buffer HEARTBEAT = Buffer.buffer(":\n\n");
    private static final String RESET = "\nevent: reset\ndata: {\"message\":\"Call /data/latest now; the following events contain everything that is stored from here on\"}\n\n";
    private static final String NONE = "{\"status\":\"success\",\"count\":0,";

    /** Transitions may be published more than once: how many of them are recognized. */
    private static final int MOST_TRANSITIONS = 10_000;

    private final LongSupplier mostBytesRemembered;
    /** Distinguishes event ids of this stream from those of other programs, and from those before a restart. */
    private final String name = UUID.randomUUID().toString();
    private final Set<HttpServerResponse> listeners = ConcurrentHashMap.newKeySet();
    private final Deque<Event> recent = new ArrayDeque<>();
    private long bytesRemembered;
    private long lastNumber;
    /** Batches whose readings are published. */
    private final NavigableSet<Long> told = new TreeSet<>();
    /** Batches whose readings go into the next event. */
    private List<Long> noticed = List.of();
    /** Transitions of alerts that were sent. */
    private final Set<String> transitions = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_TRANSITIONS;
        }
    });
    private volatile long lastLeft = System.nanoTime() - REMEMBERED.toNanos();

    /** @param mostBytesRemembered how much of it can be sent again; asked for each event */
    LiveStream(LongSupplier mostBytesRemembered) {
        this.mostBytesRemembered = mostBytesRemembered;
    }

    /**
     * @param number of the event in this stream
     * @param at when it was sent, in nanoseconds
     * @param text as sent
     */
    private record Event(long number, long at, Buffer text) {
    }

    /** @param context request of a new subscriber */
    synchronized void join(RoutingContext context) {
        HttpServerResponse response = context.response();
        // Compression would delay events.
        response.setChunked(true).putHeader("Content-Type", "text/event-stream").putHeader("Content-Encoding", "identity");
        response.closeHandler(closed -> leave(response));
        if (!isFollowed()) {
            // Without subscribers, no batches were recorded.
            forget();
        }
        response.write(Buffer.buffer("retry: 2000\n\n"));
        if (!told.isEmpty()) {
            // Before the first query there is nothing to resume; after it, all subscribers get a reset.
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

    /** It has an id, so that a subscriber that disconnects before the next event can also resume. */
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

    /** @return true if there is a subscriber, or one has just disconnected and may reconnect */
    boolean isFollowed() {
        return !listeners.isEmpty() || System.nanoTime() - lastLeft < REMEMBERED.toNanos();
    }

    private void forget() {
        forgetEvents();
        told.clear();
        noticed = List.of();
    }

    private void forgetEvents() {
        // Skips a number to invalidate the last id.
        lastNumber++;
        recent.clear();
        bytesRemembered = 0;
    }

    /** @return the parameters of select-new-batches.sql */
    synchronized Map<String, Object> question() {
        Map<String, Object> question = new HashMap<>();
        question.put("after", told.isEmpty() ? null : told.last() - BATCHES_BACK);
        question.put("back", BATCHES_BACK);
        question.put("seen", told.toArray(Long[]::new));
        return question;
    }

    /**
     * @param rows of select-new-batches.sql
     * @return the parameters of select-changes.sql, or null if there is nothing new
     */
    synchronized Map<String, Object> notice(List<Map<String, Object>> rows) {
        noticed = rows.stream().map(row -> (Long) row.get("batch_id")).toList();
        boolean isFirstLook = told.isEmpty() && !noticed.isEmpty();
        if (isFirstLook || noticed.size() > BATCHES_BACK) {
            markTold();
            forgetEvents();
            sendToAll(reset());
        }
        return noticed.isEmpty() ? null : new HashMap<>(Map.of("batches", noticed.toArray(Long[]::new)));
    }

    private void markTold() {
        told.addAll(noticed);
        noticed = List.of();
        while (told.size() > BATCHES_BACK) {
            told.pollFirst();
        }
    }

    /** @return the current number of subscribers */
    int listeners() {
        return listeners.size();
    }

    /**
     * Sends an event to all subscribers. Batches whose query failed are part of the next event.
     *
     * @param readings the newest reading of each series in the recorded batches, as JSON
     */
    synchronized void publish(byte[] readings) {
        if (noticed.isEmpty()) {
            // Meanwhile all subscribers have left, and another one has joined.
            return;
        }
        markTold();
        if (new String(readings, 0, NONE.length(), StandardCharsets.US_ASCII).equals(NONE)) {
            // The readings belong to another tenant.
            return;
        }
        sendToAll(remember("readings", readings));
    }

    /**
     * Sends an alert to all subscribers, unless it was sent before.
     *
     * @param alert after a transition, as JSON
     * @param transition identifies the transition
     */
    synchronized void alert(byte[] alert, String transition) {
        if (transitions.add(transition) && isFollowed()) {
            Buffer text = remember("alert", alert);
            // Small, and often right behind a large event: who does not keep up is disconnected by the next one of these, or by a heartbeat.
            listeners.forEach(listener -> listener.write(text));
        }
    }

    /** @return the event as it is sent; a subscriber that reconnects gets it, too */
    private Buffer remember(String kind, byte[] json) {
        lastNumber++;
        Event event = new Event(lastNumber, System.nanoTime(), Buffer.buffer("id: " + id(lastNumber) + "\nevent: " + kind + "\ndata: ").appendBytes(json)
                .appendBytes("\n\n".getBytes(StandardCharsets.US_ASCII)));
        recent.add(event);
        bytesRemembered += event.text.length();
        while (event.at - recent.peek().at > REMEMBERED.toNanos() || bytesRemembered > mostBytesRemembered.getAsLong() && recent.size() > 1) {
            bytesRemembered -= recent.poll().text.length();
        }
        return event.text;
    }

    /** Sends a heartbeat, an SSE comment, to all subscribers: networks may drop idle connections. */
    synchronized void keepAlive() {
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
