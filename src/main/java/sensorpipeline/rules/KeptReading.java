package sensorpipeline.rules;

/**
 * A reading that later ones are compared with. Immutable.
 *
 * @param at its time, in microseconds since 1970 UTC
 * @param value of the metric
 */
public record KeptReading(long at, double value) {
}
