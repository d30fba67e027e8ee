package sensorpipeline.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a rule with a schedule applies. */
class ScheduleTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mon-fri     | 08:00 | 18:00 | Europe/Berlin    | 2025-01-15T07:00:00Z        | true
            mon-fri     | 08:00 | 18:00 | Europe/Berlin    | 2025-01-15T06:59:59.999999Z | false
            mon-fri     | 08:00 | 18:00 | Europe/Berlin    | 2025-01-15T17:00:00Z        | false
            mon-fri     | 08:00 | 18:00 | Europe/Berlin    | 2025-07-16T06:00:00Z        | true
            mon-fri     | 08:00 | 18:00 | Europe/Berlin    | 2025-01-18T12:00:00Z        | false
            sat,sun     | 08:00 | 18:00 | UTC              | 2025-01-18T12:00:00Z        | true
            fri-mon     | 08:00 | 18:00 | UTC              | 2025-01-19T12:00:00Z        | true
            fri-mon     | 08:00 | 18:00 | UTC              | 2025-01-21T12:00:00Z        | false
            fri         | 22:00 | 06:00 | Asia/Kathmandu   | 2025-01-17T16:15:00Z        | true
            fri         | 22:00 | 06:00 | Asia/Kathmandu   | 2025-01-18T00:14:59Z        | true
            fri         | 22:00 | 06:00 | Asia/Kathmandu   | 2025-01-18T00:15:00Z        | false
            fri         | 22:00 | 06:00 | Asia/Kathmandu   | 2025-01-17T00:00:00Z        | false
            mon         | 00:00 | 00:00 | America/New_York | 2025-01-14T04:59:59Z        | true
            mon         | 00:00 | 00:00 | America/New_York | 2025-01-14T05:00:00Z        | false
            # The clocks are set forward from 2 to 3 o'clock, and back from 3 to 2.
            sun         | 02:30 | 04:00 | Europe/Berlin    | 2025-03-30T00:59:59Z        | false
            sun         | 02:30 | 04:00 | Europe/Berlin    | 2025-03-30T01:00:00Z        | true
            sun         | 02:30 | 04:00 | Europe/Berlin    | 2025-10-26T00:30:00Z        | true
            sun         | 02:30 | 04:00 | Europe/Berlin    | 2025-10-26T01:00:00Z        | false
            sun         | 02:30 | 04:00 | Europe/Berlin    | 2025-10-26T01:30:00Z        | true
            """)
    void theClockOnTheWallDecides(String days, String from, String to, String zone, Instant time, boolean applies) {
        assertEquals(applies, schedule(days, from, to, zone).covers(time));
    }

    private static Schedule schedule(String days, String from, String to, String zone) {
        return Rules.rule("above", 1.0, "schedule", Map.of("days", days, "from", from, "to", to, "tz", zone)).schedule();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mon-fri     | 08:00 | 18:00 | Europe/Berlin    | 2025-03-20T00:00:00Z
            sun         | 02:30 | 04:00 | Europe/Berlin    | 2025-03-20T00:00:00Z
            sun         | 02:30 | 04:00 | Europe/Berlin    | 2025-10-20T00:00:00Z
            mon-sun     | 02:15 | 02:45 | Europe/Berlin    | 2025-03-20T00:00:00Z
            fri         | 22:00 | 06:00 | Asia/Kathmandu   | 2025-01-10T00:00:00Z
            sat-mon     | 22:00 | 01:30 | America/New_York | 2025-10-25T00:00:00Z
            mon-thu,sat | 00:00 | 00:00 | America/New_York | 2025-03-01T00:00:00Z
            mon-sun     | 00:00 | 00:00 | Europe/Berlin    | 2025-10-20T00:00:00Z
            fri         | 08:00 | 18:00 | Pacific/Apia     | 2011-12-20T00:00:00Z
            """)
    void aSpanIsTheTimeThatIsCoveredWithoutABreak(String days, String from, String to, String zone, Instant start) {
        Schedule schedule = schedule(days, from, to, zone);
        Schedule other = schedule(days, from, to, zone);
        int breaks = 0;
        Span span = schedule.spanFrom(start.toEpochMilli());
        for (Instant time = start; time.isBefore(start.plus(Duration.ofDays(16))); time = time.plusSeconds(60)) {
            if (time.toEpochMilli() >= span.end()) {
                span = schedule.spanFrom(time.toEpochMilli());
                breaks++;
            }
            assertEquals(schedule.covers(time), span.contains(time.toEpochMilli()), time::toString);
        }
        assertEquals(days.equals("mon-sun") && from.equals(to) ? 0 : 1, Math.min(1, breaks));
        for (Instant time = start.plus(Duration.ofDays(16)); time.isAfter(start); time = time.minusSeconds(1799)) {
            Span found = other.spanFrom(time.toEpochMilli());
            assertEquals(found, schedule(days, from, to, zone).spanFrom(time.toEpochMilli()), "whatever was asked before");
        }
    }
}
