package sensorpipeline.reading;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
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
 * @param implausible names of the attributes that are numbers and would be metrics if they were plausible
 */
public record Reading(Series series, List<String> metrics, long at, double[] values, String attributes, List<String> texts, List<String> implausible) {

    private static final long MICROSECONDS_AN_HOUR = 3_600_000_000L;

    /** Requires a series and a value for each metric. */
    public Reading {
        Objects.requireNonNull(series);
        if (values.length != metrics.size()) {
            throw new IllegalArgumentException(values.length + " values for metrics " + metrics);
        }
    }

    /**
     * @param wrong indexes of the metrics whose values are not plausible, at least one but not all
     * @return this reading with these values as attributes instead of metrics
     */
    public Reading withImplausible(BitSet wrong) {
        List<String> plausible = new ArrayList<>(metrics.size());
        List<String> others = new ArrayList<>();
        double[] left = new double[values.length];
        StringBuilder fields = new StringBuilder(attributes == null ? "{" : attributes.substring(0, attributes.length() - 1));
        for (int i = 0; i < values.length; i++) {
            if (wrong.get(i)) {
                others.add(metrics.get(i));
                fields.append(fields.length() > 1 ? ",\"" : "\"").append(JsonStringEncoder.getInstance().quoteAsString(metrics.get(i))).append("\":").append(text(values[i]));
            } else {
                left[plausible.size()] = values[i];
                plausible.add(metrics.get(i));
            }
        }
        return new Reading(series, List.copyOf(plausible), at, Arrays.copyOf(left, plausible.size()), fields.append('}').toString(), texts, List.copyOf(others));
    }

    /** @return a value as JSON, whole numbers without a fraction */
    public static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? String.valueOf((long) value) : String.valueOf(value);
    }

    /** @return the hour of a time in microseconds since 1970 UTC, as whole hours since 1970 UTC */
    public static long hourOf(long at) {
        return Math.floorDiv(at, MICROSECONDS_AN_HOUR);
    }
}
