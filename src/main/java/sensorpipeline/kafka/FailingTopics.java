package sensorpipeline.kafka;

import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The topics of a consumer's failed batches. Until a batch of it succeeds, each is delivered on its own, so that one at fault does not hold up
 * the records of others. Used by the polling thread.
 */
final class FailingTopics {

    private static final Duration RETRY_TIMEOUT = Duration.ofSeconds(2);
    /** Enough for records that are fetched already. */
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(50);

    private final BatchLimits limits;
    private final Outage outage;
    private final Map<String, Backoff> backoffs = new LinkedHashMap<>();
    private boolean isTurnOfOthers;

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
        outage.began(this, topics);
        for (String topic : topics) {
            // To the end, so that each has its turn.
            Backoff before = backoffs.remove(topic);
            Backoff now = before == null ? Backoff.none() : before;
            backoffs.put(topic, topics.size() == 1 ? now.next(limits) : now);
        }
    }

    /** @param topics of a batch that succeeded */
    void succeed(Set<String> topics) {
        backoffs.keySet().removeAll(topics);
        outage.over(this, topics);
    }

    /** @param topics of which this consumer has nothing to redeliver any more */
    void forget(Set<String> topics) {
        if (backoffs.keySet().removeAll(topics)) {
            outage.over(this, topics);
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
     * @return those to be delivered next: by turns one that failed and whose backoff is over, and all that did not fail
     */
    Set<String> deliverable(Set<String> assigned) {
        Set<String> others = new HashSet<>(assigned);
        others.removeAll(backoffs.keySet());
        Optional<String> due = backoffs.entrySet().stream().filter(topic -> topic.getValue().isOver()).map(Map.Entry::getKey).findFirst();
        isTurnOfOthers = due.isEmpty() || !isTurnOfOthers && !others.isEmpty();
        return isTurnOfOthers ? others : Set.of(due.get());
    }

    /**
     * @param topics to be delivered next
     * @param timeout of a poll that has nothing else to wait for
     * @return the timeout of the next poll
     */
    Duration timeout(Set<String> topics, Duration timeout) {
        if (backoffs.isEmpty()) {
            return timeout;
        }
        if (backoffs.keySet().containsAll(topics) && !topics.isEmpty()) {
            // A fetch for all other topics may have to end first.
            return RETRY_TIMEOUT;
        }
        Duration rest = Collections.min(backoffs.values().stream().map(Backoff::rest).toList());
        return Collections.min(List.of(timeout, Collections.max(List.of(rest, SHORTEST_TIMEOUT))));
    }
}
