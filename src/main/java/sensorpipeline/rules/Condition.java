package sensorpipeline.rules;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import sensorpipeline.reading.Reading;

/** What has to be true of a reading: an expression in CEL over its metrics. Immutable. */
public final class Condition {

    private final String text;
    private final List<String> metrics;
    private final Truth truth;

    Condition(String text, List<String> metrics, Truth truth) {
        this.text = text;
        this.metrics = List.copyOf(metrics);
        this.truth = truth;
    }

    /** A part of an expression that is true or false. */
    interface Truth {
        /** @return whether it is true of a reading with these values, of which the expression's metrics have those at these places */
        boolean of(double[] values, int[] places);
    }

    /** A part of an expression that is a number. */
    interface Quantity {
        /** @return the number for a reading with these values, of which the expression's metrics have those at these places */
        double of(double[] values, int[] places);
    }

    /** @return the expression as it was written */
    public String text() {
        return text;
    }

    /** @return names of the metrics that a reading must have, in the order in which the expression names them */
    public List<String> metrics() {
        return metrics;
    }

    /** @return where a reading with these metrics has those of the expression, or null if it lacks one */
    public int[] placesIn(List<String> metricsOfReading) {
        int[] places = metrics.stream().mapToInt(metricsOfReading::indexOf).toArray();
        return IntStream.of(places).anyMatch(place -> place < 0) ? null : places;
    }

    /**
     * @param values of a reading
     * @param places where they have those of the expression's metrics
     * @return whether it is true of them
     */
    public boolean holds(double[] values, int[] places) {
        return truth.of(values, places);
    }

    /** @return the values that decide, such as "heart_rate 131, spo2 88" */
    String describe(double[] values, int[] places) {
        return IntStream.range(0, places.length).mapToObj(i -> metrics.get(i) + " " + Reading.text(values[places[i]])).collect(Collectors.joining(", "));
    }
}
