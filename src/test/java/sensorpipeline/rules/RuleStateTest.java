package sensorpipeline.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What readings make of the alert of a rule and sensor. Readings are given as {@code second:value}, transitions told as {@code second:kind severity}. */
class RuleStateTest {

    private static final long SECOND = 1_000_000;

    private static String transitions(AlertRule rule, String readings) {
        SensorRule state = new SensorRule(rule, "s1");
        List<String> told = new ArrayList<>();
        for (String reading : readings.strip().split("\\s+")) {
            String[] parts = reading.split(":");
            Transition transition = state.read(null, Long.parseLong(parts[0]) * SECOND, Double.parseDouble(parts[1]));
            if (transition != null) {
                told.add("%s:%s %s%s".formatted(parts[0], transition.kind().name().toLowerCase(Locale.ROOT), transition.severity().text(), transition.isFlapping() ? " flapping" : ""));
            }
        }
        return String.join(", ", told);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            the first value above the limit fires   | 0:139 1:140 2:141 3:150           | 2:fired critical
            the first one that is not clears        | 0:141 1:140                       | 0:fired critical, 1:cleared critical
            nothing fires twice                     | 0:141 1:142 2:143                 | 0:fired critical
            without a reading nothing changes       | 0:141 9000:141                    | 0:fired critical
            """)
    void aLimit(String promise, String readings, String expected) {
        assertEquals(expected, transitions(Rules.rule("above", 140.0), readings));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            it fires once the limit was breached for so long      | 0:141 5:141 9:141 10:141                | 10:fired critical
            a value in between begins anew                        | 0:141 9:140 10:141 19:141 20:141        | 20:fired critical
            a gap does not count                                  | 0:141 5:141 900:141 904:141 905:141     | 905:fired critical
            it clears once the breach was over for so long        | 0:141 10:141 20:139 24:139 25:139       | 10:fired critical, 25:cleared critical
            a value in between keeps it                           | 0:141 10:141 20:139 24:141 25:139 29:139 | 10:fired critical
            firing and then a gap: it stays                       | 0:141 10:141 5000:141                   | 10:fired critical
            a gap does not clear                                  | 0:141 10:141 20:139 900:139 904:139 905:139 | 10:fired critical, 905:cleared critical
            """)
    void delays(String promise, String readings, String expected) {
        assertEquals(expected, transitions(Rules.rule("above", 140.0, "for", "10s", "clear_for", "5s"), readings));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            a value in the band does not clear  | above   | 140 | 0:141 1:135 2:130 3:129       | 0:fired critical, 3:cleared critical
            nor does it fire                    | above   | 140 | 0:129 1:135 2:140             |
            below                               | below   | 140 | 0:139 1:145 2:150 3:151       | 0:fired critical, 3:cleared critical
            """)
    void hysteresis(String promise, String kind, double limit, String readings, String expected) {
        AlertRule rule = kind.equals("above") ? Rules.rule("above", limit, "clear_below", 130.0) : Rules.rule("below", limit, "clear_above", 150.0);
        assertEquals(expected == null ? "" : expected, transitions(rule, readings));
    }

    @Test
    void aRangeIsBreachedOnBothSides() {
        AlertRule rule = Rules.rule("outside", new Double[] {2.0, 8.0}, "clear_above", 3.0, "clear_below", 7.0);
        assertEquals("1:fired critical, 4:cleared critical, 6:reopened critical", transitions(rule, "0:2 1:1.9 2:2.5 3:7.5 4:5 5:8 6:8.1"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            it rises and falls between its levels  | 0:11 1:21 2:31 3:21 4:11 5:9   | 0:fired info, 1:changed warning, 2:changed critical, 3:changed warning, 4:changed info, 5:cleared info
            it may begin with the highest          | 0:31 1:9                       | 0:fired critical, 1:cleared critical
            the same level changes nothing         | 0:11 1:12 2:19                 | 0:fired info
            """)
    void levels(String promise, String readings, String expected) {
        assertEquals(expected, transitions(Rules.withLevels(30, 20, 10), readings));
    }

    @Test
    void eachLevelHasItsOwnDelay() {
        assertEquals("10:fired info, 15:changed critical", transitions(Rules.withLevels(30, 20, 10, "for", "10s"), "0:11 5:31 10:31 14:31 15:31"));
    }

    @Test
    void anOscillationOnceASecondIsOneAlertThatFlapsAndClearsAfterItHasBeenCalm() {
        StringBuilder readings = new StringBuilder();
        for (int second = 0; second < 600; second++) {
            readings.append(second).append(second % 2 == 0 ? ":141 " : ":100 ");
        }
        for (int second = 600; second < 1000; second += 10) {
            readings.append(second).append(":100 ");
        }
        assertEquals("0:fired critical, 1:cleared critical, 2:reopened critical, 3:cleared critical, 4:reopened critical flapping, 900:cleared critical flapping",
                transitions(Rules.rule("above", 140.0), readings.toString()));
    }

    @Test
    void anAlertThatComesBackLaterIsAnother() {
        assertEquals("0:fired critical, 1:cleared critical, 301:reopened critical, 302:cleared critical, 603:fired critical",
                transitions(Rules.rule("above", 140.0), "0:141 1:100 301:141 302:100 603:141"));
    }

    @Test
    void outsideOfItsScheduleARuleDoesNotApply() {
        // 1970-01-01 was a Thursday; 08:00 in Berlin was 07:00 UTC.
        AlertRule rule = Rules.rule("above", 140.0, "for", "10s", "clear_for", "1h",
                "schedule", Map.of("days", "thu", "from", "08:00", "to", "18:00", "tz", "Europe/Berlin"));
        assertEquals("25210:fired critical, 61200:cleared critical", transitions(rule, "25190:141 25199:141 25200:141 25209:141 25210:141 61199:141 61200:141 61210:141"));
    }

    @Test
    void aSensorMayHaveALimitOfItsOwn() {
        AlertRule rule = Rules.rule("above", 140.0, "clear_below", 130.0, "limits", Map.of("s1", 150.0));
        assertEquals("2:fired critical, 5:cleared critical", transitions(rule, "0:149 1:150 2:151 3:145 4:140 5:139"));
        assertEquals(Transition.Kind.FIRED, new SensorRule(rule, "s2").read(null, 0, 141).kind());
    }

    @Test
    void aConditionThatHasNotHeldForLongEnoughIsPending() {
        SensorRule state = new SensorRule(Rules.rule("above", 140.0, "for", "10s"), "s1");
        assertFalse(state.isPending());
        state.read(null, 7 * SECOND, 141);
        assertTrue(state.isPending());
        assertEquals(7 * SECOND, state.read(null, 17 * SECOND, 141).startedAt());
        assertFalse(state.isPending(), "it fires");
        state.read(null, 20 * SECOND, 100);
        state.read(null, 30 * SECOND, 141);
        assertFalse(state.isPending(), "it would be the same alert");
    }

    @Test
    void whereNothingIsBreachedThereIsNothingToSave() {
        SensorRule state = new SensorRule(Rules.rule("above", 140.0, "for", "10s"), "s1");
        state.read(null, 0, 140);
        assertNull(state.save());
        state.read(null, SECOND, 141);
        assertNotNull(state.save());
        state.read(null, 2 * SECOND, 140);
        assertNull(state.save(), "it did not last long enough");
        state.read(null, 3 * SECOND, 141);
        state.read(null, 13 * SECOND, 141);
        state.read(null, 14 * SECOND, 140);
        assertNotNull(state.save(), "the same alert might come back");
        state.read(null, 400 * SECOND, 140);
        assertNull(state.save());
    }

    @Test
    void aReadingThatIsOlderThanTheLastOneChangesNothing() {
        assertEquals("10:fired critical, 12:cleared critical", transitions(Rules.rule("above", 140.0), "10:141 9:100 12:100"));
        assertEquals("20:fired critical", transitions(Rules.rule("above", 140.0, "for", "10s"), "10:141 15:141 12:100 20:141"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            for becomes shorter                             | above | 140 | 5s  | 9:fired critical
            for becomes longer                              | above | 140 | 20s | 20:fired critical
            another limit that the last value breaches      | above | 130 | 10s | 10:fired critical
            another limit that it does not breach           | above | 150 | 10s | none
            the other side                                  | below | 200 | 10s | 10:fired critical
            """)
    void aChangedRuleKeepsWhatIsStillTrueOfAPendingAlert(String change, String kind, double limit, String delay, String expected) {
        SensorRule before = new SensorRule(Rules.rule("above", 140.0, "for", "10s"), "s1");
        before.read(null, 0, 145);
        before.read(null, 7 * SECOND, 145);
        SensorRule state = new SensorRule(Rules.rule(kind, limit, "for", delay), "s1", before.save(), before.kept());
        String told = null;
        for (long second : new long[] {9, 10, 19, 20}) {
            Transition transition = state.read(null, second * SECOND, 145);
            told = transition == null ? told : second + ":" + transition.kind().name().toLowerCase(Locale.ROOT) + " " + transition.severity().text();
        }
        assertEquals(expected, told);
    }

    @Test
    void aChangedRuleKeepsAnOpenAlertUntilAReadingEndsIt() {
        SensorRule before = new SensorRule(Rules.rule("above", 140.0), "s1");
        before.read(null, 0, 145);
        SensorRule state = new SensorRule(Rules.rule("above", 150.0), "s1", before.save(), before.kept());
        assertTrue(state.isOpen());
        Transition cleared = state.read(null, SECOND, 145);
        assertEquals(Transition.Kind.CLEARED, cleared.kind());
        assertEquals(0, cleared.startedAt());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            the condition came back in time, however long it had to hold | 0:141 240:141 250:100 300:141 540:141 | 240:fired critical, 250:cleared critical, 540:reopened critical
            it came back later                                           | 0:141 240:141 250:100 551:141 791:141 | 240:fired critical, 250:cleared critical, 791:fired critical
            """)
    void whenTheConditionComesBackDecidesWhetherItIsTheSameAlert(String promise, String readings, String expected) {
        assertEquals(expected, transitions(Rules.rule("above", 140.0, "for", "240s"), readings));
    }

    @Test
    void theTimeForWhichAnAlertWasOverBeforeItClearedCounts() {
        String readings = "0:141 10:100 20:141 30:100 40:141 50:100 200:100 350:100 360:141";
        assertEquals("0:fired critical, 10:cleared critical, 20:reopened critical, 30:cleared critical, 40:reopened critical flapping, 350:cleared critical flapping, 360:fired critical",
                transitions(Rules.rule("above", 140.0), readings));
        assertEquals("0:fired critical, 300:cleared critical, 311:fired critical", transitions(Rules.rule("above", 140.0, "clear_for", "290s"), "0:141 10:100 150:100 300:100 311:141"));
    }

    @Test
    void anAlertBeganWithTheFirstBreachOfAnyOfItsLevels() {
        SensorRule state = new SensorRule(Rules.withLevels(30, 20, 10, "for", "10s"), "s1");
        state.read(null, 0, 11);
        state.read(null, 2 * SECOND, 31);
        assertEquals(0, state.read(null, 12 * SECOND, 31).startedAt());
    }

    @Test
    void theUsualIntervalOfASlowSensorIsNoGap() {
        assertEquals("4500:fired critical", transitions(Rules.rule("above", 140.0, "for", "30m"), "0:100 900:100 1800:141 2700:141 3600:141 4500:141"),
                "the first interval may be a gap, those of the same length after it are not");
        assertEquals("", transitions(Rules.rule("above", 140.0, "for", "30m"), "0:100 20:141 30:141 2730:141"));
    }
}
