package sensorpipeline.alerts;

import java.time.Instant;
import sensorpipeline.reading.EventTime;
import sensorpipeline.rules.Severity;

/**
 * What somebody changed. Immutable.
 *
 * @param id number of the change; later ones have greater numbers
 * @param tenant whose rule or alert it is
 * @param kind {@code rule}, {@code metric}, {@code acknowledge}, {@code shelve}, {@code clear} or {@code retire}
 * @param ruleId of the rule, or of the alert's rule; 0 for a metric that is declared or a sensor that is retired
 * @param version of the rule from now on, or null if it was deleted; null for other kinds
 * @param alertId of the alert; null for others than alerts
 * @param sensorId of the sensor; null for a rule and a metric
 * @param by whom; null for others than alerts
 * @param comment or null
 * @param until for how long it is shelved, or null
 * @param at when
 * @param metric that was declared, or null
 * @param severity of the alert as far as who changed it knew; null for others than alerts
 */
record Change(long id, String tenant, String kind, long ruleId, RuleVersion version, String alertId, String sensorId, String by, String comment, Instant until, Instant at, DeclaredMetric metric,
        Severity severity) {

    /** @return when, in microseconds since 1970 UTC */
    long micros() {
        return EventTime.micros(at);
    }
}
