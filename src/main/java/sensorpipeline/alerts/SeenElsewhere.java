package sensorpipeline.alerts;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Tells what other partitions have seen. */
interface SeenElsewhere<E extends Exception> {

    /** @return the last records that rules have seen in other partitions of the topic, and sensors that a partition with a lower number waits for that has seen none */
    Map<SavedStates.Key, SavedStates.Seen> ask(TopicPartition partition) throws E;
}
