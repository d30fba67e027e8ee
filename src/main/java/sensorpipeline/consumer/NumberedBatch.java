package sensorpipeline.consumer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Readings to be stored together, series by series; no two have the same series and time. Not thread-safe. The route's steps use its getters. */
public final class NumberedBatch {

    /** Of a statement: 4 MB. Only hostile or very wide readings have as many. */
    private static final int MOST_VALUES = 500_000;

    private final ReadingBatch origin;
    private final List<NumberedReading> readings;

    /** @param origin the batch that the records came in, which keeps its dead letters */
    NumberedBatch(ReadingBatch origin, List<NumberedReading> readings) {
        this.origin = origin;
        this.readings = readings;
    }

    ReadingBatch origin() {
        return origin;
    }

    List<NumberedReading> readings() {
        return readings;
    }

    /** @return the number of readings */
    public int getSize() {
        return readings.size();
    }

    /** @return the number of records that the readings were made from */
    int records() {
        int records = 0;
        for (NumberedReading reading : readings) {
            records += reading.hasSeveralRecords() ? reading.parts().size() : 1;
        }
        return records;
    }

    /** @return the first readings, as many as fit in one statement */
    public NumberedBatch getHead() {
        long values = 0;
        int count = 0;
        while (count < readings.size() && (count == 0 || values + readings.get(count).content().width() <= MOST_VALUES)) {
            values += readings.get(count++).content().width();
        }
        return count == readings.size() ? this : new NumberedBatch(origin, readings.subList(0, count));
    }

    /** @return the parameters of merge-readings.sql, one array per column; the values of all readings are in one array, with NaN for those that a reading does not have */
    public Map<String, Object> getColumns() {
        int size = readings.size();
        int[] seriesIds = new int[size];
        long[] at = new long[size];
        long[] receivedAt = new long[size];
        int[] valuesEnd = new int[size];
        String[] attributes = new String[size];
        double[] values = new double[readings.stream().mapToInt(reading -> reading.content().width()).sum()];
        Arrays.fill(values, Double.NaN);
        GroupTotals added = new GroupTotals();
        int end = 0;
        for (int i = 0; i < size; i++) {
            NumberedReading reading = readings.get(i);
            Content content = reading.content();
            seriesIds[i] = reading.series().number();
            at[i] = reading.at();
            receivedAt[i] = reading.receivedAt();
            for (int value = 0; value < content.count(); value++) {
                values[end + content.position(value)] = content.value(value);
            }
            end += content.width();
            valuesEnd[i] = end;
            attributes[i] = content.attributes();
            added.add(reading);
        }
        GroupTotals totals = added.orFewer(readings);
        Map<String, Object> columns = new HashMap<>();
        columns.put("series_ids", seriesIds);
        columns.put("at", at);
        columns.put("received_at", receivedAt);
        columns.put("values", values);
        columns.put("values_end", valuesEnd);
        columns.put("attributes", attributes);
        columns.put("total_metrics", totals.metrics());
        columns.put("total_figures", totals.figures());
        columns.put("offsets", offsets());
        columns.put("records", records());
        columns.put("generation", origin.generation());
        return columns;
    }

    /** @return those of its readings that have text where a number usually is, or a value that is not plausible */
    NumberedBatch withUnusualAttributes() {
        return new NumberedBatch(origin, readings.stream().filter(reading -> reading.content().textsForNumbers() + reading.content().implausible() > 0).toList());
    }

    /** @return the time of its earliest reading, in microseconds since 1970 */
    long firstAt() {
        return readings.stream().mapToLong(NumberedReading::at).min().orElseThrow();
    }

    /** @return the time of its latest reading, in microseconds since 1970 */
    long lastAt() {
        return readings.stream().mapToLong(NumberedReading::at).max().orElseThrow();
    }

    /** @return first and last offset by topic and partition, as JSON; topic names need no escapes */
    String offsets() {
        Map<String, long[]> ranges = new HashMap<>();
        String topic = null;
        int partition = -1;
        long[] range = null;
        for (NumberedReading reading : readings) {
            for (NumberedReading.Part part : reading.parts()) {
                ConsumerRecord<byte[], byte[]> record = part.record();
                if (record.partition() != partition || !record.topic().equals(topic)) {
                    topic = record.topic();
                    partition = record.partition();
                    range = ranges.computeIfAbsent(topic + "/" + partition, name -> new long[] {record.offset(), record.offset()});
                }
                range[0] = Math.min(range[0], record.offset());
                range[1] = Math.max(range[1], record.offset());
            }
        }
        StringJoiner json = new StringJoiner(",", "{", "}");
        ranges.forEach((name, offsets) -> json.add("\"" + name + "\":[" + offsets[0] + "," + offsets[1] + "]"));
        return json.toString();
    }
}
