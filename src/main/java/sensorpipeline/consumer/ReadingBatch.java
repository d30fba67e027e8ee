package sensorpipeline.consumer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import sensorpipeline.kafka.DeadLetter;
import sensorpipeline.kafka.PolledRecords;
import sensorpipeline.reading.Reading;

/**
 * The sorted result of a Kafka poll: the readings, each with its record and, once {@link SeriesNumbers} has
 * numbered the batch, its series; and the dead letters. Not thread-safe. The route's steps use its getters.
 */
public final class ReadingBatch {

    private final List<ConsumerRecord<byte[], byte[]>> records;
    private final List<Reading> readings;
    private final List<NumberedSeries> series;
    private final List<DeadLetter> deadLetters;

    /**
     * @param records the records that are readings
     * @param readings their readings, in the same order
     * @param deadLetters one for each other record
     */
    ReadingBatch(List<ConsumerRecord<byte[], byte[]>> records, List<Reading> readings, List<DeadLetter> deadLetters) {
        this(records, readings, new ArrayList<>(readings.size()), deadLetters);
    }

    private ReadingBatch(List<ConsumerRecord<byte[], byte[]>> records, List<Reading> readings, List<NumberedSeries> series,
            List<DeadLetter> deadLetters) {
        this.records = records;
        this.readings = readings;
        this.series = series;
        this.deadLetters = deadLetters;
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

    /** @return the series of each reading; empty before the batch is numbered */
    List<NumberedSeries> series() {
        return series;
    }

    /** @return its dead letters, which the parts of a batch share */
    public List<DeadLetter> getDeadLetters() {
        return deadLetters;
    }

    /** @return the first and the second half of the readings, as separate batches */
    public List<ReadingBatch> getHalves() {
        int middle = readings.size() / 2;
        return List.of(part(0, middle), part(middle, readings.size()));
    }

    private ReadingBatch part(int from, int to) {
        return new ReadingBatch(records.subList(from, to), readings.subList(from, to), new ArrayList<>(to - from), deadLetters);
    }

    /**
     * The readings that are certainly new if this program alone stores their series, because none is as new;
     * and the others, which may be duplicate or late.
     *
     * @param newer later than all previous readings of their series
     * @param older all others
     */
    public record Parts(ReadingBatch newer, ReadingBatch older) {
    }

    /** @return its readings in two parts; both keep the order */
    public Parts split() {
        ReadingBatch newer = empty();
        ReadingBatch older = empty();
        for (int i = 0; i < readings.size(); i++) {
            ReadingBatch part = series.get(i).advance(readings.get(i).at()) ? newer : older;
            part.records.add(records.get(i));
            part.readings.add(readings.get(i));
            part.series.add(series.get(i));
        }
        return new Parts(newer, older);
    }

    private ReadingBatch empty() {
        return new ReadingBatch(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), deadLetters);
    }

    /** @return the hours of its readings, as whole hours since 1970 */
    public Long[] getHours() {
        Set<Long> hours = new LinkedHashSet<>();
        long last = Long.MIN_VALUE;
        for (Reading reading : readings) {
            if (reading.hour() != last) {
                last = reading.hour();
                hours.add(last);
            }
        }
        return hours.toArray(Long[]::new);
    }

    /** @return the parameters of merge-readings.sql, one array per column; the values of all readings are in one array */
    public Map<String, Object> getColumns() {
        int size = readings.size();
        int[] seriesIds = new int[size];
        long[] at = new long[size];
        long[] receivedAt = new long[size];
        int[] valuesEnd = new int[size];
        String[] attributes = new String[size];
        double[] values = new double[readings.stream().mapToInt(reading -> reading.values().length).sum()];
        int end = 0;
        for (int i = 0; i < size; i++) {
            Reading reading = readings.get(i);
            seriesIds[i] = series.get(i).number();
            at[i] = reading.at();
            receivedAt[i] = PolledRecords.receivedAt(records.get(i));
            System.arraycopy(reading.values(), 0, values, end, reading.values().length);
            end += reading.values().length;
            valuesEnd[i] = end;
            attributes[i] = reading.attributes();
        }
        Map<String, Object> columns = new HashMap<>();
        columns.put("series_ids", seriesIds);
        columns.put("at", at);
        columns.put("received_at", receivedAt);
        columns.put("values", values);
        columns.put("values_end", valuesEnd);
        columns.put("attributes", attributes);
        columns.put("offsets", offsets());
        columns.put("first_at", firstAt());
        columns.put("last_at", lastAt());
        return columns;
    }

    /** @return the time of its earliest reading, in microseconds since 1970 */
    long firstAt() {
        return readings.stream().mapToLong(Reading::at).min().orElseThrow();
    }

    /** @return the time of its latest reading, in microseconds since 1970 */
    long lastAt() {
        return readings.stream().mapToLong(Reading::at).max().orElseThrow();
    }

    /** @return first and last offset by topic and partition, as JSON; topic names need no escapes */
    String offsets() {
        Map<String, long[]> ranges = new HashMap<>();
        String topic = null;
        int partition = -1;
        long[] range = null;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (record.partition() != partition || !record.topic().equals(topic)) {
                topic = record.topic();
                partition = record.partition();
                range = ranges.computeIfAbsent(topic + "/" + partition, name -> new long[] {record.offset(), record.offset()});
            }
            range[0] = Math.min(range[0], record.offset());
            range[1] = Math.max(range[1], record.offset());
        }
        StringJoiner json = new StringJoiner(",", "{", "}");
        ranges.forEach((name, offsets) -> json.add("\"" + name + "\":[" + offsets[0] + "," + offsets[1] + "]"));
        return json.toString();
    }
}
