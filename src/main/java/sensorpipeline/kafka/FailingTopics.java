package sensorpipeline.kafka;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The topics of a consumer's failed batches. Until a batch of it succeeds, each is delivered on its own, so that one at fault does not hold up
 * the records of others. Used by the polling thread.
 */
final class FailingTopics {

    private final BatchLimits limits;
    private final Outage outage;
    private final Map<String, Backoff> backoffs = new LinkedHashMap<>();

    /**
     * @param limits of the backoff
     * @param outage lasts until a batch of each topic has succeeded
     */
    FailingTopics(BatchLimits limits, Outage outage) {
        this.limits = limits;
        this.outage = outage;
    }

    /** @param topics of a batch that failed; of several, one may be at fault, so they are retried one at a time without a pause */
    void fail(Set<String> topics) {
        outage.began(topics);
        topics.forEach(topic -> backoffs.putIfAbsent(topic, Backoff.none()));
        if (topics.size() == 1) {
            backoffs.computeIfPresent(topics.iterator().next(), (topic, before) -> before.next(limits));
        }
    }

    /** @param topics of a batch that succeeded */
    void succeed(Set<String> topics) {
        backoffs.keySet().removeAll(topics);
        outage.over(topics);
    }

    /** @param topics of which this consumer has nothing to redeliver any more */
    void forget(Set<String> topics) {
        if (backoffs.keySet().removeAll(topics)) {
            outage.over(topics);
        }
    }

    /** @param assigned topics that this consumer still has partitions of */
    void retain(Set<String> assigned) {
        Set<String> gone = new HashSet<>(backoffs.keySet());
        gone.removeAll(assigned);
        forget(gone);
    }

    /**
     * @param assigned topics that this consumer has partitions of
     * @return those to be delivered next: one that failed and whose backoff is over, otherwise all that did not fail
     */
    Set<String> deliverable(Set<String> assigned) {
        for (Map.Entry<String, Backoff> topic : backoffs.entrySet()) {
            if (topic.getValue().isOver()) {
                return Set.of(topic.getKey());
            }
        }
        Set<String> topics = new HashSet<>(assigned);
        topics.removeAll(backoffs.keySet());
        return topics;
    }

    /** @return the backoffs of the topics */
    Stream<Backoff> backoffs() {
        return backoffs.values().stream();
    }
}
