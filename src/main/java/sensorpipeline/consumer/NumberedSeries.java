package sensorpipeline.consumer;

/**
 * A series in the database: its tenant, its number, its group, its metrics, and the time of the newest reading that is stored or about to be.
 * The time is a cheap hint that separates new readings from duplicate and late ones; the table's key
 * decides. Several consumers may use it concurrently; an update that is lost only costs the slower path.
 */
final class NumberedSeries {

    private final String tenant;
    private final int number;
    private final int group;
    private volatile MetricPositions metrics;
    private long newest;

    /**
     * @param tenant that the series belongs to
     * @param number of the series in the database
     * @param group that its readings are added up with
     * @param metrics as far as they are known; their list only grows
     * @param newest time of its newest reading in microseconds since 1970, or {@link Long#MIN_VALUE} if it has none
     */
    NumberedSeries(String tenant, int number, int group, MetricPositions metrics, long newest) {
        this.tenant = tenant;
        this.number = number;
        this.group = group;
        this.metrics = metrics;
        this.newest = newest;
    }

    String tenant() {
        return tenant;
    }

    int number() {
        return number;
    }

    int group() {
        return group;
    }

    MetricPositions metrics() {
        return metrics;
    }

    /** @param known its metrics, perhaps more than before */
    synchronized void learn(MetricPositions known) {
        if (known.names().size() > metrics.names().size()) {
            metrics = known;
        }
    }

    /** @return true if this time, in microseconds since 1970, is newer than all readings of the series; it then becomes the newest */
    boolean advance(long at) {
        if (at <= newest) {
            return false;
        }
        newest = at;
        return true;
    }
}
