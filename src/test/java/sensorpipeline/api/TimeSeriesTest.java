package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.http.RequestError;

/** The intervals of a chart are those of the calendar. */
class TimeSeriesTest {

    private static List<Instant> bounds(String from, String until, String interval, String zone) {
        return TimeSeries.bounds(Instant.parse(from), Instant.parse(until), interval, ZoneId.of(zone));
    }

    private static List<Long> hours(List<Instant> bounds) {
        List<Long> hours = new java.util.ArrayList<>();
        for (int i = 1; i < bounds.size(); i++) {
            hours.add(Duration.between(bounds.get(i - 1), bounds.get(i)).toHours());
        }
        return hours;
    }

    @Test
    void daysHave23Or25HoursWhenTheClocksChange() {
        assertEquals(List.of(24L, 23L, 24L), hours(bounds("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", "1d", "Europe/Berlin")));
        assertEquals(List.of(24L, 25L, 24L), hours(bounds("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", "1d", "Europe/Berlin")));
        assertEquals(Instant.parse("2026-03-28T23:00:00Z"), bounds("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", "1d", "Europe/Berlin").get(1));
    }

    @Test
    void partsOfADayAreCountedFromItsMidnight() {
        assertEquals(List.of(6L, 6L, 6L, 6L, 1L, 6L), hours(bounds("2026-10-24T22:00:00Z", "2026-10-26T00:00:00Z", "6h", "Europe/Berlin")));
        assertEquals(Instant.parse("2026-01-01T18:30:00Z"), bounds("2026-01-01T18:45:00Z", "2026-01-01T20:00:00Z", "1h", "Asia/Kolkata").get(0));
        assertEquals(Instant.parse("2026-01-01T10:00:10Z"), bounds("2026-01-01T10:00:19Z", "2026-01-01T10:01:00Z", "10s", "UTC").get(0));
    }

    @Test
    void weeksBeginOnMondaysAndMonthsOnTheirFirstDay() {
        assertEquals(List.of(Instant.parse("2026-11-15T17:00:00Z"), Instant.parse("2026-11-22T17:00:00Z")),
                bounds("2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z", "1w", "Asia/Ho_Chi_Minh"));
        assertEquals(List.of(31 * 24L, 28 * 24L, 31 * 24L), hours(bounds("2026-01-31T00:00:00Z", "2026-03-01T00:00:01Z", "1mo", "UTC")));
    }

    @Test
    void aDayWithoutMidnightBeginsLater() {
        // The clocks of Santiago go from 24:00 to 01:00.
        assertEquals(Instant.parse("2026-09-06T04:00:00Z"), bounds("2026-09-06T12:00:00Z", "2026-09-06T13:00:00Z", "1d", "America/Santiago").get(0));
    }

    private static Map<String, Object> question(String from, String to, String interval) {
        return question(from, to, interval, 500);
    }

    private static Map<String, Object> question(String from, String to, String interval, int points) {
        Map<String, Object> parameters = new HashMap<>(Map.of("tz", "UTC", "interval", interval, "points", points));
        parameters.put("from", from);
        parameters.put("to", to);
        return new TimeSeries().question(parameters);
    }

    @ParameterizedTest
    @CsvSource({"PT10M, 10s", "PT1H, 10s", "PT24H, 5m", "P7D, 30m", "P30D, 2h", "P365D, 1d", "P3400D, 1w", "P18000D, 1mo"})
    void autoGivesAboutFiveHundredPointsAtMost(Duration range, String interval) {
        Instant to = Instant.parse("2026-11-22T00:00:00Z");
        Map<String, Object> question = question(to.minus(range).toString(), to.toString(), "auto");
        assertEquals(interval, question.get("interval"));
        assertTrue(((Long[]) question.get("bounds")).length <= 610, "months of 30 days");
    }

    @ParameterizedTest
    @CsvSource({"PT1H, 130, 30s", "PT6H, 130, 5m", "PT24H, 130, 15m", "PT24H, 10000, 10s", "P30D, 10, 1w"})
    void autoGivesAsManyPointsAsTheChartShows(Duration range, int points, String interval) {
        Instant to = Instant.parse("2026-11-22T00:00:00Z");
        Map<String, Object> question = question(to.minus(range).toString(), to.toString(), "auto", points);
        assertEquals(interval, question.get("interval"));
        assertTrue(((Long[]) question.get("bounds")).length <= points + 2);
    }

    @ParameterizedTest
    @CsvSource({"Asia/Kolkata, P1D, 1h, 2026-11-21T00:00:00Z", "Asia/Kolkata, P30D, 2h, 2026-10-23T00:00:00Z", "Europe/Berlin, P1D, 1h, 2026-11-21T00:00:00Z"})
    void whereThereAreVeryManyReadingsTheIntervalsAreOfWholeHoursInEveryZone(String zone, Duration range, String interval, Instant start) {
        Instant to = Instant.parse("2026-11-22T00:00:00Z");
        Map<String, Object> question = new TimeSeries().question(Map.of("tz", zone, "interval", "auto", "points", 500, "from", to.minus(range).toString(), "to", to.toString()));
        assertEquals(interval, question.get("coarse_interval"));
        assertEquals(start.getEpochSecond(), ((Long[]) question.get("coarse_bounds"))[0]);
    }

    @Test
    void tooManyPointsAreRefusedBeforeTheyAreMade() {
        RequestError refusal = assertThrows(RequestError.class, () -> question("2000-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "10s"));
        assertTrue(refusal.getMessage().contains("more than 10000 intervals of 10s"), refusal.getMessage());
        assertThrows(RequestError.class, () -> question("2030-01-01T00:00:00Z", null, "auto"));
    }
}
