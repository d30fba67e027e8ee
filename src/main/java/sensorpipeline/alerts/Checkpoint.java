package sensorpipeline.alerts;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * What has to be saved of a partition, in one transaction. Immutable.
 *
 * @param partition of Kafka
 * @param tenant whose readings it has
 * @param previousNext position in the database before
 * @param previousChange change that applies in the database before
 * @param next offset of the first record that is not evaluated
 * @param changeId the last change that applies to the records from that offset on
 * @param appliedChange the last change that the states contain
 * @param delivered offset of the first record that is not in memory either
 * @param waiting the sensors of those that are, and are not evaluated
 * @param states as JSON; null where there is none any more
 * @param seen the last records that rules about silence have seen, all of them; null if that has not changed
 * @param newest readings, all of them: {@link NewestReadings#take}; null if they have not changed
 * @param late spans of readings that came late, by sensor
 */
record Checkpoint(TopicPartition partition, String tenant, long previousNext, long previousChange, long next, long changeId, long appliedChange, long delivered, Set<String> waiting,
        Map<SavedStates.Key, String> states, Map<SavedStates.Key, SavedStates.Seen> seen, byte[] newest, Map<String, LateReadings.Span> late) {
}
