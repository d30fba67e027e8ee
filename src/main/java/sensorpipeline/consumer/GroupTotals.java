package sensorpipeline.consumer;

import java.nio.DoubleBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sensorpipeline.reading.Reading;

/**
 * What new readings add to the totals of groups of series, in the shape of the SQL type hour_total. Those of the last days are added up by minute, which the database
 * keeps as well as those by hour; those before by hour. Not thread-safe.
 */
final class GroupTotals {

    /** About 500 bytes each; only readings of very many hours, metrics and locations need as many. */
    private static final int MOST_ROWS = 20_000;
    /** Each costs about as much as two readings. */
    private static final int MOST_ROWS_BY_MINUTE = 10_000;
    private static final long MICROSECONDS_A_MINUTE = 60_000_000;
    /** Not shorter than minutes_kept() in the schema. */
    private static final Duration MINUTES_KEPT = Duration.ofDays(2);
    /** Older readings are of devices that catch up. */
    private static final Duration RECENT = Duration.ofMinutes(10);

    private final Map<Span, MetricFigures> spans = new HashMap<>();
    private final int mostRows;
    /** In microseconds since 1970: readings from then on are added up by minute. */
    private final long minutesFrom;
    private int rows;
    /** Those of the last reading. */
    private Span span;
    private MetricFigures figures;

    /** Creates totals of no readings. */
    GroupTotals() {
        this(MOST_ROWS_BY_MINUTE, startOf(MINUTES_KEPT));
    }

    private static long startOf(Duration past) {
        return 1000 * (System.currentTimeMillis() - past.toMillis());
    }

    private GroupTotals(int mostRows, long minutesFrom) {
        this.mostRows = mostRows;
        this.minutesFrom = minutesFrom;
    }

    /**
     * A minute or an hour of series of a group that have the same list of metrics, as nearly all series of a tenant do.
     *
     * @param group of the series
     * @param start in minutes since 1970
     * @param metrics compared by identity, which is quick; two equal lists only make two rows of one
     */
    private record Span(int group, long start, MetricPositions metrics) {
    }

    /** @param reading that is new; those of a series should be adjacent */
    void add(NumberedReading reading) {
        if (areTooMany()) {
            return;
        }
        NumberedSeries series = reading.series();
        MetricPositions metrics = series.metrics();
        long start = reading.at() >= minutesFrom ? Math.floorDiv(reading.at(), MICROSECONDS_A_MINUTE) : 60 * Reading.hourOf(reading.at());
        if (span == null || span.start != start || span.metrics != metrics || span.group != series.group()) {
            span = new Span(series.group(), start, metrics);
            figures = spans.computeIfAbsent(span, key -> new MetricFigures(reading.content().count()));
        }
        rows += figures.add(reading.content(), reading.at(), reading.receivedAt());
    }

    /**
     * @param readings that were added
     * @return these, or if they are too many, those by minute of recent readings only, or of none
     */
    GroupTotals orFewer(List<NumberedReading> readings) {
        return orElse(new GroupTotals(MOST_ROWS_BY_MINUTE, startOf(RECENT)), readings).orElse(new GroupTotals(MOST_ROWS, Long.MAX_VALUE), readings);
    }

    private GroupTotals orElse(GroupTotals others, List<NumberedReading> readings) {
        if (areTooMany()) {
            readings.forEach(others::add);
            return others;
        }
        return this;
    }

    /** @return whether they are so many that they are incomplete, and have to be added up in SQL */
    boolean areTooMany() {
        return rows > mostRows;
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
        forEach((key, total, index) -> numbers.put(key.group).put(Math.floorDiv(key.start, 60)).put(total.figure(index, MetricFigures.READINGS)).put(total.figure(index, MetricFigures.EVENTS))
                .put(total.figure(index, MetricFigures.FIRST_AT)).put(total.figure(index, MetricFigures.LAST_AT)).put(total.figure(index, MetricFigures.TOTAL))
                .put(total.figure(index, MetricFigures.LOWEST)).put(total.figure(index, MetricFigures.HIGHEST)).put(total.figure(index, MetricFigures.LAST_RECEIVED_AT)));
        return numbers.array();
    }

    private void forEach(Visitor visitor) {
        if (areTooMany()) {
            return;
        }
        spans.forEach((key, total) -> {
            for (int index = 0; index < total.metrics(); index++) {
                visitor.visit(key, total, index);
            }
        });
    }

    private interface Visitor {

        void visit(Span span, MetricFigures total, int index);
    }
}
