package sensorpipeline.consumer;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import sensorpipeline.database.SqlFault;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.Series;

/** The numbers and metrics of the series that this program has seen. Thread-safe. */
public final class SeriesNumbers {

    private static final ObjectMapper JSON = JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    /** About 300 bytes each, without their metrics. */
    private static final int MOST_REMEMBERED = 1_000_000;
    /** About 120 bytes each. */
    private static final int MOST_NAMES = 500_000;

    private final Limits limits;
    private volatile Known known = new Known(0);

    /** What was looked up while the database had one generation of series. */
    private static final class Known {

        private final long generation;
        private final Map<Series, NumberedSeries> numbers = new ConcurrentHashMap<>();
        /** By their JSON: most series have the metrics of many others. */
        private final Map<String, MetricPositions> lists = new ConcurrentHashMap<>();
        private final AtomicInteger names = new AtomicInteger();

        Known(long generation) {
            this.generation = generation;
        }

        boolean isFull() {
            return numbers.size() > MOST_REMEMBERED || names.get() > MOST_NAMES;
        }

        void remember(Series series, Map<String, Object> row) throws JsonProcessingException {
            MetricPositions metrics = positions((String) row.get("metrics"));
            Long newest = (Long) row.get("newest");
            NumberedSeries known = numbers.putIfAbsent(series, new NumberedSeries(series.tenant(), (Integer) row.get("series_id"), (Integer) row.get("group_id"),
                    metrics, newest == null ? Long.MIN_VALUE : newest));
            if (known != null) {
                known.learn(metrics);
            }
        }

        private MetricPositions positions(String json) throws JsonProcessingException {
            MetricPositions metrics = lists.get(json);
            if (metrics != null) {
                return metrics;
            }
            List<String> given = JSON.readValue(json, new TypeReference<>() { });
            metrics = new MetricPositions(given);
            MetricPositions other = lists.putIfAbsent(json, metrics);
            if (other != null) {
                return other;
            }
            names.addAndGet(given.size());
            return metrics;
        }
    }

    /** @param limits of tenants that have none of their own */
    SeriesNumbers(Limits limits) {
        this.limits = limits;
    }

    /**
     * Numbers the readings of a batch whose series and metrics are known.
     *
     * @return the other series, each once with the metrics that the batch needs, as rows of number-series.sql; their readings
     *     are not numbered until they are {@linkplain #remember remembered}
     */
    public List<Row> number(ReadingBatch batch) {
        return number(batch, known);
    }

    private static List<Row> number(ReadingBatch batch, Known known) {
        Map<Series, Set<String>> unknown = Map.of();
        batch.beginNumbering(known.generation);
        List<Reading> readings = batch.getReadings();
        for (int i = 0; i < readings.size(); i++) {
            Reading reading = readings.get(i);
            NumberedSeries numbered = known.numbers.get(reading.series());
            Content content = numbered == null ? null : numbered.metrics().place(reading);
            if (content == null) {
                unknown = unknown.isEmpty() ? new LinkedHashMap<>() : unknown;
                // In the order of their records: where the limit ends within a batch, those that came first are within it.
                Set<String> metrics = unknown.computeIfAbsent(reading.series(), series -> new LinkedHashSet<>());
                metrics.addAll(reading.metrics());
                metrics.addAll(reading.implausible());
            } else {
                batch.number(i, numbered, content);
            }
        }
        List<Row> rows = new ArrayList<>(unknown.size());
        unknown.forEach((series, metrics) -> rows.add(new Row(rows.size(), series, metrics)));
        return rows;
    }

    /** @return the parameters of number-series.sql */
    public Map<String, Object> parameters(List<Row> rows) throws JsonProcessingException {
        return Map.of("series", JSON.writeValueAsString(rows), "most_sensors", limits.sensors(), "most_metrics", limits.metrics());
    }

    /**
     * Remembers series that were unknown, and numbers the batch; readings beyond a limit become dead letters.
     *
     * @param batch whose series they are
     * @param asked result of {@link #number}
     * @param answered rows of number-series.sql; {@code position} is that in the list
     * @throws SQLException if other series of the batch have to be looked up again
     */
    public void remember(ReadingBatch batch, List<Row> asked, List<Map<String, Object>> answered) throws JsonProcessingException, SQLException {
        Known known = ofGeneration((Long) answered.get(0).get("generation"));
        Map<Series, String> exceeded = new HashMap<>();
        for (Map<String, Object> row : answered) {
            // The instance that its next readings will have, too: it is found without comparing names.
            Series series = asked.get((Integer) row.get("position")).series;
            if (row.get("exceeded") != null) {
                exceeded.put(series, (String) row.get("exceeded"));
            }
            if (row.get("series_id") != null) {
                known.remember(series, row);
            }
        }
        if (number(batch, known).isEmpty()) {
            return;
        }
        for (int i = 0; i < batch.getSize(); i++) {
            Series series = batch.getReadings().get(i).series();
            if (!batch.isNumbered(i)) {
                if (!exceeded.containsKey(series)) {
                    throw new SQLException("The series that this program knew are not those of the database any more", SqlFault.OUTDATED_STATE);
                }
                batch.refuse(batch.records().get(i), exceeded.get(series));
            }
        }
    }

    private Known ofGeneration(long generation) {
        Known now = known;
        if (now.generation != generation || now.isFull()) {
            now = new Known(generation);
            known = now;
        }
        return now;
    }

    /**
     * Drops all series, because the database has deleted some, or is another one.
     *
     * @param batch to be numbered again; which of its readings are refused is decided again as well
     */
    public void forget(ReadingBatch batch) {
        batch.accept();
        forget();
    }

    /** Drops all series: the database may be a restored one. */
    public void forget() {
        known = new Known(0);
    }

    /**
     * A series as JSON for SQL, with the members position, tenant, sensor_id, location, and metrics.
     *
     * @param position index in the list, from 0
     * @param series tenant, sensor, and location
     * @param metrics names that a batch needs
     */
    public record Row(int position, @JsonUnwrapped Series series, Collection<String> metrics) {
    }
}
