package sensorpipeline.rules;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A rule about silence as it applies to one sensor. It goes by Kafka's times: what has happened up to a record can be told from the records and the schedule alone, so that who evaluates them again
 * decides the same; a clock only tells earlier that no record has come. As with values, silence that comes back soon is the same alert, which may be flapping; but each span of the schedule has
 * alerts of its own, for which waiting begins with the span. All times are in milliseconds since 1970. Not thread-safe.
 */
public final class SilenceRule {

    /** In place of a time: there is none. */
    public static final long NONE = -1;

    private static final long NEVER = Long.MAX_VALUE;
    private static final long CALM = AlertRule.CALM.toMillis();
    private static final long FLAPPING_SPAN = AlertRule.FLAPPING_SPAN.toMillis();

    private final AlertRule rule;
    private final long changedAt;
    private final long limit;
    /** When the alert fired last, the oldest first. */
    private final Deque<Long> firings = new ArrayDeque<>();
    private long seenAt = NONE;
    private boolean isSilent;
    /** When the last silence ended. */
    private long overSince = NONE;
    /** Whether there is an alert that silence may come back to. */
    private boolean hasAlert;
    private boolean isOpen;
    private boolean isFlapping;
    /** When silence will have lasted for too long. */
    private long firesAt = NEVER;
    /** When the span of the schedule ends in which the open alert fired. */
    private long endsAt = NEVER;

    /**
     * @param rule about silence
     * @param changedAt since when the rule is as it is: spans of its schedule that ended before do not matter
     */
    public SilenceRule(AlertRule rule, long changedAt) {
        this.rule = rule;
        this.changedAt = changedAt;
        limit = TimeUnit.MICROSECONDS.toMillis(rule.silentFor());
    }

    /**
     * @param rule about silence
     * @param changedAt since when the rule is as it is
     * @param saved state of this rule or an earlier version of it, which had an alert
     * @param isOpen whether that is open
     * @param isFlapping whether it is, or was, flapping
     */
    public SilenceRule(AlertRule rule, long changedAt, SavedSilence saved, boolean isOpen, boolean isFlapping) {
        this(rule, changedAt);
        isSilent = saved.isSilent();
        overSince = saved.overSince();
        firings.addAll(saved.firings());
        hasAlert = true;
        this.isOpen = isOpen;
        this.isFlapping = isFlapping;
        decideNext();
    }

    /** @return when the last record was seen, or since when it is waited for; {@link #NONE} if it is not */
    public long seenAt() {
        return seenAt;
    }

    /** The sensor is waited for from a time on; with {@link #NONE}, not until it sends. */
    public void expectFrom(long time) {
        seenAt = time;
        decideNext();
    }

    /** @return until when nothing happens without a record; {@link Long#MAX_VALUE} if nothing ever does */
    public long deadline() {
        return Math.min(firesAt, endsAt);
    }

    /** @return when the schedule clears the open alert; {@link Long#MAX_VALUE} if it does not */
    public long endsAt() {
        return endsAt;
    }

    /**
     * No further record has come until a time.
     *
     * @param told takes what that changes, whose {@code startedAt} tells when the last silence began
     * @return whether anything has changed
     */
    public boolean advance(long time, Consumer<Transition> told) {
        boolean changes = deadline() < time;
        while (deadline() < time) {
            if (firesAt < endsAt) {
                fire(told);
            } else {
                endSpan(told);
            }
            decideNext();
        }
        return changes;
    }

    /**
     * Takes a record. What was before it must be {@linkplain #advance known}.
     *
     * @param received when Kafka received it
     * @param told takes what it changes
     * @return whether what has to be saved has changed
     */
    public boolean see(long received, Consumer<Transition> told) {
        boolean wasSilent = isSilent;
        boolean isCalm = !isSilent && hasAlert && received - overSince > CALM;
        if (isSilent) {
            isSilent = false;
            overSince = received;
        }
        if (isOpen && (isCalm || wasSilent && !isFlapping)) {
            clear(received, told);
        }
        if (isCalm) {
            forgetAlert();
        }
        // Clocks of brokers differ.
        seenAt = Math.max(seenAt, received);
        decideNext();
        return wasSilent || isCalm;
    }

    private void fire(Consumer<Transition> told) {
        long began = firesAt - limit;
        boolean isSame = hasAlert && (isOpen || began - overSince <= CALM && overSince >= rule.spanFrom(began).begin());
        if (!isSame) {
            firings.clear();
        }
        firings.add(firesAt);
        if (firings.size() > AlertRule.FLAPPING_FIRINGS) {
            firings.remove();
        }
        isSilent = true;
        if (!isOpen) {
            isFlapping = firings.size() == AlertRule.FLAPPING_FIRINGS && firesAt - firings.peek() <= FLAPPING_SPAN;
            isOpen = true;
            hasAlert = true;
            told.accept(transition(isSame ? Transition.Kind.REOPENED : Transition.Kind.FIRED, firesAt));
        }
    }

    /** Nobody waits for the sensor until the next span. */
    private void endSpan(Consumer<Transition> told) {
        isSilent = false;
        overSince = endsAt;
        clear(endsAt, told);
    }

    private void clear(long time, Consumer<Transition> told) {
        isOpen = false;
        told.accept(transition(Transition.Kind.CLEARED, time));
    }

    private Transition transition(Transition.Kind kind, long time) {
        return new Transition(kind, TimeUnit.MILLISECONDS.toMicros(time), TimeUnit.MILLISECONDS.toMicros(firings.getLast() - limit), Double.NaN, rule.leastSeverity(), isFlapping, null);
    }

    private void decideNext() {
        firesAt = isSilent || seenAt == NONE ? NEVER : nextFiring();
        endsAt = isOpen ? rule.spanFrom(Math.max(firings.getLast(), changedAt)).end() : NEVER;
    }

    private long nextFiring() {
        Span span = rule.spanFrom(Math.max(seenAt, Math.max(overSince, changedAt)));
        while (span.begin() < NEVER) {
            long began = Math.max(seenAt, span.begin());
            if (began < span.end() - limit) {
                return began + limit;
            }
            span = rule.spanFrom(span.end());
        }
        return NEVER;
    }

    /** The sensor is gone: its alert is over, and nobody waits until it sends. */
    public void retire(long time, Consumer<Transition> told) {
        if (isOpen) {
            clear(time, told);
        }
        forget(NONE);
    }

    /** Forgets its alert, and waits anew from a time on. */
    public void forget(long at) {
        seenAt = at;
        isSilent = false;
        isOpen = false;
        overSince = NONE;
        forgetAlert();
        decideNext();
    }

    private void forgetAlert() {
        hasAlert = false;
        isFlapping = false;
        firings.clear();
    }

    /** @return whether there is an alert that silence may come back to, and so something to save */
    public boolean hasAlert() {
        return hasAlert;
    }

    /** @return what has to be saved beside the alert */
    public SavedSilence save() {
        return new SavedSilence(isSilent, overSince, List.copyOf(firings));
    }
}
