package sensorpipeline.alerts;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.database.SqlFault;
import sensorpipeline.kafka.PolledRecords;
import sensorpipeline.kafka.Topics;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.reading.RefusedReading;

/** Evaluates the readings of all partitions that this program has, and saves what they make of the rules. Thread-safe. */
public final class AlertLanes {

    private static final Logger LOG = LoggerFactory.getLogger(AlertLanes.class);

    /** In milliseconds; after this time, nobody knows whether Kafka has further records. */
    private static final long LONGEST_SINCE_COMPARED = 5000;
    /** In milliseconds: by how much the clocks of Kafka and of this program may differ. */
    private static final long PRECAUTION = 500;
    /** In nanoseconds: while PostgreSQL does not answer, sensors that have come from another partition wait no longer for their states. */
    private static final long LONGEST_OUTAGE = TimeUnit.SECONDS.toNanos(2);

    private final ReadingParser parser = new ReadingParser();
    private final Set<PartitionAlerts> partitions = ConcurrentHashMap.newKeySet();
    private final StateStore store;
    private final AlertPositions positions;
    private final Topics topics;
    private final long interval;
    private final SensorMoves moves;
    private volatile long savedAt = System.nanoTime();

    /**
     * @param store of states
     * @param positions in the same database
     * @param topics map a partition to its tenant
     * @param interval between two checkpoints
     */
    AlertLanes(StateStore store, AlertPositions positions, Topics topics, Duration interval) {
        this.store = store;
        this.positions = positions;
        this.topics = topics;
        this.interval = interval.toNanos();
        moves = new SensorMoves(store, partitions);
    }

    /** @return the partitions that a consumer is going to have */
    AlertLane lane(Consumer<?, ?> consumer) {
        return new AlertLane(consumer, store, positions, topics, this);
    }

    /** @return for how long not all states were saved, in seconds; after a crash, readings of so long are evaluated again */
    double checkpointAge() {
        return partitions.isEmpty() ? 0 : (System.nanoTime() - savedAt) / 1e9;
    }

    /** The program evaluates a partition from now on. */
    void add(PartitionAlerts partition) {
        partitions.add(partition);
    }

    /** The program does not evaluate partitions any more; they are saved once more, if the database answers. */
    void leave(List<PartitionAlerts> left) {
        // Otherwise, evaluation would wait for a checkpoint that is being written.
        if (!left.isEmpty()) {
            saveOnceMore(left);
        }
    }

    private synchronized void saveOnceMore(List<PartitionAlerts> left) {
        left.forEach(partitions::remove);
        try {
            for (PartitionAlerts partition : left) {
                if (!partition.isOutdated() && partition.outgoing().isEmpty()) {
                    save(partition);
                }
            }
        } catch (SQLException e) {
            LOG.debug("States of partitions that go to another consumer are not saved; it evaluates the last records again", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return the partitions that this program evaluates */
    Collection<PartitionAlerts> partitions() {
        return partitions;
    }

    /**
     * Evaluates a batch.
     *
     * @param polled as delivered by Kafka
     * @return what has to be published, also of earlier batches whose publication failed
     */
    public List<OutgoingTransition> evaluate(PolledRecords polled) throws InterruptedException {
        AlertLane lane = (AlertLane) polled.positions();
        for (PartitionAlerts each : lane.partitions()) {
            each.begin();
        }
        TopicPartition partition = null;
        PartitionAlerts alerts = null;
        Instant received = Instant.EPOCH;
        for (ConsumerRecord<byte[], byte[]> record : polled.records()) {
            if (partition == null || record.partition() != partition.partition() || !record.topic().equals(partition.topic())) {
                partition = new TopicPartition(record.topic(), record.partition());
                alerts = lane.of(partition);
            }
            if (record.offset() < alerts.delivered()) {
                continue;
            }
            long time = PolledRecords.receivedAt(record);
            if (time != received.toEpochMilli()) {
                received = Instant.ofEpochMilli(time);
            }
            try {
                // Not compared with this moment: who evaluates the record again must decide the same.
                alerts.evaluate(record, parser.parse(alerts.tenant(), record.value(), received));
            } catch (RefusedReading e) {
                LOG.debug("No reading, which the store makes a dead letter: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("A reading could not be evaluated because of a fault of the program", e);
            }
        }
        return outgoing(lane.partitions());
    }

    private static List<OutgoingTransition> outgoing(Collection<PartitionAlerts> partitions) {
        return partitions.stream().flatMap(partition -> partition.outgoing().stream()).toList();
    }

    /**
     * Looks for sensors that are silent, where Kafka has no record that is not evaluated.
     *
     * @return what has to be published because of that
     */
    public List<OutgoingTransition> watchSilence() {
        long now = System.currentTimeMillis();
        // A reading that waits in another partition may be of a sensor that seems to be silent.
        Set<String> waiting = partitions.stream().filter(partition -> partition.newcomers().areWaitedFor()).map(partition -> partition.partition().topic()).collect(Collectors.toSet());
        for (PartitionAlerts partition : partitions) {
            if (now - partition.evaluatedUntil() < LONGEST_SINCE_COMPARED && !waiting.contains(partition.partition().topic())) {
                try {
                    partition.watchSilence(partition.evaluatedUntil() - PRECAUTION, store.moved()::seenElsewhere);
                } catch (SQLException e) {
                    LOG.debug("Whether sensors that are silent send in another partition is asked again", e);
                }
            }
        }
        return outgoing(partitions.stream().filter(PartitionAlerts::hasToTellOfOthers).toList());
    }

    /** @param transitions that all in-sync replicas have */
    public void published(List<OutgoingTransition> transitions) {
        Set<OutgoingTransition> published = Collections.newSetFromMap(new IdentityHashMap<>());
        published.addAll(transitions);
        partitions.forEach(partition -> partition.published(published));
    }

    /**
     * Applies what people have changed and, from time to time, saves states and positions. Sensors that have come from another partition get their states.
     *
     * @return what has to be published because of the changes
     * @throws SQLException if the database fails; evaluation goes on meanwhile
     */
    public synchronized List<OutgoingTransition> save() throws SQLException, InterruptedException {
        if (partitions.isEmpty()) {
            return List.of();
        }
        try {
            saveAndMove();
        } catch (SQLException e) {
            partitions.forEach(partition -> partition.newcomers().goOn(LONGEST_OUTAGE));
            throw e;
        }
        // Where nothing was changed, the batch that caused a transition publishes it.
        return outgoing(partitions.stream().filter(PartitionAlerts::hasToTellOfOthers).toList());
    }

    private void saveAndMove() throws SQLException, InterruptedException {
        List<Change> changes = store.changesAfter(partitions.stream().mapToLong(PartitionAlerts::savedChange).min().orElse(0));
        boolean isDue = System.nanoTime() - savedAt >= interval;
        // Other programs may wait for what is saved.
        boolean isUrgent = partitions.stream().anyMatch(partition -> partition.newcomers().areWaitedFor());
        for (PartitionAlerts partition : partitions) {
            if (partition.isOutdated()) {
                continue;
            }
            List<Change> later = changes.stream().filter(change -> change.id() > partition.savedChange()).toList();
            if (!later.isEmpty()) {
                save(partition, () -> partition.apply(later, checkpoint -> partition.newcomers().setRaisedAt(store.save(checkpoint))));
            } else if (isDue || isUrgent) {
                save(partition, () -> save(partition));
            }
        }
        moves.settle();
        if (isDue) {
            moves.forgetTaken();
            savedAt = System.nanoTime();
        }
    }

    private void save(PartitionAlerts partition) throws SQLException, InterruptedException {
        Checkpoint checkpoint = partition.checkpoint();
        if (checkpoint == null) {
            return;
        }
        try {
            // Readings are evaluated meanwhile.
            partition.newcomers().setRaisedAt(store.save(checkpoint));
        } catch (SQLException | RuntimeException e) {
            partition.notSaved(checkpoint);
            throw e;
        }
        partition.saved(checkpoint);
    }

    private interface Save {
        void run() throws SQLException, InterruptedException;
    }

    private static void save(PartitionAlerts partition, Save save) throws SQLException, InterruptedException {
        try {
            save.run();
        } catch (SQLException e) {
            if (!SqlFault.isOutdated(e)) {
                throw e;
            }
            partition.outdate();
            LOG.info("States of {} are read again: {}", partition.partition(), e.getMessage());
        }
    }
}
