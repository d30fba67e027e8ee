package sensorpipeline.consumer;

/**
 * A series that the database knows: its number, and the newest time that was stored for it or is about to be. The time is
 * a hint that tells new readings from repeated and late ones at almost no cost; the table's key decides. Several consumers
 * may use it at once; a time that one of them overlooks costs a detour, and no more.
 */
final class NumberedSeries {

    private final int number;
    private long newest;

    /**
     * @param number of the series in the database
     * @param newest time of its newest reading in microseconds since 1970, or {@link Long#MIN_VALUE} if it has none
     */
    NumberedSeries(int number, long newest) {
        this.number = number;
        this.newest = newest;
    }

    int number() {
        return number;
    }

    /** @return true if no reading of the series was as new as this time, in microseconds since 1970; then one is from now on */
    boolean advance(long at) {
        if (at <= newest) {
            return false;
        }
        newest = at;
        return true;
    }
}
