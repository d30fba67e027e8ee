package sensorpipeline.api;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.Header;
import org.apache.camel.component.jdbc.JdbcConstants;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.Quoted;

/** Chooses the intervals of a chart. Thread-safe. */
public final class TimeSeries {

    private static final String AUTO = "auto";
    /** The intervals that "auto" chooses from, the shortest first: with the longest, the entire allowed time range is a few points. */
    private static final List<String> INTERVALS = List.of("10s", "30s", "1m", "5m", "10m", "15m", "30m", "1h", "2h", "3h", "6h", "12h", "1d", "1w", "1mo", "3mo",
            "6mo", "1y", "2y", "5y", "10y", "20y", "50y", "100y", "200y", "500y", "1000y", "2000y", "5000y");
    /** The shortest interval that is computed from rollups instead of readings. */
    private static final String COARSE = "1h";
    private static final int MOST_POINTS = 10_000;

    /**
     * @param parameters of the request: from, to (ISO 8601, or null for the last day), interval, points (1 to 10,000), tz
     * @return these, with "bounds" (the start of each interval and the end of the last one, in seconds since 1970), the
     *     "interval" of these bounds, and "is_auto", true if the request did not choose the interval. If intervals shorter
     *     than a day are not whole hours, also the "coarse_bounds" of a "coarse_interval" that is, for very many readings
     * @throws RequestError (400) if the time zone is unknown, or if the requested interval results in more than 10,000 intervals
     */
    public Map<String, Object> question(@Header(JdbcConstants.JDBC_PARAMETERS) Map<String, Object> parameters) {
        Instant now = Instant.now();
        Instant until = parameters.get("to") == null ? now : Instant.parse((String) parameters.get("to"));
        Instant from = parameters.get("from") == null ? until.minus(1, ChronoUnit.DAYS) : Instant.parse((String) parameters.get("from"));
        if (!from.isBefore(until)) {
            throw new RequestError(400, "invalid_range", "from must be before to, which is now if it is not given");
        }
        return question(parameters, new CalendarIntervals(from, until, zone((String) parameters.get("tz"))));
    }

    private static Map<String, Object> question(Map<String, Object> parameters, CalendarIntervals range) {
        boolean isAuto = AUTO.equals(parameters.get("interval"));
        int points = ((Number) parameters.get("points")).intValue();
        String interval = isAuto ? choose(range, INTERVALS.get(0), points) : (String) parameters.get("interval");
        if (range.estimate(interval) > MOST_POINTS) {
            throw new RequestError(400, "too_many_points", "%d hours have more than %d intervals of %s; ask for longer ones (auto chooses), or for less time"
                    .formatted(range.estimate("1h"), MOST_POINTS, interval));
        }
        List<Instant> bounds = range.bounds(interval);
        Map<String, Object> question = new HashMap<>(parameters);
        question.put("bounds", seconds(bounds));
        question.put("interval", interval);
        question.put("is_auto", isAuto);
        boolean canBeCoarser = isAuto && CalendarIntervals.seconds(interval) < CalendarIntervals.seconds("1d") && !areWholeHours(bounds);
        String shortest = CalendarIntervals.seconds(interval) < CalendarIntervals.seconds(COARSE) ? COARSE : interval;
        CalendarIntervals hours = inWholeHours(range, shortest);
        String coarse = canBeCoarser ? choose(hours, shortest, points) : shortest;
        question.put("coarse_interval", coarse);
        question.put("coarse_bounds", canBeCoarser ? seconds(hours.bounds(coarse)) : null);
        return question;
    }

    /**
     * @param question whose interval was chosen by "auto"
     * @param points maximum number of points, at least 1
     * @return the same with longer intervals
     */
    Map<String, Object> withPoints(Map<String, Object> question, int points) {
        Map<String, Object> parameters = new HashMap<>(question);
        parameters.put("interval", AUTO);
        parameters.put("points", points);
        Long[] bounds = (Long[]) question.get("bounds");
        return question(parameters, new CalendarIntervals(Instant.ofEpochSecond(bounds[0]), Instant.ofEpochSecond(bounds[bounds.length - 1]),
                zone((String) question.get("tz"))));
    }

    private static String choose(CalendarIntervals range, String shortest, int points) {
        return INTERVALS.stream().skip(INTERVALS.indexOf(shortest)).filter(interval -> range.fit(interval, points)).findFirst()
                .orElse(INTERVALS.get(INTERVALS.size() - 1));
    }

    /** @return the range in its zone, or in UTC if the hours of the zone, such as India's or Nepal's, do not align with the UTC hours of rollups */
    private static CalendarIntervals inWholeHours(CalendarIntervals range, String interval) {
        return areWholeHours(range.bounds(interval)) ? range : range.in(ZoneOffset.UTC);
    }

    private static boolean areWholeHours(List<Instant> bounds) {
        return areWholeHours(seconds(bounds));
    }

    /** @return whether intervals with these bounds, in seconds since 1970, can be computed from hourly rollups */
    static boolean areWholeHours(Long[] bounds) {
        return Stream.of(bounds).allMatch(bound -> bound % CalendarIntervals.seconds(COARSE) == 0);
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
}
