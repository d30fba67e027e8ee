package sensorpipeline.consumer;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import sensorpipeline.kafka.PolledRecords;

/** A reading as it is to be stored, made from one record of a batch, or from several: a device may send each metric on its own. Not thread-safe. */
final class NumberedReading {

    private final NumberedSeries series;
    private final long at;
    private final Part first;
    private List<Part> parts;
    private Content content;

    /**
     * What one record says about the reading.
     *
     * @param record of Kafka
     * @param content of the record
     */
    record Part(ConsumerRecord<byte[], byte[]> record, Content content) {
    }

    /** What became of a record. */
    enum Outcome {
        /** It made the reading. */
        STORED,
        /** It added to the reading. */
        MERGED,
        /** It added nothing. */
        REPEATED,
        /** It has another value for what the reading has already, and changes nothing. */
        CONFLICT
    }

    /** Receives what became of each record of a reading. */
    interface Outcomes {
        /** @param reason of a conflict; otherwise null */
        void add(Part part, Outcome outcome, String reason);
    }

    NumberedReading(NumberedSeries series, long at, ConsumerRecord<byte[], byte[]> record, Content content) {
        this.series = series;
        this.at = at;
        this.content = content;
        first = new Part(record, content);
    }

    NumberedSeries series() {
        return series;
    }

    /** @return the device's time, in microseconds since 1970 */
    long at() {
        return at;
    }

    /** @return when the first record was {@linkplain PolledRecords#receivedAt received}, in milliseconds since 1970 */
    long receivedAt() {
        return PolledRecords.receivedAt(first.record);
    }

    /** @return what all its records say together, without those that contradict an earlier one */
    Content content() {
        return content;
    }

    boolean hasSeveralRecords() {
        return parts != null;
    }

    List<Part> parts() {
        return parts == null ? List.of(first) : parts;
    }

    /** Adds another record of the same reading. */
    void add(Part part) {
        if (parts == null) {
            parts = new ArrayList<>();
            parts.add(first);
        }
        parts.add(part);
        if (content.differenceTo(part.content) == null) {
            content = content.with(part.content);
        }
    }

    /** @param before what was stored of this reading before its records came, one after another; null if nothing was */
    void settle(Content before, Outcomes outcomes) {
        Content state = before;
        for (Part part : parts()) {
            if (state == null) {
                state = part.content;
                outcomes.add(part, Outcome.STORED, null);
                continue;
            }
            Content.Difference difference = state.differenceTo(part.content);
            Content merged = difference == null ? state.with(part.content) : state;
            outcomes.add(part, difference != null ? Outcome.CONFLICT : merged == state ? Outcome.REPEATED : Outcome.MERGED, reason(difference));
            state = merged;
        }
    }

    private String reason(Content.Difference difference) {
        if (difference == null) {
            return null;
        }
        String what = difference.position() >= 0 ? "metric " + series.metrics().names().get(difference.position())
                : difference.attribute() == null ? "its attributes" : "attribute " + difference.attribute();
        return "conflict: the reading of this sensor, location and time (%s) has another value of %s: %s, not %s"
                .formatted(Instant.EPOCH.plus(at, ChronoUnit.MICROS), what, difference.mine(), difference.other());
    }
}
