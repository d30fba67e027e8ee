package sensorpipeline.alerts;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The newest times of a sensor's readings, by metric: devices may send each metric in readings of its own, whose times differ. A clock that was set back makes all readings look old, but it
 * advances as fast as Kafka's, as {@link SensorClock} tells: after a minute of such readings, they are the newest. Of readings of one time and location, the first one with a metric counts, as in the
 * store. All times are in microseconds since 1970 UTC. Not thread-safe.
 */
final class NewestTimes {

    private static final long NONE = Long.MIN_VALUE;

    private final List<OfMetric> metrics = new ArrayList<>(2);
    /** Of all metrics. */
    private long newest = NONE;
    /** Stands for that of the newest reading. */
    private int location;
    /** While older readings come, and no others. */
    private SensorClock setBack;
    private boolean isFollowed;
    private int minute;

    /** The newest time of one metric. */
    static final class OfMetric {

        private final String metric;
        private long at = NONE;
        private boolean isRepeated;

        private OfMetric(String metric) {
            this.metric = metric;
        }

        /** @return whether a reading of the metric with a later time than this has come */
        boolean isAfter(long time) {
            return at > time;
        }

        /** @return whether the last reading with the metric has the time and the location of one before, so that its value is none, or no other one */
        boolean isRepeated() {
            return isRepeated;
        }
    }

    /** @return the newest time of a metric, which goes on being that */
    OfMetric of(String metric) {
        for (OfMetric known : metrics) {
            if (known.metric.equals(metric)) {
                return known;
            }
        }
        OfMetric added = new OfMetric(metric);
        metrics.add(added);
        return added;
    }

    /** @return whether anything is known; otherwise every reading is the newest */
    boolean isFollowed() {
        return isFollowed;
    }

    /** @param inMinute when Kafka received a reading, in minutes since 1970 */
    void follow(int inMinute) {
        isFollowed = true;
        minute = inMinute;
    }

    /** @return when Kafka received the last reading, in minutes since 1970 */
    int minute() {
        return minute;
    }

    /** Every reading is the newest. */
    void stopFollowing() {
        isFollowed = false;
        forget();
    }

    /** What was known is not true any more: the next reading is the newest. */
    void forget() {
        newest = NONE;
        setBack = null;
        metrics.forEach(metric -> metric.at = NONE);
    }

    /**
     * Takes a reading.
     *
     * @param read metrics of the reading
     * @param from location of the reading, or null
     * @param received when Kafka received it
     * @param at its time
     * @return whether a newer one of one of these metrics came before
     */
    boolean advance(OfMetric[] read, String from, long received, long at) {
        int readLocation = from == null ? 0 : from.hashCode();
        boolean isOld = at < newest && isOld(read, at);
        setBack = isOld ? SensorClock.after(setBack, received, at) : null;
        if (isOld && setBack.isSlow()) {
            forget();
            isOld = false;
        }
        newest = Math.max(newest, at);
        for (OfMetric metric : read) {
            metric.isRepeated = metric.at == at && readLocation == location;
            metric.at = Math.max(metric.at, at);
        }
        location = isOld ? location : readLocation;
        return isOld;
    }

    private static boolean isOld(OfMetric[] read, long at) {
        for (OfMetric metric : read) {
            if (metric.isAfter(at)) {
                return true;
            }
        }
        return false;
    }

    /** @return these, after what another partition knows of the sensor was added */
    NewestTimes with(NewestTimes other) {
        location = other.newest > newest ? other.location : location;
        newest = Math.max(newest, other.newest);
        other.metrics.forEach(metric -> of(metric.metric).at = Math.max(of(metric.metric).at, metric.at));
        return this;
    }

    /** @param numbers of the names of metrics */
    void write(DataOutput data, ToIntFunction<String> numbers) throws IOException {
        data.writeInt(minute);
        data.writeInt(location);
        data.writeBoolean(setBack != null);
        if (setBack != null) {
            data.writeLong(setBack.received());
            data.writeLong(setBack.at());
        }
        data.writeInt((int) metrics.stream().filter(metric -> metric.at != NONE).count());
        for (OfMetric metric : metrics) {
            if (metric.at != NONE) {
                data.writeInt(numbers.applyAsInt(metric.metric));
                data.writeLong(metric.at);
            }
        }
    }

    /**
     * @param names of metrics, by their numbers
     * @param hasLocation whether the location was written, too
     */
    static NewestTimes read(DataInput data, List<String> names, boolean hasLocation) throws IOException {
        NewestTimes times = new NewestTimes();
        times.follow(data.readInt());
        times.location = hasLocation ? data.readInt() : 0;
        if (data.readBoolean()) {
            times.setBack = new SensorClock(data.readLong(), data.readLong(), false);
        }
        for (int count = data.readInt(); count > 0; count--) {
            OfMetric metric = times.of(names.get(data.readInt()));
            metric.at = data.readLong();
            times.newest = Math.max(times.newest, metric.at);
        }
        return times;
    }
}
