package sensorpipeline.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.apache.camel.support.LRUCacheFactory;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.Series;

/** The numbers of the series, as far as this program has met them. Safe for use by many threads. */
public final class SeriesNumbers {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** About 300 bytes each; far more than the readings of one batch, so that none of its series is forgotten meanwhile. */
    private static final int MOST_REMEMBERED = 1_000_000;

    private final Map<Series, Integer> numbers = LRUCacheFactory.newLRUCache(10_000, MOST_REMEMBERED);

    /** @return the series of the batch whose numbers are not known yet, each once, as rows of insert-series.sql */
    public List<Row> unknown(ReadingBatch batch) {
        LinkedHashSet<Series> unknown = new LinkedHashSet<>();
        for (Reading reading : batch.getReadings()) {
            if (!numbers.containsKey(reading.series())) {
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

    /** @return the parameters of insert-readings.sql for a batch all of whose series are remembered */
    public Map<String, Object> columns(ReadingBatch batch) {
        return batch.columns(this);
    }

    /**
     * @param asked what {@link #unknown} answered
     * @param answered rows of select-series.sql: {@code position} in that list, and {@code series_id}
     */
    public void remember(List<Row> asked, List<Map<String, Object>> answered) {
        for (Map<String, Object> row : answered) {
            Row series = asked.get((Integer) row.get("position"));
            numbers.put(new Series(series.tenant, series.sensor_id, series.location, series.metrics), (Integer) row.get("series_id"));
        }
    }

    /** @return the number of a series that is remembered */
    int numberOf(Series series) {
        Integer number = numbers.get(series);
        if (number == null) {
            throw new IllegalStateException("No number for " + series);
        }
        return number;
    }

    /**
     * A series as JSON for SQL; the components are named as the columns.
     *
     * @param position place in the list, from 0
     * @param tenant name of the tenant
     * @param sensor_id the sensor's own name
     * @param location where it stands, or null
     * @param metrics names in ascending order
     */
    public record Row(int position, String tenant, String sensor_id, String location, List<String> metrics) {
    }
}
