package sensorpipeline.consumer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The positions that metrics have in the values of a series' readings. Series with the same list share one. Thread-safe: a lost update of the cache does no harm. */
final class MetricPositions {

    private final List<String> names;
    private final Map<String, Integer> positions = new HashMap<>();
    private Placement last;

    /**
     * Where the values of readings with the same metrics go.
     *
     * @param metrics of the readings
     * @param positions of each of their values; null if they stay as they are
     * @param length of the values with their positions
     */
    private record Placement(List<String> metrics, int[] positions, int length) {
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

    /**
     * @param metrics of a reading
     * @param given its values, in this order
     * @return its values by the positions of the series' metrics, {@link Content#NONE} for those that it does not have; null if a metric is unknown
     */
    double[] place(List<String> metrics, double[] given) {
        Placement placement = last;
        // The same list mostly comes again as the same object.
        if (placement == null || placement.metrics != metrics) {
            placement = placementOf(metrics);
            if (placement == null) {
                return null;
            }
            last = placement;
        }
        if (placement.positions == null) {
            return given;
        }
        double[] values = new double[placement.length];
        Arrays.fill(values, Content.NONE);
        for (int i = 0; i < given.length; i++) {
            values[placement.positions[i]] = given[i];
        }
        return values;
    }

    private Placement placementOf(List<String> metrics) {
        int[] places = new int[metrics.size()];
        int length = 0;
        boolean areSame = true;
        for (int i = 0; i < places.length; i++) {
            Integer position = positions.get(metrics.get(i));
            if (position == null) {
                return null;
            }
            places[i] = position;
            length = Math.max(length, position + 1);
            areSame &= position == i;
        }
        return new Placement(metrics, areSame ? null : places, length);
    }
}
