package sensorpipeline.consumer;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.RefusedReading;

/** Which values of their metrics tenants declared plausible. Thread-safe. */
public final class PlausibleRanges {

    private volatile Map<String, OfTenant> ofTenants = Map.of();

    /** @param rows of select-plausible-ranges.sql; they replace the previous ones */
    public void remember(List<Map<String, Object>> rows) {
        Map<String, Map<String, Range>> read = new HashMap<>();
        for (Map<String, Object> row : rows) {
            read.computeIfAbsent((String) row.get("tenant"), tenant -> new HashMap<>())
                    .put((String) row.get("metric"), new Range((Double) row.get("min_plausible"), (Double) row.get("max_plausible")));
        }
        Map<String, OfTenant> now = new HashMap<>();
        read.forEach((tenant, ranges) -> {
            OfTenant before = ofTenants.get(tenant);
            now.put(tenant, before != null && before.ranges.equals(ranges) ? before : new OfTenant(Map.copyOf(ranges)));
        });
        ofTenants = Map.copyOf(now);
    }

    /** @return the ranges of a tenant, or null if it declared none */
    OfTenant of(String tenant) {
        return ofTenants.get(tenant);
    }

    /** Both ends are plausible; infinite where only the other was declared. */
    private record Range(double least, double most) {

        private static final Range ALL = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

        boolean contains(double value) {
            return value >= least && value <= most;
        }

        String describe() {
            return least == ALL.least ? "at most " + Reading.text(most) : most == ALL.most ? "at least " + Reading.text(least)
                    : "between " + Reading.text(least) + " and " + Reading.text(most);
        }
    }

    /** The ranges of one tenant. Thread-safe. */
    static final class OfTenant {

        /** Above this, the lists of metrics are those of a device that makes up names. */
        private static final int MOST_LISTS = 10_000;
        /** Longer lists are rare, and would take much memory. */
        private static final int LONGEST_LIST = 100;

        private final Map<String, Range> ranges;
        /** A range for each metric of a list. */
        private final Map<List<String>, Range[]> known = new ConcurrentHashMap<>();

        private OfTenant(Map<String, Range> ranges) {
            this.ranges = ranges;
        }

        /**
         * @return the reading; one in which values that are not plausible are attributes if it has such
         * @throws RefusedReading if none of its values is plausible
         */
        Reading check(Reading reading) throws RefusedReading {
            Range[] limits = limits(reading.metrics());
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

        private Range[] limits(List<String> metrics) {
            Range[] limits = known.get(metrics);
            if (limits == null) {
                limits = metrics.stream().map(metric -> ranges.getOrDefault(metric, Range.ALL)).toArray(Range[]::new);
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
}
