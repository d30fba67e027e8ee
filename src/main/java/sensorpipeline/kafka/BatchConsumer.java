package sensorpipeline.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.Settings;

/**
 * A Kafka consumer whose polls return at most one record, which carries all records of that poll as {@link
 * PolledRecords}: a route gets a batch as the body of one exchange, without the cost of one exchange per record.
 *
 * <p>A batch that is not committed when the next poll begins is redelivered after a backoff. Meanwhile the consumer polls with its
 * partitions paused, so that it stays in its group. No failure in a route can therefore lose a record; only a premature commit can.
 *
 * <p>Offsets past the last record of a partition are committed as well: markers of transactions, and records of aborted ones.
 *
 * <p>A batch lingers for more records, so that few readings need few transactions; if many are waiting in Kafka, it fills immediately.
 *
 * <p>Not thread-safe, like every Kafka consumer.
 */
public final class BatchConsumer extends KafkaConsumer<Object, Object> {

    private static final Logger LOG = LoggerFactory.getLogger(BatchConsumer.class);
    private static final Duration COMMIT_LIMIT = Duration.ofSeconds(10);

    private final Limits limits;
    /** Delivered but not committed: the first offset of each partition. Empty when everything is committed. */
    private final Map<TopicPartition, Long> unfinished = new HashMap<>();
    /** Positions of the partitions that have advanced since the last batch was processed. */
    private final Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
    /** Records of the next batch so far. */
    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    /** Offsets to commit, of processed batches. */
    private final Map<TopicPartition, OffsetAndMetadata> dealtWith = new HashMap<>();
    /** Topics of which it was logged that they keep their producers' times; shared by all consumers of an endpoint. */
    private final Set<String> reported;
    private boolean isCommitFailing;
    private long pause;
    private long pausedUntil;
    private boolean isPausing;

    /**
     * When a batch is delivered.
     *
     * @param records number of records; the poll that reaches it is the last one
     * @param bytes of their values; the poll that reaches it is the last one
     * @param linger maximum wait for more records, from the first one, in nanoseconds
     * @param firstPause backoff before the first redelivery, in nanoseconds; doubles with each further one
     * @param longestPause maximum backoff, in nanoseconds
     */
    public record Limits(int records, long bytes, long linger, long firstPause, long longestPause) {

        /**
         * @param settings {@code <prefix>.readings}, {@code <prefix>.bytes}, {@code <prefix>.wait}, and {@code retry.*}
         * @param prefix of the settings of this kind of consumer, such as {@code store.batch}
         * @return the configured limits
         * @throws Settings.InvalidSetting if one of them is invalid
         */
        public static Limits read(Settings settings, String prefix) {
            return new Limits(
                    settings.wholeNumber(prefix + ".readings", 1, 1_000_000),
                    settings.wholeNumber(prefix + ".bytes", 1, Integer.MAX_VALUE),
                    Duration.ofMillis(settings.wholeNumber(prefix + ".wait", 0, 60_000)).toNanos(),
                    Duration.ofMillis(settings.wholeNumber("retry.delay", 1, 600_000)).toNanos(),
                    Duration.ofMillis(settings.wholeNumber("retry.maximum.delay", 1, 600_000)).toNanos());
        }
    }

    private BatchConsumer(Properties properties, Limits limits, Set<String> reported) {
        super(properties);
        this.limits = limits;
        this.reported = reported;
    }

    /**
     * @param settings {@code kafka.*}
     * @param limits of a batch
     * @return a factory of these consumers, for the parameter {@code kafkaClientFactory} of an endpoint
     */
    public static DefaultKafkaClientFactory factory(Settings settings, Limits limits) {
        Map<String, Object> security = KafkaClients.security(settings);
        Set<String> reported = ConcurrentHashMap.newKeySet();
        return new DefaultKafkaClientFactory() {
            @Override
            @SuppressWarnings("rawtypes")
            public Consumer getConsumer(Properties properties) {
                properties.putAll(security);
                return new BatchConsumer(properties, limits, reported);
            }
        };
    }

    @Override
    public void subscribe(Pattern pattern, ConsumerRebalanceListener listener) {
        super.subscribe(pattern, new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                listener.onPartitionsAssigned(partitions);
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                listener.onPartitionsRevoked(partitions);
                leave(partitions);
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> partitions) {
                listener.onPartitionsLost(partitions);
                leave(partitions);
            }
        });
    }

    /** Another consumer stores and commits revoked partitions, even if they are assigned to this one again immediately. */
    private void leave(Collection<TopicPartition> partitions) {
        records.removeIf(record -> partitions.contains(new TopicPartition(record.topic(), record.partition())));
        unfinished.keySet().removeAll(partitions);
        next.keySet().removeAll(partitions);
        dealtWith.keySet().removeAll(partitions);
    }

    @Override
    public ConsumerRecords<Object, Object> poll(Duration timeout) {
        if (!unfinished.isEmpty()) {
            rewind();
        }
        if (!dealtWith.isEmpty()) {
            commitDealtWith();
        }
        if (isPausing) {
            long rest = pausedUntil - System.nanoTime();
            if (rest > 0) {
                // Newly assigned partitions are not paused; their records are used.
                return gather(super.poll(shorter(timeout, rest)));
            }
            isPausing = false;
            resume(paused());
        }
        return gather(super.poll(timeout));
    }

    private void rewind() {
        records.clear();
        next.keySet().removeAll(unfinished.keySet());
        unfinished.keySet().retainAll(assignment());
        unfinished.forEach(this::seek);
        unfinished.clear();
        pause = pause == 0 ? limits.firstPause : Math.min(limits.longestPause, pause * 2);
        pausedUntil = System.nanoTime() + pause;
        isPausing = true;
        pause(assignment());
    }

    private static Duration shorter(Duration timeout, long nanos) {
        return timeout.toNanos() < nanos ? timeout : Duration.ofNanos(nanos);
    }

    private ConsumerRecords<Object, Object> gather(ConsumerRecords<Object, Object> first) {
        if (first.isEmpty()) {
            passOver(first);
            return first;
        }
        long end = System.nanoTime() + limits.linger;
        long bytes = add(first);
        long rest = limits.linger;
        while (records.size() < limits.records && bytes < limits.bytes && rest > 0) {
            bytes += add(super.poll(Duration.ofNanos(rest)));
            rest = end - System.nanoTime();
        }
        if (records.isEmpty()) {
            return ConsumerRecords.empty();
        }
        PolledRecords polled = new PolledRecords(this, List.copyOf(records));
        records.clear();
        ConsumerRecord<byte[], byte[]> head = polled.records().get(0);
        ConsumerRecord<Object, Object> batch = new ConsumerRecord<>(head.topic(), head.partition(), head.offset(), null, polled);
        return new ConsumerRecords<>(Map.of(new TopicPartition(head.topic(), head.partition()), List.of(batch)), Map.of());
    }

    /** @param polled without records, but perhaps past markers of transactions or records of aborted ones */
    private void passOver(ConsumerRecords<Object, Object> polled) {
        next.putAll(polled.nextOffsets());
        if (!next.isEmpty()) {
            commitPositions();
        }
    }

    /** @return the size in bytes of the values of these records, which are appended to the batch */
    private long add(ConsumerRecords<Object, Object> polled) {
        next.putAll(polled.nextOffsets());
        long bytes = 0;
        long now = System.currentTimeMillis();
        for (TopicPartition partition : polled.partitions()) {
            List<ConsumerRecord<Object, Object>> ofPartition = polled.records(partition);
            for (ConsumerRecord<Object, Object> record : ofPartition) {
                bytes += Math.max(0, record.serializedValueSize());
                records.add(ReceivedRecord.of(ofBytes(record), now));
            }
            if (!ReceivedRecord.hasTimeOfReceipt(ofPartition.get(0)) && reported.add(partition.topic())) {
                LOG.warn("Topic {} keeps its producers' times, so the store takes its own as the time of receipt. A wrong time can make Kafka delete records before they are"
                        + " stored, because its retention goes by them: set message.timestamp.type=LogAppendTime on the topic", partition.topic());
            }
            unfinished.merge(partition, ofPartition.get(0).offset(), Math::min);
        }
        return bytes;
    }

    /** The endpoint uses byte array deserializers; only the type that Camel expects hides this. */
    @SuppressWarnings("unchecked")
    private static ConsumerRecord<byte[], byte[]> ofBytes(ConsumerRecord<?, ?> record) {
        return (ConsumerRecord<byte[], byte[]>) record;
    }

    /** Called when a batch is processed, that is, all records polled before now. */
    void commit() {
        unfinished.clear();
        pause = 0;
        commitPositions();
    }

    private void commitPositions() {
        dealtWith.putAll(next);
        next.clear();
        commitDealtWith();
    }

    private void commitDealtWith() {
        try {
            commitSync(dealtWith, COMMIT_LIMIT);
            dealtWith.clear();
            isCommitFailing = false;
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            if (!isCommitFailing) {
                LOG.warn("Kafka did not take the offsets of a stored batch; they are sent again, or its readings come again and count once: {}",
                        e.getMessage());
            }
            isCommitFailing = true;
        }
    }
}
