package sensorpipeline.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import sensorpipeline.reading.Reading;

/**
 * What a poll of Kafka brought, sorted: the readings, each with its record, and the dead letters. Used by one thread.
 * Its getters are what the route's steps take from it.
 */
public final class ReadingBatch {

    private static final long MICROS_AN_HOUR = 3_600_000_000L;

    private final List<Exchange> records;
    private final List<Reading> readings;
    private final List<Message> deadLetters;

    /**
     * @param records the records that are readings
     * @param readings their readings, in the same order
     * @param deadLetters messages for the topic of dead letters, one for each other record
     */
    ReadingBatch(List<Exchange> records, List<Reading> readings, List<Message> deadLetters) {
        this.records = records;
        this.readings = readings;
        this.deadLetters = deadLetters;
    }

    /** @return how many readings it has */
    public int getSize() {
        return readings.size();
    }

    /** @return the readings, in the order of their records */
    public List<Reading> getReadings() {
        return readings;
    }

    /** @return the record that each reading came in */
    List<Exchange> records() {
        return records;
    }

    /** @return messages for the topic of dead letters */
    public List<Message> getDeadLetters() {
        return deadLetters;
    }

    /** @return the first and the second half of the readings, as batches of their own */
    public List<ReadingBatch> getHalves() {
        int middle = readings.size() / 2;
        return List.of(part(0, middle), part(middle, readings.size()));
    }

    private ReadingBatch part(int from, int to) {
        return new ReadingBatch(records.subList(from, to), readings.subList(from, to), List.of());
    }

    /** @return the hours that its readings fall into, as whole hours since 1970 */
    public Long[] getHours() {
        return readings.stream().map(reading -> Math.floorDiv(reading.at(), MICROS_AN_HOUR)).distinct().toArray(Long[]::new);
    }

    /**
     * @param series to number the readings' series; all of them are known to it
     * @return the parameters of insert-readings.sql, an array a column
     */
    Map<String, Object> columns(SeriesNumbers series) {
        int size = readings.size();
        Integer[] seriesIds = new Integer[size];
        Long[] at = new Long[size];
        Long[] receivedAt = new Long[size];
        String[] values = new String[size];
        String[] attributes = new String[size];
        for (int i = 0; i < size; i++) {
            Reading reading = readings.get(i);
            seriesIds[i] = series.numberOf(reading.series());
            at[i] = reading.at();
            receivedAt[i] = records.get(i).getMessage().getHeader(KafkaConstants.TIMESTAMP, Long.class);
            values[i] = arrayLiteral(reading.values());
            attributes[i] = reading.attributes();
        }
        Map<String, Object> columns = new HashMap<>();
        columns.put("series_ids", seriesIds);
        columns.put("at", at);
        columns.put("received_at", receivedAt);
        columns.put("values", values);
        columns.put("attributes", attributes);
        columns.put("offsets", offsets());
        columns.put("records", size);
        return columns;
    }

    private static String arrayLiteral(double[] values) {
        StringBuilder literal = new StringBuilder(values.length * 8).append('{');
        for (int i = 0; i < values.length; i++) {
            literal.append(i == 0 ? "" : ",").append(values[i]);
        }
        return literal.append('}').toString();
    }

    /** @return first and last offset by topic and partition, as JSON; topic names need no escapes */
    private String offsets() {
        Map<String, long[]> ranges = new HashMap<>();
        for (Exchange record : records) {
            Message message = record.getMessage();
            String partition = message.getHeader(KafkaConstants.TOPIC) + "/" + message.getHeader(KafkaConstants.PARTITION);
            long offset = message.getHeader(KafkaConstants.OFFSET, Long.class);
            ranges.merge(partition, new long[] {offset, offset},
                    (range, one) -> new long[] {Math.min(range[0], one[0]), Math.max(range[1], one[1])});
        }
        StringJoiner json = new StringJoiner(",", "{", "}");
        ranges.forEach((partition, range) -> json.add("\"" + partition + "\":[" + range[0] + "," + range[1] + "]"));
        return json.toString();
    }
}
