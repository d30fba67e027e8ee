package sensorpipeline.bench;

import java.util.Collection;
import java.util.List;

/** Percentiles of durations by nearest rank: each is one of the measured values. */
final class Percentiles {

    private final List<Long> sorted;

    /** @param values in any order and unit */
    Percentiles(Collection<Long> values) {
        sorted = values.stream().sorted().toList();
    }

    /**
     * @param percent from 1 to 100; 100 is the maximum
     * @return the smallest value that at least this share of all values does not exceed; null without values
     */
    Long at(int percent) {
        return sorted.isEmpty() ? null : sorted.get((int) (((long) sorted.size() * percent + 99) / 100 - 1));
    }
}
