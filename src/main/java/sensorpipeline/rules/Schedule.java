package sensorpipeline.rules;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/**
 * The hours of the week in which a rule applies. A span that ends before it begins lasts over midnight, and belongs to the day on which it begins. Where clocks change,
 * what the clock on the wall shows decides. Thread-safe.
 */
final class Schedule {

    /** In days: longer than a week in which a zone skips a day. */
    private static final int LONGEST_BREAK = 16;
    private static final int MOST_KNOWN = 10_000;

    private final Set<DayOfWeek> days;
    private final LocalTime from;
    private final LocalTime to;
    private final ZoneId zone;
    /** What was found before, by its beginning: to find a span costs much more than a record does otherwise. */
    private final ConcurrentNavigableMap<Long, Found> known = new ConcurrentSkipListMap<>();
    /** Mostly, the next question is about the same span. */
    private volatile Found last = new Found(0, new Span(0, 0));

    /**
     * @param days on which a span begins
     * @param from first time of day
     * @param to end of the span, exclusive; equal to {@code from}: the whole day
     * @param zone of these times
     */
    Schedule(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {
        this.days = days;
        this.from = from;
        this.to = to;
        this.zone = zone;
    }

    /**
     * A span, and the break before it, if it was asked for that.
     *
     * @param since end of the span before it, or its own beginning, in milliseconds since 1970
     * @param span that covers this time, or follows
     */
    private record Found(long since, Span span) {

        boolean isFor(long time) {
            return time >= since && time < span.end();
        }
    }

    /** @return the time zone of its times of day */
    ZoneId zone() {
        return zone;
    }

    boolean covers(Instant time) {
        ZonedDateTime local = time.atZone(zone);
        LocalTime clock = local.toLocalTime();
        DayOfWeek day = local.getDayOfWeek();
        if (from.isBefore(to)) {
            return days.contains(day) && !clock.isBefore(from) && clock.isBefore(to);
        }
        return days.contains(day) && !clock.isBefore(from) || days.contains(day.minus(1)) && clock.isBefore(to);
    }

    /**
     * @param time in milliseconds since 1970
     * @return the span that covers it, or else the next one; days that follow each other without a break are one span
     */
    Span spanFrom(long time) {
        Found found = last;
        if (!found.isFor(time)) {
            Map.Entry<Long, Found> before = known.floorEntry(time);
            found = before != null && before.getValue().isFor(time) ? before.getValue() : find(Instant.ofEpochMilli(time));
            if (known.size() > MOST_KNOWN) {
                known.clear();
            }
            known.put(found.since, found);
            last = found;
        }
        return found.span;
    }

    private Found find(Instant time) {
        NavigableSet<Instant> times = timesAround(time);
        if (!covers(time)) {
            Instant begin = times.tailSet(time, false).stream().filter(this::covers).findFirst().orElse(Instant.ofEpochMilli(Long.MAX_VALUE));
            Instant end = begin.toEpochMilli() == Long.MAX_VALUE ? begin : Instant.ofEpochMilli(find(begin).span.end());
            long since = times.headSet(time, true).descendingSet().stream().filter(each -> covers(each.minusMillis(1))).findFirst().orElse(time).toEpochMilli();
            return new Found(since, new Span(begin.toEpochMilli(), end.toEpochMilli()));
        }
        Span span = new Span(times.headSet(time, true).descendingSet().stream().filter(each -> !covers(each.minusMillis(1))).findFirst().map(Instant::toEpochMilli).orElse(Long.MIN_VALUE),
                times.tailSet(time, false).stream().filter(each -> !covers(each)).findFirst().map(Instant::toEpochMilli).orElse(Long.MAX_VALUE));
        return new Found(span.begin(), span);
    }

    /** @return the times near to another one at which a span may begin or end: of the schedule, midnight, and where clocks change */
    private NavigableSet<Instant> timesAround(Instant time) {
        NavigableSet<Instant> times = new TreeSet<>();
        LocalDate day = time.atZone(zone).toLocalDate();
        ZoneRules rules = zone.getRules();
        for (int i = -LONGEST_BREAK; i <= LONGEST_BREAK; i++) {
            LocalDate each = day.plusDays(i);
            Stream.of(from, to, LocalTime.MIDNIGHT).map(each::atTime).forEach(local -> addInstants(times, local, rules));
        }
        ZoneOffsetTransition change = rules.nextTransition(times.first());
        while (change != null && change.getInstant().isBefore(times.last())) {
            times.add(change.getInstant());
            change = rules.nextTransition(change.getInstant());
        }
        return times;
    }

    /** A time of day may not come on a day on which clocks change, or come twice. */
    private static void addInstants(Set<Instant> times, LocalDateTime local, ZoneRules rules) {
        rules.getValidOffsets(local).forEach(offset -> times.add(local.toInstant(offset)));
    }

    /** @return the length of the longest span, in milliseconds, where no clock changes */
    long longestSpan() {
        Schedule unchanging = new Schedule(days, from, to, ZoneOffset.UTC);
        Span span = unchanging.spanFrom(0);
        long longest = 0;
        for (int i = 0; i < DayOfWeek.values().length && span.end() < Long.MAX_VALUE; i++) {
            longest = Math.max(longest, span.end() - span.begin());
            span = unchanging.spanFrom(span.end());
        }
        return span.end() == Long.MAX_VALUE ? Long.MAX_VALUE : longest;
    }
}
