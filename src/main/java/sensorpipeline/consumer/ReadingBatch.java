package sensorpipeline.consumer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import sensorpipeline.kafka.DeadLetter;
import sensorpipeline.kafka.DeadLetters;
import sensorpipeline.reading.Reading;

/**
 * The sorted result of a Kafka poll: the readings, each with its record and, once {@link SeriesNumbers} has
 * numbered the batch, its series; and the dead letters. Not thread-safe. The route's steps use its getters.
 */
public final class ReadingBatch {

    private final List<ConsumerRecord<byte[], byte[]>> records;
    private final List<Reading> readings;
    private NumberedSeries[] series;
    private Content[] contents;
    private long generation;
    private final DeadLetters letters;
    /** Of each record at most one, however often parts of the batch are tried. */
    private final Map<ConsumerRecord<byte[], byte[]>, DeadLetter> refused;

    /**
     * @param size number of records, of which some may be no readings
     * @param letters create the dead letters of those
     */
    ReadingBatch(int size, DeadLetters letters) {
        this(new ArrayList<>(size), new ArrayList<>(size), letters, new LinkedHashMap<>());
    }

    private ReadingBatch(List<ConsumerRecord<byte[], byte[]>> records, List<Reading> readings, DeadLetters letters,
            Map<ConsumerRecord<byte[], byte[]>, DeadLetter> refused) {
        this.records = records;
        this.readings = readings;
        this.letters = letters;
        this.refused = refused;
    }

    /** Adds a reading, before any is numbered. */
    void add(ConsumerRecord<byte[], byte[]> record, Reading reading) {
        records.add(record);
        readings.add(reading);
    }

    /** @return the number of readings */
    public int getSize() {
        return readings.size();
    }

    /** @return the readings, in the order of their records */
    public List<Reading> getReadings() {
        return readings;
    }

    /** @return the record of each reading */
    List<ConsumerRecord<byte[], byte[]>> records() {
        return records;
    }

    /** @return its dead letters, which the parts of a batch share */
    public List<DeadLetter> getDeadLetters() {
        return List.copyOf(refused.values());
    }

    /** Turns a record into a dead letter. */
    void refuse(ConsumerRecord<byte[], byte[]> record, String reason) {
        refused.computeIfAbsent(record, given -> letters.of(given, reason));
    }

    /** Takes back the refusals of its readings. */
    void accept() {
        refused.keySet().removeAll(records);
    }

    /** @return the first and the second half of the readings, as separate batches */
    public List<ReadingBatch> getHalves() {
        int middle = readings.size() / 2;
        return List.of(part(0, middle), part(middle, readings.size()));
    }

    private ReadingBatch part(int from, int to) {
        return new ReadingBatch(records.subList(from, to), readings.subList(from, to), letters, refused);
    }

    /** @return a batch of this reading, as if the first record had been it; its dead letters are its own */
    ReadingBatch with(Reading reading) {
        return new ReadingBatch(records.subList(0, 1), List.of(reading), letters, new LinkedHashMap<>());
    }

    /** @param ofSeries generation of the series that readings get from now on; those numbered before are not any more */
    void beginNumbering(long ofSeries) {
        generation = ofSeries;
        series = new NumberedSeries[readings.size()];
        contents = new Content[readings.size()];
    }

    /** @return the generation of its series in the database, see hold_series() */
    long generation() {
        return generation;
    }

    /**
     * Numbers a reading.
     *
     * @param index of the reading
     * @param numbered its series
     * @param content of its record
     */
    void number(int index, NumberedSeries numbered, Content content) {
        series[index] = numbered;
        contents[index] = content;
    }

    boolean isNumbered(int index) {
        return series[index] != null;
    }

    /**
     * The readings that are certainly new if this program alone stores their series, because none is as new;
     * and the others, which may be duplicate or late.
     *
     * @param newer later than all previous readings of their series
     * @param older all others
     */
    public record Parts(NumberedBatch newer, NumberedBatch older) {
    }

    /** @return its numbered readings in two parts, series by series: in key order, the pages of the table's index are cached far more often */
    public Parts split() {
        List<NumberedReading> newer = new ArrayList<>(readings.size());
        List<NumberedReading> older = new ArrayList<>();
        NumberedSeries current = null;
        // The last reading of the series, and, once one is not later than that, all of them by time.
        NumberedReading last = null;
        Map<Long, NumberedReading> byTime = null;
        for (int i : bySeries()) {
            long at = readings.get(i).at();
            if (current == null || series[i].number() != current.number()) {
                current = series[i];
                last = null;
                byTime = null;
            }
            if (last != null && at <= last.at() && byTime == null) {
                byTime = byTime(newer, older, current);
            }
            NumberedReading known = byTime == null ? null : byTime.get(at);
            if (known != null) {
                known.add(new NumberedReading.Part(records.get(i), contents[i]));
                continue;
            }
            last = new NumberedReading(current, at, records.get(i), contents[i]);
            (current.advance(at) ? newer : older).add(last);
            if (byTime != null) {
                byTime.put(at, last);
            }
        }
        return new Parts(new NumberedBatch(this, newer), new NumberedBatch(this, older));
    }

    /** @return all its numbered readings */
    public NumberedBatch getNumbered() {
        Parts parts = split();
        return new NumberedBatch(this, Stream.concat(parts.newer.readings().stream(), parts.older.readings().stream()).toList());
    }

    private static Map<Long, NumberedReading> byTime(List<NumberedReading> newer, List<NumberedReading> older, NumberedSeries series) {
        Map<Long, NumberedReading> byTime = new HashMap<>();
        for (List<NumberedReading> part : List.of(newer, older)) {
            for (int i = part.size() - 1; i >= 0 && part.get(i).series().number() == series.number(); i--) {
                byTime.put(part.get(i).at(), part.get(i));
            }
        }
        return byTime;
    }

    /** @return the indexes of the numbered readings, series by series, otherwise in the order of their records */
    private int[] bySeries() {
        long[] keys = new long[readings.size()];
        int count = 0;
        for (int i = 0; i < keys.length; i++) {
            if (isNumbered(i)) {
                keys[count++] = (long) series[i].number() << 32 | i;
            }
        }
        Arrays.sort(keys, 0, count);
        return Arrays.stream(keys, 0, count).mapToInt(key -> (int) key).toArray();
    }

    /** @return the hours of its readings, as whole hours since 1970 */
    public Long[] getHours() {
        Set<Long> hours = new LinkedHashSet<>();
        long last = Long.MIN_VALUE;
        for (Reading reading : readings) {
            long hour = Reading.hourOf(reading.at());
            if (hour != last) {
                last = hour;
                hours.add(last);
            }
        }
        return hours.toArray(Long[]::new);
    }
}
