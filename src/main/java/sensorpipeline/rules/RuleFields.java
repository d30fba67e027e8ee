package sensorpipeline.rules;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.Quoted;
import sensorpipeline.reading.Reading;

/** Reads the parts of a rule in JSON. */
final class RuleFields {

    private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");

    private static final long SHORTEST_SILENCE = 1_000_000;
    private static final long SHORTEST_RATE = 10_000_000;
    private static final long LONGEST_RATE = 86_400_000_000L;

    private RuleFields() {
    }

    /** @return the limit of a rule or level */
    static Limit limit(Map<String, Object> fields) {
        Double above = (Double) fields.get("above");
        Double below = (Double) fields.get("below");
        Double[] outside = (Double[]) fields.get("outside");
        if (Stream.of(above, below, outside).filter(one -> one != null).count() != 1) {
            throw AlertRule.invalid("give exactly one of above, below and outside, in each level if there are levels");
        }
        double low = below != null ? below : outside != null ? outside[0] : Double.NEGATIVE_INFINITY;
        double high = above != null ? above : outside != null ? outside[1] : Double.POSITIVE_INFINITY;
        if (outside != null && low > high) {
            throw AlertRule.invalid("the first number of outside must not be greater than the second");
        }
        Double clearBelow = (Double) fields.get("clear_below");
        Double clearAbove = (Double) fields.get("clear_above");
        if (clearBelow != null && Double.isInfinite(high) || clearAbove != null && Double.isInfinite(low)) {
            throw AlertRule.invalid("clear_below belongs to above or outside, clear_above to below or outside");
        }
        requireWithin("clear_below", clearBelow, low, high);
        requireWithin("clear_above", clearAbove, low, high);
        if (clearBelow != null && clearAbove != null && clearAbove >= clearBelow) {
            throw AlertRule.invalid("clear_above must be less than clear_below");
        }
        return new Limit(low, high, clearAbove == null ? Double.NEGATIVE_INFINITY : clearAbove, clearBelow == null ? Double.POSITIVE_INFINITY : clearBelow);
    }

    /** @return how long a rule about silence waits, in microseconds */
    static long silence(Map<String, Object> fields) {
        Stream.of("rate", "above", "below", "outside", "clear_below", "clear_above", "levels", "limits", "when").filter(name -> fields.get(name) != null).findFirst().ifPresent(name -> {
            throw AlertRule.invalid(name + " cannot be given with silent_for");
        });
        if (Boolean.TRUE.equals(fields.get("latched"))) {
            throw AlertRule.invalid("latched cannot be given with silent_for");
        }
        Stream.of("for", "clear_for").filter(name -> !"0s".equals(fields.get(name))).findFirst().ifPresent(name -> {
            throw AlertRule.invalid(name + " cannot be given with silent_for, which says for how long");
        });
        if (fields.get("severity") == null) {
            throw AlertRule.invalid("give a severity");
        }
        long microseconds = AlertRule.microseconds((String) fields.get("silent_for"));
        if (microseconds < SHORTEST_SILENCE) {
            throw AlertRule.invalid("silent_for must be at least 1s");
        }
        Schedule schedule = schedule(fields, "schedule");
        if (schedule != null && TimeUnit.MICROSECONDS.toMillis(microseconds) >= schedule.longestSpan()) {
            throw AlertRule.invalid("silent_for must be shorter than the spans of the schedule, each of which waits anew; the longest lasts %d minutes"
                    .formatted(TimeUnit.MILLISECONDS.toMinutes(schedule.longestSpan())));
        }
        return microseconds;
    }

    /** @return the time over which a rule measures the change of values, in microseconds; 0 if it compares the values themselves */
    static long rate(Map<String, Object> fields) {
        String text = (String) fields.get("rate");
        if (text == null) {
            return 0;
        }
        long microseconds = AlertRule.microseconds(text);
        if (microseconds < SHORTEST_RATE || microseconds > LONGEST_RATE) {
            throw AlertRule.invalid("rate must be from 10s to 24h, the time over which the change is measured; got " + text);
        }
        return microseconds;
    }

    /** @return the condition of a rule that has one */
    static Condition condition(Map<String, Object> fields) {
        Stream.of("metric", "rate", "above", "below", "outside", "clear_below", "clear_above", "levels", "limits").filter(name -> fields.get(name) != null).findFirst().ifPresent(name -> {
            throw AlertRule.invalid(name + " cannot be given with when, which names the metrics and says what has to be true of them");
        });
        if (fields.get("severity") == null) {
            throw AlertRule.invalid("give a severity");
        }
        return ConditionText.read((String) fields.get("when"));
    }

    private static void requireWithin(String name, Double value, double low, double high) {
        if (value != null && (value < low || value > high)) {
            throw AlertRule.invalid("%s must be a value that does not breach the limit; got %s".formatted(name, Reading.text(value)));
        }
    }

    static boolean hasOneBound(Limit limit) {
        return Double.isInfinite(limit.low()) || Double.isInfinite(limit.high());
    }

    @SuppressWarnings("unchecked")
    static Map<String, Double> numbers(Map<String, Object> fields, String name) {
        return fields.get(name) == null ? Map.of() : (Map<String, Double>) fields.get(name);
    }

    static NamePatterns patterns(Map<String, Object> fields, String name) {
        return new NamePatterns(fields.get(name) == null ? List.of() : List.of((String[]) fields.get(name)));
    }

    @SuppressWarnings("unchecked")
    static Schedule schedule(Map<String, Object> fields, String name) {
        Map<String, Object> given = (Map<String, Object>) fields.get(name);
        if (given == null) {
            return null;
        }
        return new Schedule(days((String) given.get("days")), LocalTime.parse((String) given.get("from")), LocalTime.parse((String) given.get("to")), zone(name, (String) given.get("tz")));
    }

    /** @param text such as {@code mon-fri}, {@code sat,sun} or {@code fri-mon} */
    private static Set<DayOfWeek> days(String text) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String part : text.split(",")) {
            String[] ends = part.split("-");
            DayOfWeek day = day(ends[0]);
            days.add(day);
            while (day != day(ends[ends.length - 1])) {
                day = day.plus(1);
                days.add(day);
            }
        }
        return days;
    }

    private static DayOfWeek day(String name) {
        return DayOfWeek.of(DAYS.indexOf(name) + 1);
    }

    private static ZoneId zone(String schedule, String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new RequestError(400, "invalid_" + schedule, schedule + ": tz must be a time zone such as UTC, Europe/Berlin or +07:00; got " + Quoted.of(name));
        }
    }
}
