package sensorpipeline.reading;

import java.util.List;

/**
 * Cache of the lists of metrics that recent readings had, so that readings with the same metrics share one list, whose names are
 * checked once. Two lists can displace each other, which only costs a new list. Thread-safe: the lists are immutable, and a lost update does no harm.
 */
final class KnownMetrics {

    private static final int PLACES = 4096;
    /** Longer lists are rare, and would take much memory. */
    private static final int LONGEST = 100;

    private final List<?>[] lists = new List<?>[PLACES];

    /**
     * @param names in ascending order, in the first {@code count} elements
     * @return the list of these names, or null if it is unknown
     */
    @SuppressWarnings("unchecked")
    List<String> find(String[] names, int count) {
        List<String> known = (List<String>) lists[place(names, count)];
        if (known == null || known.size() != count) {
            return null;
        }
        for (int i = 0; i < count; i++) {
            if (!known.get(i).equals(names[i])) {
                return null;
            }
        }
        return known;
    }

    /** @param metrics an immutable list, whose names are valid */
    void add(List<String> metrics) {
        if (metrics.size() <= LONGEST) {
            lists[place(metrics.toArray(String[]::new), metrics.size())] = metrics;
        }
    }

    private static int place(String[] names, int count) {
        int hash = 0;
        for (int i = 0; i < count; i++) {
            hash = hash * 31 + names[i].hashCode();
        }
        return (hash ^ hash >>> 16) & PLACES - 1;
    }
}
