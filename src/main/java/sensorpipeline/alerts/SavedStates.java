package sensorpipeline.alerts;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.utils.Utils;
import sensorpipeline.reading.PlausibleRange;

/**
 * What the database has of a partition. Immutable.
 *
 * @param next offset of the first record that is not evaluated
 * @param appliedChange the last change that the states contain
 * @param changeId the last change that applies to the records from that offset on
 * @param rules after the applied change
 * @param plausible values of metrics, after the applied change
 * @param states as JSON
 * @param seen the last records that rules about silence have seen
 * @param newest readings: {@link NewestReadings#take}; null if none are known
 * @param raisedAt when the topic was found to have more partitions, in milliseconds since 1970, or 0
 * @param strangers what has a state in another partition of the topic; not looked up if the topic has never got more partitions
 * @param changesToApply those after the applied change, up to the last one that applies
 */
record SavedStates(long next, long appliedChange, long changeId, List<RuleVersion> rules, Map<String, PlausibleRange> plausible, Map<Key, String> states, Map<Key, Seen> seen,
        byte[] newest, long raisedAt, Set<Key> strangers, List<Change> changesToApply) {

    /** In place of a rule: the state of a sensor's clock. */
    static final long CLOCK = 0;

    /** @return where producers send the records of a sensor, whose id is their key */
    static int partitionOf(String sensorId, int partitions) {
        return Utils.toPositive(Utils.murmur2(sensorId.getBytes(StandardCharsets.UTF_8))) % partitions;
    }

    /**
     * Whose state it is.
     *
     * @param sensorId of a sensor
     * @param ruleId of a rule, or {@link #CLOCK}
     */
    record Key(String sensorId, long ruleId) {
    }

    /**
     * A record that a rule about silence has seen.
     *
     * @param at when Kafka received it, in milliseconds since 1970; -1 if the rule does not wait for the sensor until it sends
     * @param offset of the record, or -1 if there was none, and the rule waits since that time
     * @param location that the sensor told last, or null if it has told none
     */
    record Seen(long at, long offset, String location) {
    }
}
