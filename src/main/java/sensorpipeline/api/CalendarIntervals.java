package sensorpipeline.api;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Divides a time range into calendar intervals: days begin at midnight, weeks on Mondays, and multiples of months or years at multiples
 * of their number; parts of a day count from its midnight, so that a day with a clock change has fewer or more of them. Immutable.
 *
 * @param from start of the range
 * @param until its end, after the start; both in the years 0 to 9998
 * @param zone time zone of the calendar
 */
record CalendarIntervals(Instant from, Instant until, ZoneId zone) {

    private static final Pattern LENGTH = Pattern.compile("(\\d+)(s|m|h|d|w|mo|y)");
    /** Beyond these, ISO 8601 needs more than four digits for a year. */
    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");
    private static final int MONTHS_A_YEAR = 12;

    /**
     * @param interval such as 10s, 5m, 6h, 1d, 1w, 3mo or 10y
     * @return its approximate length in seconds
     * @throws IllegalArgumentException if it is not an interval
     */
    static long seconds(String interval) {
        Matcher length = length(interval);
        long count = Long.parseLong(length.group(1));
        return switch (length.group(2)) {
            case "s" -> count;
            case "m" -> count * 60;
            case "h" -> count * 3600;
            case "d" -> count * 86_400;
            case "w" -> count * 7 * 86_400;
            case "mo" -> count * 30 * 86_400;
            default -> count * 365 * 86_400;
        };
    }

    private static Matcher length(String interval) {
        Matcher matcher = LENGTH.matcher(interval);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("No such interval: " + interval);
        }
        return matcher;
    }

    /** @return the same range in another time zone */
    CalendarIntervals in(ZoneId other) {
        return new CalendarIntervals(from, until, other);
    }

    /** @return the approximate number of intervals; the actual number can be some percent smaller, or one or two greater */
    long estimate(String interval) {
        return Duration.between(from, until).toSeconds() / seconds(interval);
    }

    /** @return true if there are at most this many intervals */
    boolean fit(String interval, int most) {
        // Months and years can be longer than their estimate.
        return estimate(interval) <= most + most / 10 && bounds(interval).size() - 1 <= most;
    }

    /** @return the start of each interval, beginning with the one that contains the start of the range, and the end of the last one */
    List<Instant> bounds(String interval) {
        Matcher length = length(interval);
        int count = Integer.parseInt(length.group(1));
        String unit = length.group(2);
        List<Instant> bounds = new ArrayList<>();
        Instant bound = start(count, unit);
        bounds.add(bound.isBefore(FIRST) ? FIRST : bound);
        while (bound.isBefore(until)) {
            bound = end(bound, count, unit);
            bounds.add(bound.isAfter(LAST) ? LAST : bound);
        }
        return bounds;
    }

    private Instant start(int count, String unit) {
        LocalDate day = from.atZone(zone).toLocalDate();
        Instant midnight = midnight(day);
        return switch (unit) {
            case "d" -> midnight;
            case "w" -> midnight(day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)));
            case "mo" -> midnight(firstOfMonths(day, count));
            case "y" -> midnight(firstOfMonths(day, count * MONTHS_A_YEAR));
            default -> {
                Duration part = Duration.ofSeconds(seconds(count + unit));
                yield midnight.plus(part.multipliedBy(Duration.between(midnight, from).dividedBy(part)));
            }
        };
    }

    private static LocalDate firstOfMonths(LocalDate day, int count) {
        int month = day.getYear() * MONTHS_A_YEAR + day.getMonthValue() - 1;
        int first = month - Math.floorMod(month, count);
        return LocalDate.of(Math.floorDiv(first, MONTHS_A_YEAR), Math.floorMod(first, MONTHS_A_YEAR) + 1, 1);
    }

    private Instant end(Instant start, int count, String unit) {
        LocalDate day = start.atZone(zone).toLocalDate();
        return switch (unit) {
            case "d" -> midnight(day.plusDays(count));
            case "w" -> midnight(day.plusWeeks(count));
            case "mo" -> midnight(day.plusMonths(count));
            case "y" -> midnight(day.plusYears(count));
            default -> {
                Instant end = start.plusSeconds(seconds(count + unit));
                Instant tomorrow = midnight(day.plusDays(1));
                yield end.isBefore(tomorrow) ? end : tomorrow;
            }
        };
    }

    private Instant midnight(LocalDate day) {
        return day.atStartOfDay(zone).toInstant();
    }
}
