package sensorpipeline.rules;

/**
 * A time for which a rule applies without a break.
 *
 * @param begin in milliseconds since 1970
 * @param end exclusive, in the same unit
 */
public record Span(long begin, long end) {

    /** That of a rule without a schedule. */
    static final Span ALWAYS = new Span(Long.MIN_VALUE, Long.MAX_VALUE);

    /** @return whether the rule applies at a time, in the same unit */
    public boolean contains(long time) {
        return time >= begin && time < end;
    }
}
