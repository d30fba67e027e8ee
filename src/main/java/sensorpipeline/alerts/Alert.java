package sensorpipeline.alerts;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.math.BigDecimal;
import sensorpipeline.reading.EventTime;
import sensorpipeline.rules.AlertRule;
import sensorpipeline.rules.Severity;
import sensorpipeline.rules.Transition;

/**
 * An alert as the REST API shows it; all times are ISO 8601 in UTC. Immutable.
 *
 * @param id of the alert, made of what caused it
 * @param ruleId of its rule
 * @param rule name of its rule
 * @param severity such as {@code critical}
 * @param sensorId of the sensor
 * @param location of the last reading that changed the alert, or null
 * @param metric whose values are compared, or null
 * @param value of the reading that made it fire, come back or change its severity last; null if the rule is about more or less than one
 * @param state {@code firing} or {@code cleared}
 * @param late whether its readings came late
 * @param flapping whether it comes and goes
 * @param latched whether its condition is over, and it only waits to be acknowledged
 * @param startedAt when its condition began
 * @param firedAt when that had lasted for long enough
 * @param clearedAt when the alert was over, or null
 * @param clearedBy who cleared it by hand, or null
 * @param cameBackAt when it came back last, after its condition was over, or null
 * @param acknowledged by whom, or null
 * @param shelvedUntil until when nobody wants to hear of it, or null
 * @param message for people
 */
record Alert(String id, long ruleId, String rule, String severity, String sensorId, String location, String metric, BigDecimal value, String state, boolean late, boolean flapping,
        boolean latched, String startedAt, String firedAt, String clearedAt, String clearedBy, String cameBackAt, Acknowledgement acknowledged, String shelvedUntil, String message) {

    private static final String FIRING = "firing";
    private static final String CLEARED = "cleared";

    /**
     * That somebody knows of an alert.
     *
     * @param by whom
     * @param at when
     * @param comment or null
     */
    record Acknowledgement(String by, String at, String comment) {
    }

    /** @return an alert that has just fired */
    static Alert fired(String id, RuleVersion version, String sensorId, String location, Transition transition) {
        return new Alert(id, version.ruleId(), version.rule().name(), transition.severity().text(), sensorId, location, version.rule().metric(), version.rule().valueOf(transition), FIRING, false, transition.isFlapping(),
                false, EventTime.text(transition.startedAt()), EventTime.text(transition.at()), null, null, null, null, null, version.rule().messageFor(transition));
    }

    /**
     * @param location that the sensor told last, or null
     * @param fired what silence has changed
     * @return an alert about a sensor that is silent
     */
    static Alert silent(String id, RuleVersion version, String sensorId, String location, Transition fired) {
        AlertRule rule = version.rule();
        return new Alert(id, version.ruleId(), rule.name(), rule.leastSeverity().text(), sensorId, location, rule.metric(), null, FIRING, false, false, false, EventTime.text(fired.startedAt()),
                EventTime.text(fired.at()), null, null, null, null, null, rule.messageFor(fired));
    }

    /** @return the alert, made by readings that came late, of these times */
    Alert late(String began, String fired) {
        return new Alert(id, ruleId, rule, severity, sensorId, location, metric, value, state, true, flapping, false, began, fired, clearedAt, clearedBy, cameBackAt, acknowledged, shelvedUntil, message);
    }

    /** @return the alert after a transition of it; who acknowledged or shelved something less severe has not done so with this */
    Alert after(Transition transition, RuleVersion version, String newLocation, Severity acknowledgedSeverity) {
        if (transition.kind() == Transition.Kind.CLEARED) {
            return new Alert(id, ruleId, version.rule().name(), severity, sensorId, location, metric, value, CLEARED, late, transition.isFlapping(), false, startedAt, firedAt,
                    EventTime.text(transition.at()), null, cameBackAt, acknowledged, shelvedUntil, message);
        }
        boolean isKnown = acknowledged != null && acknowledgedSeverity != null && transition.severity().compareTo(acknowledgedSeverity) <= 0;
        // While a lower level lasts on because of its delay, the value need not breach it.
        boolean isBreach = transition.reason() != null;
        BigDecimal newValue = isBreach ? version.rule().valueOf(transition) : value;
        boolean isBack = latched || !isFiring();
        boolean isWorse = transition.severity().compareTo(Severity.of(severity)) > 0;
        return new Alert(id, ruleId, version.rule().name(), transition.severity().text(), sensorId, newLocation, metric, newValue, FIRING, late, transition.isFlapping(), false, startedAt, firedAt, null, null,
                isBack ? EventTime.text(transition.at()) : cameBackAt, isKnown ? acknowledged : null, isWorse ? null : shelvedUntil, isBreach ? version.rule().messageFor(transition) : message);
    }

    /** @return the alert after its condition ended, which stays open until somebody acknowledges it */
    Alert keptOpen(Transition transition) {
        return new Alert(id, ruleId, rule, severity, sensorId, location, metric, value, FIRING, late, transition.isFlapping(), true, startedAt, firedAt, null, null, cameBackAt, acknowledged, shelvedUntil, message);
    }

    /** @return the alert with another severity, for the values that it has */
    Alert withSeverity(Severity other) {
        return new Alert(id, ruleId, rule, other.text(), sensorId, location, metric, value, state, late, flapping, latched, startedAt, firedAt, clearedAt, clearedBy, cameBackAt, acknowledged, shelvedUntil, message);
    }

    /** @return the alert, after it was over for a short time */
    Alert reopened(Transition transition) {
        return new Alert(id, ruleId, rule, severity, sensorId, location, metric, value, FIRING, late, transition.isFlapping(), false, startedAt, firedAt, null, null,
                EventTime.text(transition.at()), acknowledged, shelvedUntil, message);
    }

    /** @return the alert, cleared by other things than its readings */
    Alert clearedAt(String time) {
        return clearedBy(null, time);
    }

    /**
     * @param person who cleared it by hand, or null
     * @param time when
     * @return the alert, cleared whatever its readings say
     */
    Alert clearedBy(String person, String time) {
        return new Alert(id, ruleId, rule, severity, sensorId, location, metric, value, CLEARED, late, flapping, false, startedAt, firedAt, time, person, cameBackAt, acknowledged, shelvedUntil, message);
    }

    /** @return the alert, acknowledged unless it was before */
    Alert acknowledgedBy(Acknowledgement acknowledgement) {
        return acknowledged != null ? this
                : new Alert(id, ruleId, rule, severity, sensorId, location, metric, value, state, late, flapping, latched, startedAt, firedAt, clearedAt, clearedBy, cameBackAt, acknowledgement, shelvedUntil, message);
    }

    /** @return the alert, shelved until a time; null if it is not shelved any more */
    Alert shelvedUntil(String time) {
        return new Alert(id, ruleId, rule, severity, sensorId, location, metric, value, state, late, flapping, latched, startedAt, firedAt, clearedAt, clearedBy, cameBackAt, acknowledged, time, message);
    }

    @JsonIgnore
    boolean isFiring() {
        return state.equals(FIRING);
    }
}
