package sensorpipeline.consumer;

import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sensorpipeline.reading.Reading;

/** What new readings add to the totals of groups of series, in the shape of the SQL type hour_total. Not thread-safe. */
final class HourTotals {

    /** About 500 bytes each; only readings of very many hours, metrics and locations need as many. */
    private static final int MOST_ROWS = 20_000;

    private final Map<Hour, MetricFigures> hours = new HashMap<>();
    private int rows;
    /** Those of the last reading. */
    private Hour hour;
    private MetricFigures figures;

    /**
     * An hour of series of a group that have the same list of metrics, as nearly all series of a tenant do.
     *
     * @param group of the series
     * @param number of the hour, from 1970
     * @param metrics compared by identity, which is quick; two equal lists only make two rows of one
     */
    private record Hour(int group, long number, MetricPositions metrics) {
    }

    /** @param reading that is new; those of a series should be adjacent */
    void add(NumberedReading reading) {
        if (areTooMany()) {
            return;
        }
        NumberedSeries series = reading.series();
        MetricPositions metrics = series.metrics();
        long number = Reading.hourOf(reading.at());
        if (hour == null || hour.number != number || hour.metrics != metrics || hour.group != series.group()) {
            hour = new Hour(series.group(), number, metrics);
            figures = hours.computeIfAbsent(hour, key -> new MetricFigures(reading.content().count()));
        }
        rows += figures.add(reading.content(), reading.at(), reading.receivedAt());
    }

    /** @return whether they are so many that they are incomplete, and have to be added up in SQL */
    boolean areTooMany() {
        return rows > MOST_ROWS;
    }

    /** @return the metric of each total; none if they are too many */
    String[] metrics() {
        List<String> list = new ArrayList<>(rows);
        forEach((key, total, index) -> list.add(key.metrics.names().get(total.position(index))));
        return list.toArray(String[]::new);
    }

    /** @return ten numbers for each total, in the order that the SQL function totals_of() describes: as an array of numbers is the cheapest to pass */
    double[] figures() {
        DoubleBuffer numbers = DoubleBuffer.allocate(areTooMany() ? 0 : 10 * rows);
        forEach((key, total, index) -> numbers.put(key.group).put(key.number).put(total.figure(index, MetricFigures.READINGS)).put(total.figure(index, MetricFigures.EVENTS))
                .put(total.figure(index, MetricFigures.FIRST_AT)).put(total.figure(index, MetricFigures.LAST_AT)).put(total.figure(index, MetricFigures.TOTAL))
                .put(total.figure(index, MetricFigures.LOWEST)).put(total.figure(index, MetricFigures.HIGHEST)).put(total.figure(index, MetricFigures.LAST_RECEIVED_AT)));
        return numbers.array();
    }

    private void forEach(Visitor visitor) {
        if (areTooMany()) {
            return;
        }
        hours.forEach((key, total) -> {
            for (int index = 0; index < total.metrics(); index++) {
                visitor.visit(key, total, index);
            }
        });
    }

    private interface Visitor {

        void visit(Hour hour, MetricFigures total, int index);
    }
}
