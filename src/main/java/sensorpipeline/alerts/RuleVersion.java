package sensorpipeline.alerts;

import sensorpipeline.rules.AlertRule;

/**
 * A rule from one change of it to the next. Immutable.
 *
 * @param changeId number of the change
 * @param ruleId of the rule
 * @param createdAt when the rule was created, in milliseconds since 1970: it does not apply to readings that Kafka received before
 * @param changedAt when the change was made, in milliseconds since 1970
 * @param rule as it is since the change
 */
record RuleVersion(long changeId, long ruleId, long createdAt, long changedAt, AlertRule rule) {
}
