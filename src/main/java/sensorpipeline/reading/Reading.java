package sensorpipeline.reading;

import java.util.List;
import java.util.Objects;

/**
 * A reading of a device, as one record has it: values of one or more metrics at one time. Immutable by convention: the array belongs
 * to the reading and must not be changed.
 *
 * @param series of the reading
 * @param metrics names in ascending order, without duplicates; readings with the same names mostly share one immutable list
 * @param at the device's time, in microseconds since 1970 UTC
 * @param values one finite number per metric, in the order of {@code metrics}; true is 1 and false is 0
 * @param attributes the other fields as a JSON object, or null if there are none
 * @param texts names of the attributes that are text
 */
public record Reading(Series series, List<String> metrics, long at, double[] values, String attributes, List<String> texts) {

    private static final long MICROSECONDS_AN_HOUR = 3_600_000_000L;

    /** Requires a series and a value for each metric. */
    public Reading {
        Objects.requireNonNull(series);
        if (values.length != metrics.size()) {
            throw new IllegalArgumentException(values.length + " values for metrics " + metrics);
        }
    }

    /** @return the hour of a time in microseconds since 1970 UTC, as whole hours since 1970 UTC */
    public static long hourOf(long at) {
        return Math.floorDiv(at, MICROSECONDS_AN_HOUR);
    }
}
