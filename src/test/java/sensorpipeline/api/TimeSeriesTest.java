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
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.http.RequestError;

/** Chart intervals follow the calendar. */
class TimeSeriesTest {

    private static List<Instant> bounds(String from, String until, String interval, String zone) {
        return new CalendarIntervals(Instant.parse(from), Instant.parse(until), ZoneId.of(zone)).bounds(interval);
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
        // DST in Santiago starts at 24:00, which becomes 01:00.
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
    @CsvSource({"PT10M, 10s", "PT1H, 10s", "PT24H, 5m", "P7D, 30m", "P30D, 2h", "P365D, 1d", "P3400D, 1w", "P15000D, 1mo", "P18000D, 3mo", "P90000D, 6mo", "P150000D, 1y"})
    void autoGivesFiveHundredPointsAtMost(Duration range, String interval) {
        Instant to = Instant.parse("2026-11-22T00:00:00Z");
        Map<String, Object> question = question(to.minus(range).toString(), to.toString(), "auto");
        assertEquals(interval, question.get("interval"));
        assertTrue(((Long[]) question.get("bounds")).length <= 501);
    }

    @ParameterizedTest
    @CsvSource({"PT1H, 130, 30s", "PT6H, 130, 5m", "PT24H, 130, 15m", "PT24H, 10000, 10s", "P30D, 10, 1w"})
    void autoGivesAsManyPointsAsTheChartShows(Duration range, int points, String interval) {
        Instant to = Instant.parse("2026-11-22T00:00:00Z");
        Map<String, Object> question = question(to.minus(range).toString(), to.toString(), "auto", points);
        assertEquals(interval, question.get("interval"));
        assertTrue(((Long[]) question.get("bounds")).length <= points + 1);
    }

    @Test
    void autoNeverGivesMorePointsThanAskedWhateverTheRangeAndTheZone() {
        Random random = new Random(24);
        List<String> zones = List.of("UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati", "-12:00");
        for (int i = 0; i < 2000; i++) {
            Instant from = Instant.parse("0001-01-01T00:00:00Z").plusSeconds((long) (random.nextDouble() * 9990 * 365.2425 * 86_400));
            long most = Duration.between(from, Instant.parse("9998-12-31T23:59:59Z")).toSeconds();
            Instant to = from.plusSeconds((long) Math.pow(most, 0.1 + 0.9 * random.nextDouble()));
            int points = (int) Math.pow(10, 1 + 3 * random.nextDouble());
            String zone = zones.get(i % zones.size());
            Map<String, Object> question = new TimeSeries().question(Map.of("tz", zone, "interval", "auto", "points", points, "from", from.toString(), "to", to.toString()));
            String asked = "%d points from %s to %s in %s: %s".formatted(points, from, to, zone, question.get("interval"));
            assertTrue(((Long[]) question.get("bounds")).length <= points + 1, asked);
            assertTrue(question.get("coarse_bounds") == null || ((Long[]) question.get("coarse_bounds")).length <= points + 1, asked);
        }
    }

    @Test
    void allTheTimeThatCanBeAskedForFitsInTenPoints() {
        Map<String, Object> question = question("0001-01-01T00:00:00Z", "9998-12-31T23:59:59Z", "auto", 10);
        List<Long> bounds = List.of((Long[]) question.get("bounds"));
        assertEquals("1000y", question.get("interval"));
        assertEquals(11, bounds.size());
        assertEquals("0000-01-01T00:00:00Z", Instant.ofEpochSecond(bounds.get(0)).toString());
        assertEquals("9999-12-31T00:00:00Z", Instant.ofEpochSecond(bounds.get(10)).toString());
    }

    @ParameterizedTest
    @CsvSource({"2026-11-22T00:00:00Z, 3mo, 2026-10-01T00:00:00Z, 2027-01-01T00:00:00Z", "2026-11-22T00:00:00Z, 10y, 2020-01-01T00:00:00Z, 2030-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z, 1y, 2026-01-01T00:00:00Z, 2027-01-01T00:00:00Z"})
    void monthsAndYearsAreThoseOfTheCalendar(Instant time, String interval, Instant start, Instant end) {
        assertEquals(List.of(start, end), bounds(time.toString(), time.plusSeconds(1).toString(), interval, "UTC"));
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
