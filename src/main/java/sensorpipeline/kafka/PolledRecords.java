package sensorpipeline.kafka;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The records of one Kafka poll. They are unfinished until {@link #commit} is called: until then {@link BatchConsumer}
 * redelivers them. Used by the polling thread.
 */
public final class PolledRecords {

    private final BatchConsumer consumer;
    private final Positions positions;
    private final List<ConsumerRecord<byte[], byte[]>> records;
    private final Instant at = Instant.now();

    PolledRecords(BatchConsumer consumer, Positions positions, List<ConsumerRecord<byte[], byte[]>> records) {
        this.consumer = consumer;
        this.positions = positions;
        this.records = records;
    }

    /** @return the records, those of a partition in offset order; at least one */
    public List<ConsumerRecord<byte[], byte[]>> records() {
        return records;
    }

    /** @return the positions of the consumer that polled them */
    public Positions positions() {
        return positions;
    }

    /** @return when the last of them arrived */
    public Instant at() {
        return at;
    }

    /** @return when Kafka received a record, in milliseconds since 1970; when this program did, if its topic keeps its producers' times */
    public static long receivedAt(ConsumerRecord<?, ?> record) {
        return record instanceof ReceivedRecord received ? received.receivedAt() : record.timestamp();
    }

    /** @return when Kafka received a record; empty if its topic keeps its producers' times */
    public static Optional<Instant> receivedByKafka(ConsumerRecord<?, ?> record) {
        return ReceivedRecord.hasTimeOfReceipt(record) ? Optional.of(Instant.ofEpochMilli(record.timestamp())) : Optional.empty();
    }

    /**
     * Commits the offsets of the records, first to the database and then in one request to Kafka. If Kafka fails, the next poll repeats it.
     *
     * @throws SQLException if the database fails, or is another one than before; the records are then redelivered
     */
    public void commit() throws SQLException {
        consumer.commit();
    }
}
