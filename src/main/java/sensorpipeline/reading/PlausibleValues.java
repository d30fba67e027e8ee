package sensorpipeline.reading;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which values of its metrics a tenant declared plausible. Thread-safe. */
public final class PlausibleValues {

    /** Above this, the lists of metrics are those of a device that makes up names. */
    private static final int MOST_LISTS = 10_000;
    /** Longer lists are rare, and would take much memory. */
    private static final int LONGEST_LIST = 100;

    private final Map<String, PlausibleRange> ranges;
    /** A range for each metric of a list. */
    private final Map<List<String>, PlausibleRange[]> known = new ConcurrentHashMap<>();

    /** @param ranges by metric */
    public PlausibleValues(Map<String, PlausibleRange> ranges) {
        this.ranges = Map.copyOf(ranges);
    }

    /** @return the ranges, by metric */
    public Map<String, PlausibleRange> ranges() {
        return ranges;
    }

    /**
     * @return the reading; one in which values that are not plausible are attributes if it has such
     * @throws RefusedReading if none of its values is plausible
     */
    public Reading check(Reading reading) throws RefusedReading {
        PlausibleRange[] limits = limits(reading.metrics());
        BitSet wrong = null;
        for (int i = 0; i < limits.length; i++) {
            if (!limits[i].contains(reading.values()[i])) {
                wrong = wrong == null ? new BitSet(limits.length) : wrong;
                wrong.set(i);
            }
        }
        if (wrong == null) {
            return reading;
        }
        if (wrong.cardinality() == limits.length) {
            throw new RefusedReading("implausible: %s must be %s, as declared for this metric; got %s"
                    .formatted(reading.metrics().get(0), limits[0].describe(), Reading.text(reading.values()[0])));
        }
        return reading.withImplausible(wrong);
    }

    private PlausibleRange[] limits(List<String> metrics) {
        PlausibleRange[] limits = known.get(metrics);
        if (limits == null) {
            limits = metrics.stream().map(metric -> ranges.getOrDefault(metric, PlausibleRange.ALL)).toArray(PlausibleRange[]::new);
            if (known.size() >= MOST_LISTS) {
                known.clear();
            }
            if (metrics.size() <= LONGEST_LIST) {
                known.put(metrics, limits);
            }
        }
        return limits;
    }
}
