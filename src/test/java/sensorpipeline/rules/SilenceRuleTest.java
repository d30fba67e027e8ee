package sensorpipeline.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a sensor is silent for too long, within the hours in which that matters. */
class SilenceRuleTest {

    private static final Map<String, Object> OFFICE_HOURS = schedule("mon-fri", "08:00", "18:00", "Europe/Berlin");

    private static Map<String, Object> schedule(String days, String from, String to, String zone) {
        return Map.of("days", days, "from", from, "to", to, "tz", zone);
    }

    private static AlertRule rule(String silentFor, Map<String, Object> schedule) {
        return schedule == null ? Rules.rule("silent_for", silentFor) : Rules.rule("silent_for", silentFor, "schedule", schedule);
    }

    private static long time(String text) {
        return Instant.parse(text).toEpochMilli();
    }

    private static String text(Transition transition) {
        return "%s %s%s".formatted(transition.kind().name().toLowerCase(Locale.ROOT), Instant.ofEpochMilli(transition.at() / 1000), transition.isFlapping() ? " flapping" : "");
    }

    @Test
    void aMachineThatSendsInOfficeHoursIsSilentOnMondayTenMinutesAfterEight() {
        List<String> told = new ArrayList<>();
        Consumer<Transition> add = transition -> told.add(text(transition));
        SilenceRule state = new SilenceRule(rule("10m", OFFICE_HOURS), 0);
        state.see(time("2025-01-17T16:59:00Z"), add);
        assertFalse(state.advance(time("2025-01-20T07:10:00Z"), add), "the weekend, and ten minutes to the millisecond");
        assertTrue(state.advance(time("2025-01-20T07:10:00.001Z"), add));
        assertEquals(List.of("fired 2025-01-20T07:10:00Z"), told);
        assertFalse(state.advance(time("2025-01-20T17:00:00Z"), add));
        assertTrue(state.advance(time("2025-01-20T17:00:00.001Z"), add));
        assertEquals("cleared 2025-01-20T17:00:00Z", told.get(1));
        state.advance(time("2025-01-21T12:00:00Z"), add);
        assertEquals("fired 2025-01-21T07:10:00Z", told.get(2), "another alert");
        assertTrue(state.see(time("2025-01-21T12:00:00Z"), add));
        assertEquals("cleared 2025-01-21T12:00:00Z", told.get(3));
        state.advance(time("2025-01-21T12:11:00Z"), add);
        assertEquals("reopened 2025-01-21T12:10:00Z", told.get(4), "within the same span");
    }

    @Test
    void theTimeBeforeASpanDoesNotCountAndThatBeforeItsEndDoesNotGoOnAfterIt() {
        List<String> told = new ArrayList<>();
        SilenceRule state = new SilenceRule(rule("10m", OFFICE_HOURS), 0);
        state.see(time("2025-01-17T06:59:59Z"), transition -> { });
        state.advance(time("2025-01-17T07:09:59.999Z"), transition -> told.add(text(transition)));
        state.see(time("2025-01-17T16:50:00Z"), transition -> { });
        told.clear();
        state.advance(time("2025-01-20T07:00:00Z"), transition -> told.add(text(transition)));
        assertEquals(List.of(), told, "17:50 and ten minutes is the end");
    }

    @Test
    void daysThatFollowEachOtherAreOneSpan() {
        SilenceRule always = new SilenceRule(rule("7d", schedule("mon-sun", "00:00", "00:00", "Europe/Berlin")), 0);
        always.see(time("2025-01-17T00:00:00Z"), transition -> { });
        assertEquals(time("2025-01-24T00:00:00Z"), always.deadline());
        SilenceRule working = new SilenceRule(rule("4d", schedule("mon-fri", "00:00", "00:00", "Europe/Berlin")), 0);
        working.see(time("2025-01-17T00:00:00Z"), transition -> { });
        assertEquals(time("2025-01-23T23:00:00Z"), working.deadline());
    }

    @Test
    void aScheduleThatIsGivenLaterDoesNotLookBack() {
        SilenceRule state = new SilenceRule(rule("10m", OFFICE_HOURS), time("2025-01-21T11:00:00Z"));
        state.expectFrom(time("2025-01-10T07:00:00Z"));
        assertEquals(time("2025-01-21T07:10:00Z"), state.deadline(), "of the span under way");
    }

    /** What a slow, simple observer sees who looks at his watch every second, and at the wall every minute. */
    private static final class Observer {

        private final AlertRule rule;
        private final long limit;
        private final List<String> told = new ArrayList<>();
        private final Deque<Long> firings = new ArrayDeque<>();
        private boolean isAwaited;
        private boolean isInHours;
        private boolean isSilent;
        private boolean isOpen;
        private boolean hasAlert;
        private boolean isFlapping;
        private long waitsSince;
        private long hoursSince;
        private long overSince;

        Observer(AlertRule rule) {
            this.rule = rule;
            limit = rule.silentFor() / 1_000_000;
        }

        void look(long second, boolean hasRecord) {
            boolean wasInHours = isInHours;
            if (second % 60 == 0) {
                isInHours = rule.schedule() == null || rule.schedule().covers(Instant.ofEpochSecond(second));
            }
            if (wasInHours && !isInHours && isOpen) {
                overSince = second;
                isSilent = false;
                clear(second);
            }
            if (!wasInHours && isInHours) {
                waitsSince = second;
                hoursSince = second;
            }
            if (hasRecord) {
                see(second);
            } else if (isInHours && isAwaited && !isSilent && second - waitsSince == limit) {
                fire(second);
            }
        }

        private void see(long second) {
            boolean isCalm = !isSilent && hasAlert && second - overSince > 300;
            if (isSilent) {
                overSince = second;
            }
            if (isOpen && (isCalm || isSilent && !isFlapping)) {
                clear(second);
            }
            isSilent = false;
            hasAlert &= !isCalm;
            isAwaited = true;
            waitsSince = second;
        }

        private void fire(long second) {
            isSilent = true;
            boolean isSame = isOpen || hasAlert && waitsSince - overSince <= 300 && overSince >= hoursSince;
            if (!isSame) {
                firings.clear();
            }
            firings.addLast(second);
            if (!isOpen) {
                isFlapping = firings.size() >= 3 && second - List.copyOf(firings).get(firings.size() - 3) <= 900;
                isOpen = true;
                hasAlert = true;
                tell(isSame ? "reopened" : "fired", second);
            }
        }

        private void clear(long second) {
            isOpen = false;
            tell("cleared", second);
        }

        private void tell(String kind, long second) {
            told.add("%s %s%s".formatted(kind, Instant.ofEpochSecond(second), isFlapping ? " flapping" : ""));
        }
    }

    private static TreeSet<Long> randomRecords(Random random, long begin, long end) {
        TreeSet<Long> records = new TreeSet<>();
        long second = begin;
        while (second < end) {
            records.add(second);
            second += switch (random.nextInt(30)) {
                case 0 -> random.nextInt(4 * 86_400);
                case 1, 2 -> random.nextInt(7200);
                case 3, 4, 5, 6, 7 -> 60 * (1 + random.nextInt(20));
                default -> 1 + random.nextInt(240);
            };
        }
        return records;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10m | mon-fri | 08:00 | 18:00 | Europe/Berlin    | 2025-03-24T00:00:00Z
            2m  | mon-sun | 01:30 | 02:30 | Europe/Berlin    | 2025-03-25T00:00:00Z
            1m  | sun     | 02:30 | 04:00 | Europe/Berlin    | 2025-10-19T00:00:00Z
            5m  | mon-sun | 22:00 | 02:30 | America/New_York | 2025-10-27T00:00:00Z
            3m  | sat,sun | 23:00 | 03:30 | America/New_York | 2025-03-03T00:00:00Z
            4m  | mon-sun | 06:00 | 05:58 | Asia/Kathmandu   | 2025-01-13T00:00:00Z
            30m | fri-mon | 00:00 | 00:00 | Pacific/Apia     | 2011-12-22T00:00:00Z
            2h  | mon-sun | 00:00 | 00:00 | Europe/Berlin    | 2025-03-24T00:00:00Z
            5m  |         |       |       |                  | 2025-03-24T00:00:00Z
            """)
    void whoeverLooksEverySecondSeesTheSameAlsoIfTheProgramIsKilledAndWatchesWhenItLikes(String silentFor, String days, String from, String to, String zone, Instant start) {
        AlertRule rule = rule(silentFor, days == null ? null : schedule(days, from, to, zone));
        int transitions = 0;
        for (int seed = 0; seed < 3; seed++) {
            Random random = new Random(seed);
            long begin = start.getEpochSecond();
            long end = begin + 20 * 86_400;
            TreeSet<Long> records = randomRecords(random, begin, end);
            Observer observer = new Observer(rule);
            for (long second = begin - 86_400; second <= end; second++) {
                observer.look(second, records.contains(second));
            }
            List<String> told = new ArrayList<>();
            Consumer<Transition> add = transition -> told.add(text(transition));
            SilenceRule state = new SilenceRule(rule, 0);
            long before = begin * 1000;
            for (long second : records) {
                while (random.nextBoolean()) {
                    before += random.nextInt((int) Math.min(Integer.MAX_VALUE, second * 1000 - before + 1));
                    state.advance(before, add);
                }
                state.advance(second * 1000, add);
                state.see(second * 1000, add);
                if (random.nextInt(5) == 0) {
                    state = restarted(rule, state, told);
                }
                before = second * 1000;
            }
            state.advance(end * 1000 + 1, add);
            assertEquals(String.join("\n", observer.told), String.join("\n", told));
            transitions += told.size();
        }
        assertTrue(transitions > 20, "enough happened: " + transitions);
    }

    private static SilenceRule restarted(AlertRule rule, SilenceRule state, List<String> told) {
        String last = told.isEmpty() ? "" : told.get(told.size() - 1);
        SilenceRule restarted = state.hasAlert() ? new SilenceRule(rule, 0, state.save(), !last.startsWith("cleared"), last.endsWith("flapping")) : new SilenceRule(rule, 0);
        restarted.expectFrom(state.seenAt());
        return restarted;
    }

    @Test
    void aScheduleWhoseSpansAreTooShortIsRejected() {
        String message = assertThrows(RuntimeException.class, () -> rule("10h", OFFICE_HOURS)).getMessage();
        assertEquals("silent_for must be shorter than the spans of the schedule, each of which waits anew; the longest lasts 600 minutes", message);
        assertEquals(10 * 3600 * 1_000_000L - 1_000_000, rule("35999s", OFFICE_HOURS).silentFor());
        assertEquals(71 * 3600 * 1_000_000L, rule("71h", schedule("tue,thu-sat", "12:00", "12:00", "Europe/Berlin")).silentFor());
    }
}
