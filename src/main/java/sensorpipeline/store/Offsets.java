package sensorpipeline.store;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells Kafka how far the store is. Stateless. */
public final class Offsets {

    private static final Logger LOG = LoggerFactory.getLogger(Offsets.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /**
     * Commits, for each partition of the batch, the offset after its last record, in one request. To be called on the
     * thread that polls, after everything in the batch is safe elsewhere. If Kafka does not take it, nothing is lost: the
     * records come again, or a later commit covers them.
     *
     * @param records one exchange a record, as camel-kafka delivers a batch
     */
    public void commit(List<Exchange> records) {
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        Consumer<?, ?> consumer = null;
        for (Exchange record : records) {
            var commit = record.getMessage().getHeader(KafkaConstants.MANUAL_COMMIT, DefaultKafkaManualCommit.class);
            consumer = commit.getCamelExchangePayload().consumer;
            // Records of a partition come in the order of their offsets, so the last one stays.
            next.put(commit.getPartition(), new OffsetAndMetadata(commit.getRecordOffset() + 1));
        }
        if (consumer == null) {
            return;
        }
        try {
            consumer.commitSync(next, LIMIT);
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.warn("Kafka did not take the offsets of a stored batch; its readings may come again, and count once: {}",
                    e.getMessage());
        }
    }
}
