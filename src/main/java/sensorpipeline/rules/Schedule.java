package sensorpipeline.rules;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Set;

/**
 * The hours of the week in which a rule applies. A span that ends before it begins lasts over midnight, and belongs to the day on which it begins. Where clocks change,
 * what the clock on the wall shows decides.
 *
 * @param days on which a span begins
 * @param from first time of day
 * @param to end of the span, exclusive; equal to {@code from}: the whole day
 * @param zone of these times
 */
record Schedule(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {

    boolean covers(Instant time) {
        ZonedDateTime local = time.atZone(zone);
        LocalTime clock = local.toLocalTime();
        DayOfWeek day = local.getDayOfWeek();
        if (from.isBefore(to)) {
            return days.contains(day) && !clock.isBefore(from) && clock.isBefore(to);
        }
        return days.contains(day) && !clock.isBefore(from) || days.contains(day.minus(1)) && clock.isBefore(to);
    }
}
