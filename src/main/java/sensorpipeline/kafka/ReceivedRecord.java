package sensorpipeline.kafka;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;

/**
 * A record of a topic that keeps its producers' times ({@code message.timestamp.type=CreateTime}): those can be any number, so this one
 * also has the time at which this program received it. Immutable.
 */
final class ReceivedRecord extends ConsumerRecord<byte[], byte[]> {

    private final long receivedAt;

    private ReceivedRecord(ConsumerRecord<byte[], byte[]> record, long receivedAt) {
        super(record.topic(), record.partition(), record.offset(), record.timestamp(), record.timestampType(), record.serializedKeySize(),
                record.serializedValueSize(), record.key(), record.value(), record.headers(), record.leaderEpoch());
        this.receivedAt = receivedAt;
    }

    /**
     * @param record as polled
     * @param now in milliseconds since 1970
     * @return the record, with this time of receipt unless it has Kafka's
     */
    static ConsumerRecord<byte[], byte[]> of(ConsumerRecord<byte[], byte[]> record, long now) {
        return hasTimeOfReceipt(record) ? record : new ReceivedRecord(record, now);
    }

    /** @return true if the record's time is that at which Kafka received it, not one that its producer chose */
    static boolean hasTimeOfReceipt(ConsumerRecord<?, ?> record) {
        return record.timestampType() == TimestampType.LOG_APPEND_TIME;
    }

    /** @return when this program received it, in milliseconds since 1970 */
    long receivedAt() {
        return receivedAt;
    }
}
