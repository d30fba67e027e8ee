package sensorpipeline.kafka;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives records of topics that keep their producers' times a time of receipt, and logs once that a topic does. Thread-safe. */
final class Receipts {

    private static final Logger LOG = LoggerFactory.getLogger(Receipts.class);

    private final Set<String> reported = ConcurrentHashMap.newKeySet();

    /**
     * @param record as delivered by Kafka
     * @param now in milliseconds since 1970
     * @return the record, with a time of receipt
     */
    // The endpoint uses byte array deserializers; only the type that Camel expects hides this.
    @SuppressWarnings("unchecked")
    ConsumerRecord<byte[], byte[]> of(ConsumerRecord<?, ?> record, long now) {
        if (!ReceivedRecord.hasTimeOfReceipt(record) && reported.add(record.topic())) {
            LOG.warn("Topic {} keeps its producers' times, so the store takes its own as the time of receipt. A wrong time can make Kafka delete records before they are"
                    + " stored, because its retention goes by them: set message.timestamp.type=LogAppendTime on the topic", record.topic());
        }
        return ReceivedRecord.of((ConsumerRecord<byte[], byte[]>) record, now);
    }
}
