package sensorpipeline.consumer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.Series;

/** The numbers of the series that this program has seen. Thread-safe. */
public final class SeriesNumbers {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** About 300 bytes each. */
    private static final int MOST_REMEMBERED = 1_000_000;

    private final Map<Series, NumberedSeries> numbers = new ConcurrentHashMap<>();

    /**
     * Numbers the readings of a batch if all its series are known.
     *
     * @return the unknown series, each once, as rows of insert-series.sql; if there are any, the batch is not
     *     numbered until they are {@linkplain #remember remembered}
     */
    public List<Row> number(ReadingBatch batch) {
        batch.series().clear();
        Set<Series> unknown = Set.of();
        for (Reading reading : batch.getReadings()) {
            NumberedSeries numbered = numbers.get(reading.series());
            if (numbered != null) {
                batch.series().add(numbered);
            } else {
                unknown = unknown.isEmpty() ? new LinkedHashSet<>() : unknown;
                unknown.add(reading.series());
            }
        }
        List<Row> rows = new ArrayList<>(unknown.size());
        for (Series series : unknown) {
            rows.add(new Row(rows.size(), series.tenant(), series.sensorId(), series.location(), series.metrics()));
        }
        return rows;
    }

    /** @return the parameters of insert-series.sql and select-series.sql: the rows as JSON */
    public Map<String, Object> parameters(List<Row> rows) throws JsonProcessingException {
        return Map.of("series", JSON.writeValueAsString(rows));
    }

    /**
     * Remembers series that were unknown, and numbers the batch.
     *
     * @param batch whose series they are
     * @param asked result of {@link #number}
     * @param answered rows of select-series.sql: {@code position} in that list, {@code series_id}, and {@code newest}
     */
    public void remember(ReadingBatch batch, List<Row> asked, List<Map<String, Object>> answered) {
        if (numbers.size() > MOST_REMEMBERED) {
            numbers.clear();
        }
        for (Map<String, Object> row : answered) {
            Row series = asked.get((Integer) row.get("position"));
            Long newest = (Long) row.get("newest");
            numbers.putIfAbsent(new Series(series.tenant, series.sensor_id, series.location, series.metrics),
                    new NumberedSeries((Integer) row.get("series_id"), newest == null ? Long.MIN_VALUE : newest));
        }
        if (!number(batch).isEmpty()) {
            throw new IllegalStateException("PostgreSQL did not number all series of a batch");
        }
    }

    /** Drops all series: after an outage the database may be a restored one. */
    public void forget() {
        numbers.clear();
    }

    /**
     * A series as JSON for SQL; the components are named like the columns.
     *
     * @param position index in the list, from 0
     * @param tenant name of the tenant
     * @param sensor_id the sensor's id within the tenant
     * @param location of the sensor, or null
     * @param metrics names in ascending order
     */
    public record Row(int position, String tenant, String sensor_id, String location, List<String> metrics) {
    }
}
