package sensorpipeline.alerts;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.database.SqlFault;

/**
 * Takes along the states of sensors whose records come to another partition, because the topic has more of them. Producers learn of that at different times, so the first record of a sensor
 * in its other partition tells. It waits until the partitions where the sensor may have been are evaluated as far as Kafka had records then, and saved; then the states change their
 * partition in one transaction, at the position before that record, so that who evaluates the record again finds them.
 *
 * <p>That is exact if each sensor's producer changes over once. If two of them, of which one does not know the new partitions yet, send for one sensor in turn, the sensor goes to and
 * fro; between two programs, a reading within the second after a move may still be evaluated with the state of before. Used by the thread that saves.
 */
final class SensorMoves {

    private static final Logger LOG = LoggerFactory.getLogger(SensorMoves.class);

    private final StateStore store;
    private final Collection<PartitionAlerts> partitions;

    /**
     * @param store of states
     * @param partitions that this program evaluates
     */
    SensorMoves(StateStore store, Collection<PartitionAlerts> partitions) {
        this.store = store;
        this.partitions = partitions;
    }

    /** Takes along what can be. */
    void settle() throws SQLException, InterruptedException {
        for (PartitionAlerts partition : partitions) {
            Arrivals arrivals = partition.isOutdated() ? null : partition.newcomers().next();
            if (arrivals != null && areReady(partition, arrivals)) {
                move(partition, arrivals);
            }
        }
    }

    /** Forgets sensors that another program has taken in. */
    void forgetTaken() throws SQLException {
        Map<String, List<PartitionAlerts>> changing = partitions.stream().filter(partition -> partition.newcomers().areExpected())
                .collect(Collectors.groupingBy(partition -> partition.partition().topic()));
        for (Map.Entry<String, List<PartitionAlerts>> topic : changing.entrySet()) {
            Set<SavedStates.Key> taken = store.moved().strangers(topic.getKey(), partitions.stream().filter(partition -> partition.partition().topic().equals(topic.getKey()))
                    .map(partition -> partition.partition().partition()).toList());
            topic.getValue().forEach(partition -> partition.newcomers().forget(taken));
        }
    }

    private boolean areReady(PartitionAlerts partition, Arrivals arrivals) throws SQLException {
        Map<TopicPartition, MovedStates.Progress> progress = null;
        for (Map.Entry<TopicPartition, Long> end : arrivals.ends().entrySet()) {
            if (end.getKey().equals(partition.partition())) {
                continue;
            }
            PartitionAlerts own = partitions.stream().filter(each -> each.partition().equals(end.getKey())).findFirst().orElse(null);
            if (own != null) {
                if (own.isOutdated() || !own.hasEvaluated(end.getValue(), arrivals)) {
                    return false;
                }
                continue;
            }
            progress = progress == null ? store.moved().progress(partition.partition().topic()) : progress;
            if (!isReady(progress.get(end.getKey()), end.getValue(), arrivals)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isReady(MovedStates.Progress other, long end, Arrivals arrivals) {
        return other == null ? end == 0
                : other.delivered() >= end && other.appliedChange() >= arrivals.change() && arrivals.sensors().stream().noneMatch(other.waiting()::contains);
    }

    private void move(PartitionAlerts partition, Arrivals arrivals) throws SQLException, InterruptedException {
        List<PartitionAlerts> left = partitions.stream().filter(each -> each != partition && !each.isOutdated()
                && each.partition().topic().equals(partition.partition().topic()) && each.newcomers().areKnown(arrivals.sensors())).toList();
        for (PartitionAlerts each : left) {
            Checkpoint last = each.letGo(arrivals.sensors());
            if (last == null) {
                return;
            }
            try {
                store.save(last);
                each.saved(last);
            } catch (SQLException | RuntimeException e) {
                // It has forgotten the sensors already.
                each.outdate();
                throw e;
            }
        }
        Checkpoint checkpoint = partition.letGo(List.of());
        if (checkpoint == null) {
            return;
        }
        MovedStates.Moved moved;
        try {
            moved = store.move(checkpoint, arrivals.sensors());
        } catch (SQLException | RuntimeException e) {
            partition.notSaved(checkpoint);
            if (!SqlFault.isOutdated(e)) {
                throw e;
            }
            partition.outdate();
            return;
        }
        partition.saved(checkpoint);
        partition.newcomers().takeIn(arrivals, moved);
        if (moved.states().stream().anyMatch(state -> !state.isOwn())) {
            LOG.debug("{} states of {} sensors have moved to {}, because the topic has more partitions", moved.states().size(), arrivals.sensors().size(), partition.partition());
        }
    }
}
