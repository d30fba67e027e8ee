package sensorpipeline.kafka;

import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What one poll of Kafka brought. It counts as unfinished until {@link #commit} is called: whatever else happens to it,
 * {@link BatchConsumer} delivers it again. Used by the thread that polls.
 */
public final class PolledRecords {

    /** Times that both Java and PostgreSQL know; where a topic keeps the senders' times, a device can give any number. */
    private static final long LATEST = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

    private final BatchConsumer consumer;
    private final List<ConsumerRecord<byte[], byte[]>> records;
    private final Instant at = Instant.now();

    PolledRecords(BatchConsumer consumer, List<ConsumerRecord<byte[], byte[]>> records) {
        this.consumer = consumer;
        this.records = records;
    }

    /** @return the records, those of a partition in the order of their offsets; at least one */
    public List<ConsumerRecord<byte[], byte[]>> records() {
        return records;
    }

    /** @return when the last of them came */
    public Instant at() {
        return at;
    }

    /** @return when Kafka received a record, in milliseconds since 1970, 0 up to the year 9999 */
    public static long receivedAt(ConsumerRecord<?, ?> record) {
        return Math.max(0, Math.min(LATEST, record.timestamp()));
    }

    /**
     * Tells Kafka that the records are dealt with, in one request. If Kafka does not take it, it is told again with the
     * next poll; after a restart before that, the records come again.
     */
    public void commit() {
        consumer.commit();
    }
}
