package sensorpipeline.consumer;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import sensorpipeline.reading.Reading;

/** The positions that metrics have in the values of a series' readings. Series with the same list share one. Thread-safe: a lost update of the cache does no harm. */
final class MetricPositions {

    private final List<String> names;
    private final Map<String, Integer> positions = new HashMap<>();
    private Placement last;

    /**
     * Where the values of readings with the same metrics go.
     *
     * @param metrics of the readings
     * @param order indexes of their values in the order of their positions; null if they are the first ones, in this order
     * @param positions in ascending order
     */
    private record Placement(List<String> metrics, int[] order, int[] positions) {
    }

    /** @param names as in the series */
    MetricPositions(List<String> names) {
        this.names = List.copyOf(names);
        for (String name : this.names) {
            positions.put(name, positions.size());
        }
    }

    /** @return the names, by position */
    List<String> names() {
        return names;
    }

    /** @return what a reading says, by the positions of the series' metrics; null if one of its metrics is unknown, plausible or not */
    Content place(Reading reading) {
        Placement placement = last;
        // The same list mostly comes again as the same object.
        if (placement == null || placement.metrics != reading.metrics()) {
            placement = placementOf(reading.metrics());
            if (placement == null) {
                return null;
            }
            last = placement;
        }
        if (!reading.implausible().isEmpty() && !positions.keySet().containsAll(reading.implausible())) {
            return null;
        }
        int implausible = reading.implausible().size();
        if (placement.order == null) {
            return new Content(null, reading.values(), reading.attributes(), textsForNumbers(reading), implausible);
        }
        double[] values = new double[placement.order.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = reading.values()[placement.order[i]];
        }
        return new Content(placement.positions, values, reading.attributes(), textsForNumbers(reading), implausible);
    }

    private int textsForNumbers(Reading reading) {
        int count = 0;
        for (String name : reading.texts()) {
            count += positions.containsKey(name) ? 1 : 0;
        }
        return count;
    }

    private Placement placementOf(List<String> metrics) {
        int[] places = new int[metrics.size()];
        boolean areFirst = true;
        for (int i = 0; i < places.length; i++) {
            Integer position = positions.get(metrics.get(i));
            if (position == null) {
                return null;
            }
            places[i] = position;
            areFirst &= position == i;
        }
        if (areFirst) {
            return new Placement(metrics, null, null);
        }
        int[] order = IntStream.range(0, places.length).boxed().sorted(Comparator.comparingInt(i -> places[i])).mapToInt(Integer::intValue).toArray();
        return new Placement(metrics, order, Arrays.stream(order).map(i -> places[i]).toArray());
    }
}
