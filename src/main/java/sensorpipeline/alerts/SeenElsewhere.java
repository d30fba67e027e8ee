package sensorpipeline.alerts;

import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** Tells what other partitions have seen. */
interface SeenElsewhere<E extends Exception> {

    /** @return the sensors that rules have seen in other partitions of the topic */
    Set<SavedStates.Key> ask(TopicPartition partition) throws E;
}
