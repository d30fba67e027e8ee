package sensorpipeline.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import sensorpipeline.reading.Quoted;

/**
 * A record that is not a reading. {@link DeadLetters} turns it into a message and a row.
 *
 * @param record as delivered by Kafka; topic, partition, offset and time together identify it
 * @param tenant of its topic
 * @param reason why it is not a reading: one line of at most {@value #LONGEST_REASON} characters that any database can store
 * @param refusedAt when it was rejected
 */
public record DeadLetter(ConsumerRecord<byte[], byte[]> record, String tenant, String reason, Instant refusedAt) {

    /** Name of the header of a replayed record that names its first failure. */
    static final String ID_HEADER = DeadLetters.PREFIX + "id";

    private static final int LONGEST_REASON = 500;
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");

    /** Converts the reason into such a line. */
    public DeadLetter {
        int[] characters = reason.codePoints().limit(LONGEST_REASON)
                .map(character -> Quoted.isPlain(character) ? character : '?').toArray();
        reason = new String(characters, 0, characters.length);
    }

    /** @return when Kafka, or this program, {@linkplain PolledRecords#receivedAt received} the record, in milliseconds since 1970 */
    long receivedAt() {
        return PolledRecords.receivedAt(record);
    }

    /** @return the id of its first failure according to the record, or null; it may be forged */
    Long claimedFirst() {
        Header header = record.headers().lastHeader(ID_HEADER);
        if (header == null || header.value() == null) {
            return null;
        }
        String text = new String(header.value(), StandardCharsets.US_ASCII);
        return NUMBER.matcher(text).matches() ? Long.valueOf(text) : null;
    }

    /** @return the approximate size of the record in bytes */
    long size() {
        long size = Math.max(0, record.serializedValueSize()) + Math.max(0, record.serializedKeySize());
        for (Header header : record.headers()) {
            size += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return size;
    }

    /** @return a description for the log */
    @Override
    public String toString() {
        return "%s-%d@%d: %s".formatted(record.topic(), record.partition(), record.offset(), reason);
    }
}
