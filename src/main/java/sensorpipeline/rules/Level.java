package sensorpipeline.rules;

/**
 * A severity and the limit from which on a rule has it.
 *
 * @param severity of an alert while this level is the highest that is active
 * @param limit of the values
 */
record Level(Severity severity, Limit limit) {
}
