package sensorpipeline.rules;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.Quoted;
import sensorpipeline.reading.Reading;

/**
 * A rule that fires an alert for a sensor whose values breach a limit, whose readings meet a condition, or that is silent. Immutable.
 *
 * @param name for people
 * @param metric whose values are compared, or that is missing; null for a sensor that sends nothing at all, and with a condition
 * @param rate time over which the change of the values a minute is measured, which is compared in place of them, in microseconds; 0 for the values
 * @param silentFor for how long no reading has to come, in microseconds; 0 for a rule about values
 * @param condition of readings, or null
 * @param levels at least one, the least severe first; without limits for a rule about silence
 * @param limits of single sensors, by id, in place of that of the only level
 * @param isLatched whether an alert that nobody has acknowledged outlasts its condition
 * @param delay for which the limit has to be breached before the alert fires, in microseconds
 * @param clearDelay for which the breach has to be over before the alert clears, in microseconds
 * @param longestGap between two readings that counts for these delays in any case, in microseconds
 * @param sensors to which it applies
 * @param locations to which it applies
 * @param schedule when it applies, or null for always
 * @param message of its alerts, or null for one that tells the value
 */
public record AlertRule(String name, String metric, long rate, long silentFor, Condition condition, List<Level> levels, Map<String, Double> limits, boolean isLatched, long delay, long clearDelay, long longestGap,
        NamePatterns sensors, NamePatterns locations, Schedule schedule, String message) {

    /** For how long a condition has to be over, so that the next one is another alert. */
    public static final Duration CALM = Duration.ofMinutes(5);
    /** An alert that fires so often within {@link #FLAPPING_SPAN} is flapping. */
    public static final int FLAPPING_FIRINGS = 3;
    /** See {@link #FLAPPING_FIRINGS}. */
    public static final Duration FLAPPING_SPAN = Duration.ofMinutes(15);

    private static final Map<String, ChronoUnit> UNITS = Map.of("s", ChronoUnit.SECONDS, "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS, "d", ChronoUnit.DAYS);

    /**
     * @param fields of a rule in JSON, by name, each valid by itself, and with the defaults of the contract: the types are those of {@code Parameters.readBody}
     * @return the rule
     * @throws RequestError (400) if they contradict each other
     */
    public static AlertRule of(Map<String, Object> fields) {
        long silentFor = fields.get("silent_for") == null ? 0 : RuleFields.silence(fields);
        Condition condition = fields.get("when") == null ? null : RuleFields.condition(fields);
        if (silentFor == 0 && condition == null && fields.get("metric") == null) {
            throw invalid("metric is required, except with when or silent_for");
        }
        List<Level> levels = condition != null ? List.of(new Level(Severity.of((String) fields.get("severity")), Limit.CONDITION))
                : silentFor > 0 ? List.of(new Level(Severity.of((String) fields.get("severity")), Limit.NONE)) : levels(fields);
        Map<String, Double> limits = RuleFields.numbers(fields, "limits");
        if (!limits.isEmpty() && (levels.size() > 1 || !RuleFields.hasOneBound(levels.get(0).limit()))) {
            throw invalid("limits of single sensors require one level with above or below");
        }
        limits.keySet().stream().filter(id -> id.contains("*")).findFirst().ifPresent(id -> {
            throw invalid("limits are of single sensors, whose ids are given in full; got " + Quoted.of(id));
        });
        return new AlertRule((String) fields.get("name"), (String) fields.get("metric"), RuleFields.rate(fields), silentFor, condition, levels, limits,
                Boolean.TRUE.equals(fields.get("latched")), microseconds((String) fields.get("for")),
                microseconds((String) fields.get("clear_for")), microseconds((String) fields.get("longest_gap")), RuleFields.patterns(fields, "sensors"),
                RuleFields.patterns(fields, "locations"), RuleFields.schedule(fields, "schedule"), (String) fields.get("message"));
    }

    @SuppressWarnings("unchecked")
    private static List<Level> levels(Map<String, Object> fields) {
        List<Map<String, Object>> given = (List<Map<String, Object>>) fields.get("levels");
        if (given == null) {
            if (fields.get("severity") == null) {
                throw invalid("give a severity, or levels");
            }
            return List.of(new Level(Severity.of((String) fields.get("severity")), RuleFields.limit(fields)));
        }
        Stream.of("severity", "above", "below", "outside", "clear_below", "clear_above").filter(name -> fields.get(name) != null).findFirst().ifPresent(name -> {
            throw invalid(name + " must be given in each of the levels, not beside them");
        });
        List<Level> levels = given.stream().map(level -> new Level(Severity.of((String) level.get("severity")), RuleFields.limit(level)))
                .sorted(Comparator.comparing(Level::severity)).toList();
        if (levels.stream().map(Level::severity).distinct().count() < levels.size()) {
            throw invalid("each severity can have one level");
        }
        for (int i = 1; i < levels.size(); i++) {
            if (!levels.get(i).limit().isBeyond(levels.get(i - 1).limit())) {
                throw invalid("the limit of %s must lie beyond that of %s".formatted(levels.get(i).severity().text(), levels.get(i - 1).severity().text()));
            }
        }
        return levels;
    }

    /**
     * @param text a duration such as {@code 10s} or {@code 5m}
     * @return the same in microseconds
     */
    public static long microseconds(String text) {
        Duration duration = UNITS.get(text.substring(text.length() - 1)).getDuration().multipliedBy(Long.parseLong(text.substring(0, text.length() - 1)));
        return TimeUnit.SECONDS.toMicros(duration.toSeconds());
    }

    static RequestError invalid(String message) {
        return new RequestError(400, "invalid_rule", message);
    }

    /** @return the levels as they are for a sensor */
    List<Level> levelsOf(String sensorId) {
        Double own = limits.get(sensorId);
        return own == null ? levels : List.of(new Level(levels.get(0).severity(), levels.get(0).limit().movedTo(own)));
    }

    /** @return the least value of a sensor that breaches no level */
    public double quietFrom(String sensorId) {
        double from = Double.NEGATIVE_INFINITY;
        for (Level level : levelsOf(sensorId)) {
            from = Math.max(from, level.limit().low());
        }
        return from;
    }

    /** @return the greatest value of a sensor that breaches no level */
    public double quietTo(String sensorId) {
        double to = Double.POSITIVE_INFINITY;
        for (Level level : levelsOf(sensorId)) {
            to = Math.min(to, level.limit().high());
        }
        return to;
    }

    /** @return whether it is about sensors that send nothing, rather than about values */
    public boolean isOfSilence() {
        return silentFor > 0;
    }

    /**
     * @param time in milliseconds since 1970
     * @return the span of its schedule that covers it, or else the next one
     */
    public Span spanFrom(long time) {
        return schedule == null ? Span.ALWAYS : schedule.spanFrom(time);
    }

    /** @return the least severity that an alert of it can have; that of a rule about silence has no other */
    public Severity leastSeverity() {
        return levels.get(0).severity();
    }

    /** @return whether an alert of the one rule can go on as an alert of the other */
    public boolean isAboutTheSameAs(AlertRule other) {
        return isOfSilence() == other.isOfSilence() && Objects.equals(metric, other.metric) && rate == other.rate && Set.copyOf(metrics()).equals(Set.copyOf(other.metrics()))
                && (condition == null) == (other.condition == null);
    }

    /** @return the metrics that a reading must have for the rule to be evaluated; none for a rule about a sensor that sends nothing at all */
    public List<String> metrics() {
        return condition != null ? condition.metrics() : metric != null ? List.of(metric) : List.of();
    }

    /**
     * @param transition with a reason, unless the rule is about silence
     * @return the value that an alert has after it: what the rule compares; null if that is more or less than one
     */
    public BigDecimal valueOf(Transition transition) {
        return condition != null || isOfSilence() ? null : new BigDecimal(Reading.text(transition.value()));
    }

    /**
     * @param transition with a reason, unless the rule is about silence
     * @return the message of the alert after it
     */
    public String messageFor(Transition transition) {
        if (message != null) {
            return message;
        }
        if (isOfSilence()) {
            return "no %s for %s".formatted(metric == null ? "reading" : metric, inWords(Duration.of(silentFor, ChronoUnit.MICROS)));
        }
        return condition != null ? condition.text() + " with " + transition.reason() : metric + " " + (rate > 0 ? change(transition.value()) : "is " + valueOf(transition)) + ", " + transition.reason();
    }

    /** @return such as {@code 90 min}: a whole number of the longest unit, as on the pages */
    private static String inWords(Duration time) {
        if (time.toSecondsPart() > 0) {
            return time.toSeconds() + " s";
        }
        if (time.toMinutesPart() > 0) {
            return time.toMinutes() + " min";
        }
        return time.toHoursPart() > 0 ? time.toHours() + " h" : time.toDays() + (time.toDays() == 1 ? " day" : " days");
    }

    private static String change(double rate) {
        return rate == 0 ? "does not change" : "%s by %s per minute".formatted(rate > 0 ? "rises" : "falls", Reading.text(Math.abs(rate)));
    }
}
