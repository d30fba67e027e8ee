package sensorpipeline.alerts;

import java.util.HashMap;
import java.util.Map;

/** The spans of the readings that came late, or before the last one, since they were last saved, by sensor: alerts that they make are evaluated from stored readings. Not thread-safe. */
final class LateReadings {

    private Map<String, Span> spans = new HashMap<>();

    /**
     * The readings of a sensor that came late; times in microseconds since 1970 UTC.
     *
     * @param from time of the first
     * @param until time of the last
     * @param received when Kafka received the first that it received
     */
    record Span(long from, long until, long received) {

        Span with(Span other) {
            return new Span(Math.min(from, other.from), Math.max(until, other.until), Math.min(received, other.received));
        }
    }

    void add(String sensorId, long at, long received) {
        Span known = spans.get(sensorId);
        if (known == null || at < known.from || at > known.until) {
            spans.merge(sensorId, new Span(at, at, received), Span::with);
        }
    }

    boolean isEmpty() {
        return spans.isEmpty();
    }

    /** @return all of them, which are then no longer here */
    Map<String, Span> take() {
        Map<String, Span> taken = spans;
        spans = new HashMap<>();
        return taken;
    }

    /** @param taken spans that were not saved */
    void giveBack(Map<String, Span> taken) {
        taken.forEach((sensorId, span) -> spans.merge(sensorId, span, Span::with));
    }
}
