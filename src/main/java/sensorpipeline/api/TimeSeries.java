package sensorpipeline.api;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Header;
import org.apache.camel.component.jdbc.JdbcConstants;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.Quoted;

/**
 * The intervals of a chart, which are those of a calendar: days begin at midnight in the asked time zone, weeks on Mondays;
 * parts of a day are counted from its midnight, so that a day with a change of the clocks has fewer or more of them. Safe
 * for use by many threads.
 */
public final class TimeSeries {

    /** What "auto" chooses from, the finest first. */
    private static final List<String> INTERVALS = List.of("10s", "30s", "1m", "5m", "10m", "15m", "30m", "1h", "2h", "3h", "6h", "12h", "1d", "1w", "1mo");
    /** The shortest that is made from statistics, and not from each reading. */
    private static final String COARSE = "1h";
    private static final int MOST_POINTS = 10_000;
    private static final Pattern PART_OF_DAY = Pattern.compile("(\\d+)([smh])");

    /**
     * @param parameters of the request: from, to (ISO 8601, or null for a day until now), interval, points, tz
     * @return these, with "bounds" (the start of each interval and the end of the last one, in seconds since 1970) and the "interval" that was chosen;
     *     and, where that was for us to choose and asks for parts of hours, the "coarse_bounds" of a "coarse_interval" of whole hours, for the
     *     case of very many readings
     * @throws RequestError (400) if the time zone is unknown or there would be more than 10,000 points
     */
    public Map<String, Object> question(@Header(JdbcConstants.JDBC_PARAMETERS) Map<String, Object> parameters) {
        Instant now = Instant.now();
        Instant until = parameters.get("to") == null ? now : Instant.parse((String) parameters.get("to"));
        Instant from = parameters.get("from") == null ? until.minus(1, ChronoUnit.DAYS) : Instant.parse((String) parameters.get("from"));
        if (!from.isBefore(until)) {
            throw new RequestError(400, "invalid_range", "from must be before to, which is now if it is not given");
        }
        ZoneId zone = zone((String) parameters.get("tz"));
        String interval = (String) parameters.get("interval");
        if ("auto".equals(interval)) {
            long least = Duration.between(from, until).toSeconds() / ((Number) parameters.get("points")).longValue();
            interval = INTERVALS.stream().filter(one -> seconds(one) >= least).findFirst().orElse("1mo");
        }
        if (Duration.between(from, until).toSeconds() / seconds(interval) > MOST_POINTS) {
            throw new RequestError(400, "too_many_points", "%d hours have more than %d intervals of %s; ask for longer ones (auto chooses), or for less time"
                    .formatted(Duration.between(from, until).toHours(), MOST_POINTS, interval));
        }
        Map<String, Object> question = new HashMap<>(parameters);
        List<Instant> bounds = bounds(from, until, interval, zone);
        question.put("bounds", seconds(bounds));
        question.put("interval", interval);
        boolean canBeCoarser = "auto".equals(parameters.get("interval")) && seconds(interval) < seconds("1d") && !areWholeHours(bounds);
        String coarse = seconds(interval) < seconds(COARSE) ? COARSE : interval;
        question.put("coarse_interval", coarse);
        question.put("coarse_bounds", canBeCoarser ? seconds(wholeHours(from, until, coarse, zone)) : null);
        return question;
    }

    private static List<Instant> wholeHours(Instant from, Instant until, String interval, ZoneId zone) {
        List<Instant> bounds = bounds(from, until, interval, zone);
        // Statistics are by the hour of UTC, which no hour of India or Nepal is.
        return areWholeHours(bounds) ? bounds : bounds(from, until, interval, ZoneOffset.UTC);
    }

    private static boolean areWholeHours(List<Instant> bounds) {
        return bounds.stream().allMatch(bound -> bound.getEpochSecond() % seconds(COARSE) == 0);
    }

    private static Long[] seconds(List<Instant> bounds) {
        return bounds.stream().map(Instant::getEpochSecond).toArray(Long[]::new);
    }

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new RequestError(400, "invalid_tz", "tz must be a time zone such as UTC, Europe/Berlin or +07:00; got " + Quoted.of(name));
        }
    }

    /** @return about how long an interval is */
    private static long seconds(String interval) {
        return switch (interval) {
            case "1d" -> 86_400;
            case "1w" -> 7 * 86_400;
            case "1mo" -> 30 * 86_400;
            default -> partOfDay(interval).toSeconds();
        };
    }

    private static Duration partOfDay(String interval) {
        Matcher matcher = PART_OF_DAY.matcher(interval);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("No such interval: " + interval);
        }
        return Duration.parse("PT" + interval.toUpperCase(Locale.ROOT));
    }

    /**
     * @return the start of each interval from that in which {@code from} lies up to that in which {@code until} ends, and the end of the last one
     */
    static List<Instant> bounds(Instant from, Instant until, String interval, ZoneId zone) {
        List<Instant> bounds = new ArrayList<>();
        Instant bound = start(from, interval, zone);
        while (bound.isBefore(until)) {
            bounds.add(bound);
            bound = end(bound, interval, zone);
        }
        bounds.add(bound);
        return bounds;
    }

    private static Instant start(Instant time, String interval, ZoneId zone) {
        LocalDate day = time.atZone(zone).toLocalDate();
        Instant midnight = midnight(day, zone);
        return switch (interval) {
            case "1d" -> midnight;
            case "1w" -> midnight(day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)), zone);
            case "1mo" -> midnight(day.withDayOfMonth(1), zone);
            default -> midnight.plus(partOfDay(interval).multipliedBy(Duration.between(midnight, time).dividedBy(partOfDay(interval))));
        };
    }

    private static Instant end(Instant start, String interval, ZoneId zone) {
        LocalDate day = start.atZone(zone).toLocalDate();
        return switch (interval) {
            case "1d" -> midnight(day.plusDays(1), zone);
            case "1w" -> midnight(day.plusWeeks(1), zone);
            case "1mo" -> midnight(day.plusMonths(1), zone);
            default -> {
                Instant end = start.plus(partOfDay(interval));
                Instant tomorrow = midnight(day.plusDays(1), zone);
                yield end.isBefore(tomorrow) ? end : tomorrow;
            }
        };
    }

    private static Instant midnight(LocalDate day, ZoneId zone) {
        return day.atStartOfDay(zone).toInstant();
    }
}
