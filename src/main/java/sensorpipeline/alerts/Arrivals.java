package sensorpipeline.alerts;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * Sensors whose records come to a partition since its topic has more of them. Immutable.
 *
 * @param sensors that take their states along
 * @param change the last one that the partition has applied: their states must contain it
 * @param ends how far other partitions have to be evaluated before; empty if nobody waits for that
 */
record Arrivals(Set<String> sensors, long change, Map<TopicPartition, Long> ends) {
}
