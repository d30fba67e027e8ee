package sensorpipeline.alerts;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import sensorpipeline.reading.Reading;

/**
 * The alerts of the sensors of one partition: where its evaluation is, what has to be published, and what has to be saved. Changes apply from a position that is saved before: so whoever
 * evaluates the records from a saved position on decides the same. Thread-safe.
 */
final class PartitionAlerts {

    private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(1);

    private final TopicPartition partition;
    private final String tenant;
    private final Evaluator evaluator;
    private final Newcomers newcomers;
    private final List<OutgoingTransition> outgoing = new ArrayList<>();
    private final ReachedEnd reachedEnd = new ReachedEnd();
    /** Offset of the first record that is not evaluated. */
    private long next;
    private long savedNext;
    private long savedDelivered;
    private long appliedChange;
    private long savedAppliedChange;
    /** In the database; at least as great as that applied. */
    private long savedChange;
    private boolean isOutdated;
    private boolean isRestWanted;
    /** Whether transitions are published later than the batch that caused them was evaluated. */
    private boolean hasReleased;

    /**
     * @param partition of Kafka
     * @param tenant whose readings it has
     * @param partitions how many its topic has
     * @param saved position, rules and states
     */
    PartitionAlerts(TopicPartition partition, String tenant, int partitions, SavedStates saved) {
        this.partition = partition;
        this.tenant = tenant;
        next = saved.next();
        savedNext = saved.next();
        savedDelivered = saved.next();
        appliedChange = saved.appliedChange();
        savedAppliedChange = saved.appliedChange();
        savedChange = saved.changeId();
        evaluator = new Evaluator(partition, tenant, partitions, saved, outgoing::add);
        newcomers = new Newcomers(this, partitions, evaluator, saved);
        apply(saved.changesToApply());
    }

    TopicPartition partition() {
        return partition;
    }

    String tenant() {
        return tenant;
    }

    /** Called before a batch is evaluated: a checkpoint that waits for the last one goes first. */
    synchronized void begin() throws InterruptedException {
        while (isRestWanted && outgoing.isEmpty()) {
            wait();
        }
    }

    /** @return offset of the first record that is neither evaluated nor waits to be */
    synchronized long delivered() {
        return newcomers.waiting().isEmpty() ? next : newcomers.waiting().end();
    }

    /**
     * Evaluates a reading, unless it was before, or has to wait for the states of a sensor that come from another partition.
     *
     * @param record of the reading
     * @param reading of the record
     */
    synchronized void evaluate(ConsumerRecord<?, ?> record, Reading reading) {
        if (record.offset() < delivered()) {
            return;
        }
        if (newcomers.hasToWait(reading)) {
            newcomers.add(record, reading);
        } else {
            next = record.offset() + 1;
            evaluator.evaluate(record, reading);
        }
    }

    /** Evaluates a reading that has waited, whose transitions the batch under way does not publish. */
    synchronized void evaluateWaiting(ConsumerRecord<?, ?> record, Reading reading) {
        int before = outgoing.size();
        next = record.offset() + 1;
        evaluator.evaluate(record, reading);
        hasReleased |= outgoing.size() > before;
    }

    /** @return the sensors that come from other partitions */
    Newcomers newcomers() {
        return newcomers;
    }

    /** @return whether all records before an offset are evaluated, as far as they are of these sensors, and what was changed is applied */
    synchronized boolean hasEvaluated(long end, Arrivals arrivals) {
        return delivered() >= end && appliedChange >= arrivals.change() && Collections.disjoint(newcomers.waiting().sensors(), arrivals.sensors());
    }

    /**
     * Takes what has to be saved, and forgets sensors that go to another partition.
     *
     * @return null if transitions cannot be published at present; nothing is then forgotten
     */
    synchronized Checkpoint letGo(Collection<String> sensors) throws InterruptedException {
        if (!rest()) {
            return null;
        }
        Checkpoint last = checkpoint(savedChange);
        evaluator.moving().forget(sensors, Set.of());
        return last;
    }

    /** Fires alerts about sensors that are silent: {@link SilenceWatch#watch}. */
    synchronized <E extends Exception> void watchSilence(long now, SeenElsewhere<E> seenElsewhere) throws E {
        evaluator.silence().watch(now, newcomers.arePossible(), seenElsewhere);
    }

    /**
     * @param time in milliseconds since 1970, by this program's clock
     * @param offset that Kafka's next record had, at that time or a little later
     */
    synchronized void compareWithEnd(long time, long offset) {
        reachedEnd.compare(time, offset);
        reachedEnd.reach(next);
    }

    /** @return whether a rule is about silence */
    synchronized boolean isWatchedForSilence() {
        return evaluator.sensors().haveRulesOfSilence();
    }

    /** @return up to when all records of Kafka are evaluated, by this program's clock, in milliseconds since 1970 */
    synchronized long evaluatedUntil() {
        return reachedEnd.evaluatedUntil();
    }

    /** @param position up to which there are no more records to evaluate */
    synchronized void advanceTo(long position) {
        if (newcomers.areWaitedFor()) {
            newcomers.waiting().advanceTo(position);
        } else {
            next = Math.max(next, position);
            reachedEnd.reach(next);
        }
    }

    private void apply(List<Change> changes) {
        for (Change change : changes) {
            appliedChange = change.id();
            if (change.tenant().equals(tenant)) {
                evaluator.apply(change);
            }
        }
    }

    /** @return transitions to be published, the oldest first; they stay until they {@linkplain #published were} */
    synchronized List<OutgoingTransition> outgoing() {
        return List.copyOf(outgoing);
    }

    /** @return whether one of them was caused by something else than the record of a batch under way */
    synchronized boolean hasToTellOfOthers() {
        return hasReleased || outgoing.stream().anyMatch(transition -> transition.receivedAt() == 0);
    }

    synchronized void published(Set<OutgoingTransition> transitions) {
        outgoing.removeIf(transitions::contains);
        hasReleased &= !outgoing.isEmpty();
        notifyAll();
    }

    /**
     * Waits until all transitions are published: if they were saved before, a crash would lose them.
     *
     * @return whether they are; no batch is evaluated until the caller leaves this object
     */
    private boolean rest() throws InterruptedException {
        long end = System.nanoTime() + LONGEST_WAIT;
        isRestWanted = true;
        try {
            while (!outgoing.isEmpty() && end > System.nanoTime()) {
                wait(1 + TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
            }
            return outgoing.isEmpty();
        } finally {
            isRestWanted = false;
            notifyAll();
        }
    }

    /**
     * Takes what has to be saved, once all transitions are published. Not called again before {@link #saved} or {@link #notSaved}.
     *
     * @return null if there is nothing to save, or if transitions cannot be published at present
     */
    synchronized Checkpoint checkpoint() throws InterruptedException {
        return hasToBeSaved() && rest() ? checkpoint(savedChange) : null;
    }

    private Checkpoint checkpoint(long change) {
        return new Checkpoint(partition, tenant, savedNext, savedChange, next, change, appliedChange, delivered(), newcomers.waiting().sensors(), evaluator.unsaved().takeChanged(),
                evaluator.unsaved().takeSeen(), evaluator.unsaved().takeNewest(), evaluator.unsaved().late().take());
    }

    synchronized void saved(Checkpoint checkpoint) {
        savedNext = checkpoint.next();
        savedChange = checkpoint.changeId();
        savedDelivered = checkpoint.delivered();
        savedAppliedChange = checkpoint.appliedChange();
    }

    synchronized void notSaved(Checkpoint checkpoint) {
        evaluator.unsaved().giveBack(checkpoint);
    }

    /** Another program has the partition, or the database is another one: the states have to be read again. */
    synchronized void outdate() {
        isOutdated = true;
    }

    synchronized boolean isOutdated() {
        return isOutdated;
    }

    private boolean hasToBeSaved() {
        // Where a topic gets more partitions, they wait for what others have and have applied.
        return !evaluator.unsaved().isEmpty() || next != savedNext || delivered() != savedDelivered || appliedChange != savedAppliedChange;
    }

    /** @return the last change that applies, and is in the database */
    synchronized long savedChange() {
        return savedChange;
    }

    synchronized long appliedChange() {
        return appliedChange;
    }

    synchronized long next() {
        return next;
    }

    synchronized long savedNext() {
        return savedNext;
    }

    /** @return number of sensors that it knows */
    synchronized int sensors() {
        return evaluator.sensors().all().size();
    }

    /** @return number of states that are not like those of a sensor without any */
    synchronized long states() {
        return evaluator.sensors().states();
    }

    /**
     * Applies changes from the present position on: first the database has that they do, then they are applied. If transitions cannot be published at present, nothing happens.
     *
     * @param changes after the last one that applies, in their order
     * @param save writes a checkpoint
     */
    synchronized <E extends Exception> void apply(List<Change> changes, CheckpointWriter<E> save) throws E, InterruptedException {
        if (!rest()) {
            return;
        }
        Checkpoint checkpoint = checkpoint(changes.get(changes.size() - 1).id());
        try {
            save.write(checkpoint);
        } catch (Exception e) {
            notSaved(checkpoint);
            throw e;
        }
        saved(checkpoint);
        apply(changes);
    }

    /** Writes a checkpoint. */
    interface CheckpointWriter<E extends Exception> {
        /** @param checkpoint to be written, in one transaction */
        void write(Checkpoint checkpoint) throws E;
    }
}
