package sensorpipeline.reading;

import java.util.Arrays;
import java.util.List;

/** Metrics of a reading while it is parsed, sorted by name. Not thread-safe; reused for each reading. */
final class MetricValues {

    /** Sums of such values, scaled as in rollups, differ from 0 by at least 1e-298, so that PostgreSQL can also compute their averages. */
    private static final double SMALLEST = 1e-270;
    private static final int MOST_METRICS = 1000;

    private int count;
    private String[] names = new String[8];
    private double[] values = new double[8];

    void clear() {
        count = 0;
    }

    /** @param value a finite number */
    void add(String name, double value) throws RefusedReading {
        if (count == MOST_METRICS) {
            throw new RefusedReading("a reading has at most " + MOST_METRICS + " metrics");
        }
        if (count == names.length) {
            names = Arrays.copyOf(names, count * 2);
            values = Arrays.copyOf(values, count * 2);
        }
        // Insertion sort: readings have few metrics, mostly in the same order.
        int place = count;
        while (place > 0 && names[place - 1].compareTo(name) > 0) {
            names[place] = names[place - 1];
            values[place] = values[place - 1];
            place--;
        }
        if (place > 0 && names[place - 1].equals(name)) {
            throw RefusedReading.givenTwice(name);
        }
        names[place] = name;
        // -0 and 0 are the same measurement, and so are numbers so small that PostgreSQL rejects calculations with them.
        values[place] = Math.abs(value) < SMALLEST ? 0 : value;
        count++;
    }

    int count() {
        return count;
    }

    /** @return names in ascending order in the first {@link #count} elements; valid until the next change */
    String[] sortedNames() {
        return names;
    }

    /** @return a view of the names, valid until the next change */
    List<String> names() {
        return Arrays.asList(names).subList(0, count);
    }

    /** @return a copy of the values, in the order of the names */
    double[] values() {
        return Arrays.copyOf(values, count);
    }
}
