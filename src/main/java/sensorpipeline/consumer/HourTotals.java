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

    private final Map<Hour, Figures> hours = new HashMap<>();
    /** Those of the last reading. */
    private Hour hour;
    private Figures figures;

    /**
     * An hour of series that have the same list of metrics, as nearly all series of a tenant do.
     *
     * @param number of the hour, from 1970
     * @param metrics compared by identity, which is quick; two equal lists only make two rows of one
     */
    private record Hour(String tenant, long number, MetricPositions metrics) {
    }

    /** By position of the metric; those of one metric are adjacent, because this code is hot. */
    private static final class Figures {

        private static final int READINGS = 0;
        private static final int EVENTS = 1;
        private static final int TOTAL = 2;
        private static final int LOWEST = 3;
        private static final int HIGHEST = 4;
        private static final int FIGURES = 5;

        private final double[] figures;

        Figures(int metrics) {
            figures = new double[FIGURES * metrics];
        }

        void add(Content content) {
            for (int i = 0; i < content.count(); i++) {
                int metric = FIGURES * content.position(i);
                double value = content.value(i);
                boolean isFirst = figures[metric + READINGS]++ == 0;
                figures[metric + EVENTS] += i == 0 ? 1 : 0;
                figures[metric + TOTAL] += HourRollups.scaled(value);
                figures[metric + LOWEST] = isFirst ? value : Math.min(figures[metric + LOWEST], value);
                figures[metric + HIGHEST] = isFirst ? value : Math.max(figures[metric + HIGHEST], value);
            }
        }

        int metrics() {
            return figures.length / FIGURES;
        }

        boolean has(int position) {
            return figures[FIGURES * position + READINGS] > 0;
        }

        Row row(Hour hour, int position) {
            int metric = FIGURES * position;
            return new Row(hour.tenant, hour.number, hour.metrics.names().get(position), (long) figures[metric + READINGS], (long) figures[metric + EVENTS],
                    figures[metric + TOTAL], figures[metric + LOWEST], figures[metric + HIGHEST]);
        }
    }

    /** @param reading that is new; those of a series should be adjacent */
    void add(NumberedReading reading) {
        NumberedSeries series = reading.series();
        MetricPositions metrics = series.metrics();
        long number = Reading.hourOf(reading.at());
        if (hour == null || hour.number != number || hour.metrics != metrics || !hour.tenant.equals(series.tenant())) {
            hour = new Hour(series.tenant(), number, metrics);
            figures = hours.computeIfAbsent(hour, key -> new Figures(key.metrics.names().size()));
        }
        figures.add(reading.content());
    }

    /** @return them as JSON for SQL */
    String toJson() {
        List<Row> rows = new ArrayList<>();
        hours.forEach((hour, figures) -> {
            for (int position = 0; position < figures.metrics(); position++) {
                if (figures.has(position)) {
                    rows.add(figures.row(hour, position));
                }
            }
        });
        try {
            return JSON.writeValueAsString(rows);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The components are named like the columns; the hour is numbered from 1970. */
    record Row(String tenant, long hour, String metric, long readings, long events, double scaled_total, double lowest, double highest) {
    }
}
