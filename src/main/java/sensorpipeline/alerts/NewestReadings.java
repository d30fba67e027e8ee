package sensorpipeline.alerts;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * The newest readings of the sensors of a partition that rules are about: an older one that comes after them is not current. Sensors are followed until nothing has come of them for some
 * minutes, since older readings would then be late anyway. What is known depends on the records and on what was saved alone, so that who evaluates them again decides the same. Saved as
 * compressed bytes, as it changes with every reading. Not thread-safe.
 */
final class NewestReadings {

    private static final long MINUTE = TimeUnit.MINUTES.toMicros(1);
    /** A reading may be five minutes old, and a clock one minute fast; minutes are whole ones. */
    private static final int FOLLOWED_MINUTES = 7;
    /** Above this, all are forgotten: ids can be made up. */
    private static final int MOST_SENSORS = 100_000;
    private static final int BUFFER = 8192;
    /** What is saved begins with it. Earlier versions begin with the number of metrics, and have no locations. */
    private static final int WITH_LOCATIONS = -1;

    private final Map<String, NewestTimes> followed;
    /** The last one in which Kafka received a reading, since 1970. */
    private int minute;
    private boolean hasChanged;

    /** @param saved as {@link #take} returned it, or null */
    NewestReadings(byte[] saved) {
        followed = read(saved);
        minute = followed.values().stream().mapToInt(NewestTimes::minute).max().orElse(0);
    }

    /** @return what is known of a sensor, and goes on being that */
    NewestTimes of(String sensorId) {
        NewestTimes known = followed.get(sensorId);
        return known == null ? new NewestTimes() : known;
    }

    /**
     * Takes a reading of a sensor that rules are about.
     *
     * @param sensor that sent it
     * @param read its metrics that rules are about
     * @param location of the reading, or null
     * @param received when Kafka received it, in microseconds since 1970
     * @param at its time, in the same unit
     * @return whether a newer one of one of these metrics came before
     */
    boolean advance(WatchedSensor sensor, NewestTimes.OfMetric[] read, String location, long received, long at) {
        if (received / MINUTE > minute) {
            begin((int) (received / MINUTE));
        }
        follow(sensor);
        hasChanged = true;
        return sensor.newest().advance(read, location, received, at);
    }

    /** Adds what another partition knows of a sensor. */
    void add(WatchedSensor sensor, NewestTimes other) {
        if (other.minute() > minute) {
            begin(other.minute());
        }
        follow(sensor);
        hasChanged = true;
        sensor.newest().with(other);
    }

    private void begin(int nextMinute) {
        minute = nextMinute;
        for (Iterator<NewestTimes> each = followed.values().iterator(); each.hasNext();) {
            NewestTimes times = each.next();
            if (times.minute() <= minute - FOLLOWED_MINUTES) {
                times.stopFollowing();
                each.remove();
            }
        }
    }

    private void follow(WatchedSensor sensor) {
        NewestTimes times = sensor.newest();
        if (!times.isFollowed()) {
            if (followed.size() >= MOST_SENSORS) {
                followed.values().forEach(NewestTimes::stopFollowing);
                followed.clear();
            }
            followed.put(sensor.id(), times);
        }
        times.follow(minute);
    }

    /** Something was learned of the clock of a sensor, which may have changed what is known of its newest readings. */
    void change() {
        hasChanged = true;
    }

    /** A sensor has left for another partition. */
    void remove(String sensorId) {
        hasChanged |= followed.remove(sensorId) != null;
    }

    /** @return all that is known, to be saved; null if that has not changed since it was taken */
    byte[] take() {
        if (!hasChanged) {
            return null;
        }
        hasChanged = false;
        Map<String, Integer> numbers = new LinkedHashMap<>();
        ByteArrayOutputStream sensors = new ByteArrayOutputStream(followed.size() * 48);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(followed.size() * 48);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DataOutputStream data = new DataOutputStream(sensors); DataOutputStream all = new DataOutputStream(new DeflaterOutputStream(bytes, deflater, BUFFER))) {
            for (Map.Entry<String, NewestTimes> sensor : followed.entrySet()) {
                data.writeUTF(sensor.getKey());
                sensor.getValue().write(data, metric -> numbers.computeIfAbsent(metric, added -> numbers.size()));
            }
            all.writeInt(WITH_LOCATIONS);
            all.writeInt(numbers.size());
            for (String metric : numbers.keySet()) {
                all.writeUTF(metric);
            }
            all.writeInt(followed.size());
            sensors.writeTo(all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return bytes.toByteArray();
    }

    /** What was taken was not saved. */
    void giveBack() {
        hasChanged = true;
    }

    /**
     * @param saved as {@link #take} returned it, or null
     * @return by sensor
     */
    static Map<String, NewestTimes> read(byte[] saved) {
        Map<String, NewestTimes> sensors = new HashMap<>();
        if (saved == null) {
            return sensors;
        }
        try (DataInputStream data = new DataInputStream(new BufferedInputStream(new InflaterInputStream(new ByteArrayInputStream(saved))))) {
            int first = data.readInt();
            boolean haveLocations = first == WITH_LOCATIONS;
            List<String> metrics = new ArrayList<>();
            for (int count = haveLocations ? data.readInt() : first; count > 0; count--) {
                metrics.add(data.readUTF());
            }
            for (int count = data.readInt(); count > 0; count--) {
                sensors.put(data.readUTF(), NewestTimes.read(data, metrics, haveLocations));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sensors;
    }
}
