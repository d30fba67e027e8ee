package sensorpipeline.alerts;

import sensorpipeline.reading.EventTime;
import sensorpipeline.rules.Severity;

/** A rule that applies to a sensor, and the alert of both. Not thread-safe. */
abstract class WatchedRule {

    private final RuleVersion version;
    private final String sensorId;
    /** Null until it has fired, and once nothing of it matters for the next one. */
    private Alert alert;
    private int revision;
    /** How bad the alert was when it was acknowledged. */
    private Severity acknowledgedSeverity;

    /** @param saved what was kept of this version of the rule or an earlier one, or null */
    WatchedRule(RuleVersion version, String sensorId, SavedRule saved) {
        this.version = version;
        this.sensorId = sensorId;
        if (saved != null) {
            alert = saved.alert();
            revision = saved.revision();
            acknowledgedSeverity = saved.acknowledgedSeverity();
        }
    }

    /** @return the rule for a sensor, going on with what was kept of this version of it or an earlier one, or null */
    static WatchedRule of(RuleVersion version, String sensorId, SavedRule saved) {
        return version.rule().isOfSilence() ? new WatchedSilence(version, sensorId, saved) : new WatchedValues(version, sensorId, saved);
    }

    final RuleVersion version() {
        return version;
    }

    final String sensorId() {
        return sensorId;
    }

    final SavedStates.Key key() {
        return new SavedStates.Key(sensorId, version.ruleId());
    }

    /** @return the last alert, or null */
    final Alert alert() {
        return alert;
    }

    /** @return number of the alert's last transition */
    final int revision() {
        return revision;
    }

    final Severity acknowledgedSeverity() {
        return acknowledgedSeverity;
    }

    /** @return what has to be saved, or null if there is nothing */
    abstract SavedRule save();

    /** @return what is kept of it for the next version of the rule, which {@linkplain sensorpipeline.rules.AlertRule#isAboutTheSameAs is about the same}, or null */
    SavedRule saveFor(RuleVersion next) {
        return save();
    }

    /** @return whether there is anything to save */
    abstract boolean hasState();

    /** Forgets everything but its alert: if the condition still holds, another alert fires. */
    abstract void forget(long at);

    /** Begins another alert. */
    final void fire(Cause cause, Alert fired, long at) {
        alert = fired;
        revision = 0;
        acknowledgedSeverity = null;
        tell(cause, "fired", at);
    }

    /** Goes on with the alert. */
    final void change(Cause cause, Alert changed, String kind, long at) {
        alert = changed;
        tell(cause, kind, at);
    }

    final void forgetAlert() {
        alert = null;
    }

    private void tell(Cause cause, String kind, long at) {
        revision++;
        cause.tell(this, kind, at);
    }

    /** The alert is over, whatever its readings say; if its condition still holds, another one fires. */
    final void clear(Cause cause, long at) {
        clear(cause, null, at);
    }

    /**
     * Does the same by hand.
     *
     * @param person who does, or null
     */
    final void clear(Cause cause, String person, long at) {
        if (alert != null && alert.isFiring()) {
            change(cause, alert.clearedBy(person, EventTime.text(at)), "cleared", at);
        }
        forget(at);
        alert = null;
    }

    /** @param known severity that whoever acknowledges the alert knows of, or null if that is not known: if it has become worse meanwhile, nothing happens */
    final void acknowledge(Cause cause, Alert.Acknowledgement acknowledgement, Severity known, long at) {
        if (alert.acknowledged() == null && !isWorseThan(known)) {
            acknowledgedSeverity = known == null ? Severity.of(alert.severity()) : known;
            change(cause, alert.acknowledgedBy(acknowledgement), "acknowledged", at);
            release(cause.next(), at);
        }
    }

    /** The alert stays no longer as it is only because nobody has acknowledged it. */
    void release(Cause cause, long at) {
        // Only rules about values can be latched.
    }

    /**
     * @param until a time, or null if the alert is not shelved any more
     * @param known as of {@link #acknowledge}
     */
    final void shelve(Cause cause, String until, Severity known, long at) {
        if (!isWorseThan(known)) {
            change(cause, alert.shelvedUntil(until), "shelved", at);
        }
    }

    private boolean isWorseThan(Severity known) {
        return known != null && Severity.of(alert.severity()).compareTo(known) > 0;
    }
}
