package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/** Totals are by minute where that costs little, and always complete. */
class GroupTotalsTest {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MINUTES);
    private static final int METRICS = 8;

    private final NumberedSeries series = new NumberedSeries("default", 1, 7, new MetricPositions(IntStream.range(0, METRICS).mapToObj(i -> "m" + i).toList()), Long.MIN_VALUE);

    private NumberedReading reading(Instant at) {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("readings", 0, 0, NOW.toEpochMilli(), TimestampType.LOG_APPEND_TIME, 0, 0, null, null, new RecordHeaders(), Optional.empty());
        return new NumberedReading(series, at.toEpochMilli() * 1000, record, new Content(IntStream.range(0, METRICS).toArray(), IntStream.range(0, METRICS).asDoubleStream().toArray(), null, 0, 0));
    }

    /** A reading every half a minute, up to now. */
    private List<NumberedReading> past(Duration duration) {
        List<NumberedReading> readings = new ArrayList<>();
        for (Instant at = NOW.minus(duration); at.isBefore(NOW); at = at.plusSeconds(30)) {
            readings.add(reading(at));
        }
        return readings;
    }

    private static GroupTotals totals(List<NumberedReading> readings) {
        GroupTotals totals = new GroupTotals();
        readings.forEach(totals::add);
        return totals.orFewer(readings);
    }

    /** @return of each total, how many readings it has and how many minutes it spans */
    private static List<String> spans(GroupTotals totals) {
        double[] figures = totals.figures();
        return IntStream.range(0, figures.length / 10).mapToObj(i -> Arrays.copyOfRange(figures, 10 * i, 10 * i + 10)).map(total -> (int) total[2] + " in " + (int) ((total[5] - total[4]) / 60_000_000)).distinct().sorted().toList();
    }

    private static void assertComplete(List<NumberedReading> readings, GroupTotals totals) {
        double[] figures = totals.figures();
        assertEquals(METRICS * readings.size(), IntStream.range(0, figures.length / 10).mapToDouble(i -> figures[10 * i + 2]).sum());
        assertEquals(readings.size(), IntStream.range(0, figures.length / 10).mapToDouble(i -> figures[10 * i + 3]).sum());
        for (int i = 0; i < figures.length; i += 10) {
            assertEquals(7, figures[i]);
            assertTrue(figures[i + 1] * 3.6e9 <= figures[i + 4] && figures[i + 5] < (figures[i + 1] + 1) * 3.6e9, "within its hour");
        }
    }

    @Test
    void lastHoursAreAddedUpByMinute() {
        List<NumberedReading> readings = past(Duration.ofHours(3));
        assertEquals(List.of("2 in 0"), spans(totals(readings)));
        assertComplete(readings, totals(readings));
    }

    @Test
    void readingsOfLongAgoAreAddedUpByHour() {
        List<NumberedReading> readings = IntStream.range(0, 60).mapToObj(i -> reading(Instant.parse("2020-01-01T10:00:00Z").plusSeconds(60 * i))).toList();
        assertEquals(List.of("60 in 59"), spans(totals(readings)));
        assertComplete(readings, totals(readings));
    }

    @Test
    void whereADeviceCatchesUpOnlyTheLastMinutesStayByMinute() {
        List<NumberedReading> readings = past(Duration.ofHours(30));
        GroupTotals totals = totals(readings);
        List<String> spans = spans(totals);
        assertTrue(spans.contains("2 in 0") && spans.contains("120 in 59"), spans.toString());
        assertFalse(totals.areTooMany());
        assertComplete(readings, totals);
    }
}
