package sensorpipeline.consumer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sensorpipeline.reading.Reading;

/** What new readings add to the totals of all sensors, in the shape of the table pending_total. Not thread-safe. */
final class HourTotals {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** About 500 bytes each; only readings of very many hours or metrics need as many. */
    private static final int MOST_ROWS = 20_000;

    private final Map<Hour, MetricFigures> hours = new HashMap<>();
    private int rows;
    /** Those of the last reading. */
    private Hour hour;
    private MetricFigures figures;

    /**
     * An hour of series that have the same list of metrics, as nearly all series of a tenant do.
     *
     * @param number of the hour, from 1970
     * @param metrics compared by identity, which is quick; two equal lists only make two rows of one
     */
    private record Hour(String tenant, long number, MetricPositions metrics) {
    }

    /** @param reading that is new; those of a series should be adjacent */
    void add(NumberedReading reading) {
        if (areTooMany()) {
            return;
        }
        NumberedSeries series = reading.series();
        MetricPositions metrics = series.metrics();
        long number = Reading.hourOf(reading.at());
        if (hour == null || hour.number != number || hour.metrics != metrics || !hour.tenant.equals(series.tenant())) {
            hour = new Hour(series.tenant(), number, metrics);
            figures = hours.computeIfAbsent(hour, key -> new MetricFigures(reading.content().count()));
        }
        rows += figures.add(reading.content(), reading.at(), reading.receivedAt());
    }

    /** @return whether they are so many that they are incomplete, and have to be added up in SQL */
    boolean areTooMany() {
        return rows > MOST_ROWS;
    }

    /** @return them as JSON for SQL; an empty list if they are too many */
    String toJson() {
        if (areTooMany()) {
            return "[]";
        }
        List<Row> list = new ArrayList<>(rows);
        hours.forEach((key, total) -> {
            for (int index = 0; index < total.metrics(); index++) {
                list.add(new Row(key.tenant, key.number, key.metrics.names().get(total.position(index)), (long) total.figure(index, MetricFigures.READINGS),
                        (long) total.figure(index, MetricFigures.EVENTS), total.figure(index, MetricFigures.TOTAL), total.figure(index, MetricFigures.LOWEST),
                        total.figure(index, MetricFigures.HIGHEST)));
            }
        });
        try {
            return JSON.writeValueAsString(list);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The components are named like the columns; the hour is numbered from 1970. */
    record Row(String tenant, long hour, String metric, long readings, long events, double scaled_total, double lowest, double highest) {
    }
}
