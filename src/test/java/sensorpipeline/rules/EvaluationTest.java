package sensorpipeline.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A rule over the readings of many sensors; beside it stands a slow evaluation that looks at all earlier readings each time. */
class EvaluationTest {

    private static final long SECOND = 1_000_000;

    private record Value(long at, double value) {
    }

    @Test
    void aRuleAppliesToItsSensorsAndLocationsOnly() {
        Evaluation evaluation = new Evaluation(Rules.rule("above", 1.0, "sensors", new String[] {"bed-*", "*.x"}, "locations", new String[] {"icu-*"}));
        assertNotNull(evaluation.read("bed-1", "icu-1", 0, 2));
        assertNotNull(evaluation.read("a.x", "icu-", 0, 2));
        assertNull(evaluation.read("bed-2", "er-1", 0, 2));
        assertNull(evaluation.read("bed-2", null, 0, 2));
        assertNull(evaluation.read("ax", "icu-1", 0, 2), "a dot is a dot");
        assertNull(evaluation.read("a-bed-1", "icu-1", 0, 2));
    }

    @Test
    void aSensorThatLeavesTheLocationsEndsItsAlert() {
        Evaluation evaluation = new Evaluation(Rules.rule("above", 1.0, "locations", new String[] {"icu-*"}));
        assertEquals(Transition.Kind.FIRED, evaluation.read("bed-1", "icu-1", 0, 2).kind());
        assertNull(evaluation.read("bed-1", null, SECOND, 2), "it may still be there");
        assertEquals(Transition.Kind.CLEARED, evaluation.read("bed-1", "ward", 2 * SECOND, 2).kind());
        assertNull(evaluation.read("bed-1", "ward", 3 * SECOND, 2));
        assertEquals(Transition.Kind.REOPENED, evaluation.read("bed-1", "icu-2", 4 * SECOND, 2).kind());
    }

    @Test
    void eachSensorHasAnAlertOfItsOwn() {
        Evaluation evaluation = new Evaluation(Rules.rule("above", 1.0, "for", "2s"));
        assertNull(evaluation.read("a", null, 0, 2));
        assertNull(evaluation.read("b", null, SECOND, 2));
        assertNotNull(evaluation.read("a", null, 2 * SECOND, 2));
        assertNull(evaluation.read("b", null, 2 * SECOND, 2));
        assertEquals(1, evaluation.pending());
    }

    @Test
    void anAlertOfAConditionTellsTheValuesThatMeetIt() {
        AlertRule rule = Rules.when("spo2 < 90 && heart_rate > 120");
        Evaluation evaluation = new Evaluation(rule);
        assertNull(evaluation.read("bed-1", null, 0, 88, 90));
        Transition fired = evaluation.read("bed-1", null, SECOND, 88, 131.5);
        assertEquals("spo2 < 90 && heart_rate > 120 with spo2 88, heart_rate 131.5", rule.messageFor(fired));
        assertNull(rule.valueOf(fired));
        assertEquals(Transition.Kind.CLEARED, evaluation.read("bed-1", null, 2 * SECOND, 95, 131.5).kind());
    }

    /** A limit of a metric that is 1 where the condition holds, or else 0, tells what has to come of it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aConditionFiresAsALimitDoes(long seed) {
        Random random = new Random(seed);
        int transitions = 0;
        for (int run = 0; run < 100; run++) {
            Object[] delays = {"for", random.nextInt(3) * random.nextInt(20) + "s", "clear_for", random.nextInt(3) * random.nextInt(20) + "s", "longest_gap", "20s"};
            AlertRule rule = Rules.when("x > 5 && (y < 4 || x == 7)", delays);
            SensorRule limit = new SensorRule(Rules.rule("above", 0.0, delays[0], delays[1], delays[2], delays[3], delays[4], delays[5]), "s");
            SensorRule condition = new SensorRule(rule, "s");
            long at = 0;
            double x = 5;
            double y = 5;
            for (int index = 0; index < 200; index++) {
                at += random.nextInt(20) == 0 ? 400 * SECOND : random.nextInt(5) * SECOND;
                x = Math.max(0, Math.min(10, x + random.nextInt(5) - 2));
                y = Math.max(0, Math.min(10, y + random.nextInt(5) - 2));
                double[] values = {y, 99, x};
                if (random.nextInt(10) == 0) {
                    condition = new SensorRule(rule, "s", condition.save(), List.of());
                }
                boolean holds = x > 5 && (y < 4 || x == 7);
                assertEquals(limit.isQuietAt(at, holds ? 1 : 0), condition.isQuietAt(values, new int[] {2, 0}));
                Transition expected = limit.read(null, at, holds ? 1 : 0);
                Transition transition = condition.read(null, at, values, new int[] {2, 0});
                assertEquals(expected == null || expected.reason() == null ? expected : expected.because("x " + (int) x + ", y " + (int) y), transition);
                transitions += transition == null ? 0 : 1;
            }
        }
        assertTrue(transitions > 500, "enough happened: " + transitions);
    }

    @Test
    void aPatternTakesNoLongerThanItsLengthTimesThatOfTheName() {
        Evaluation evaluation = new Evaluation(Rules.rule("above", 1.0, "sensors", new String[] {"*".repeat(199) + "x", "*a".repeat(100) + "b", "*".repeat(200) + "z" + "*".repeat(200)}));
        assertNull(evaluation.read("a".repeat(200), null, 0, 2));
        assertNotNull(evaluation.read("a".repeat(199) + "x", null, 0, 2));
        assertNotNull(evaluation.read("a".repeat(150) + "b", null, 0, 2));
        assertNotNull(evaluation.read("yz", null, 0, 2));
    }

    /**
     * Whether a level is active after a reading, decided anew from all readings up to it: the readings at the end that all speak for a change must have lasted for as long as the delay.
     *
     * @param active after each earlier reading
     * @param watching after each earlier reading, whether an alert was open or about to fire: the interval before the first of those is not known
     */
    private static boolean isActive(List<Value> readings, int index, List<Boolean> active, List<Boolean> watching, Limit limit, AlertRule rule) {
        boolean was = wasActive(active, index);
        if (!speaksForChange(readings.get(index).value, was, limit)) {
            return was;
        }
        long lasted = 0;
        // The reading that made it active, or ended that, does not speak for the opposite.
        for (int i = index; i > 0 && active.get(i - 1) == was && wasActive(active, i - 1) == was && speaksForChange(readings.get(i - 1).value, was, limit); i--) {
            long interval = readings.get(i).at - readings.get(i - 1).at;
            long before = i > 1 && watching.get(i - 2) ? readings.get(i - 1).at - readings.get(i - 2).at : 0;
            lasted += interval > rule.longestGap() && interval > 2 * before ? 0 : interval;
        }
        return was != (lasted >= (was ? rule.clearDelay() : rule.delay()));
    }

    private static boolean wasActive(List<Boolean> active, int index) {
        return index > 0 && active.get(index - 1);
    }

    private static boolean speaksForChange(double value, boolean wasActive, Limit limit) {
        return wasActive ? limit.isClearedBy(value) : limit.isBreachedBy(value);
    }

    private static AlertRule randomRule(Random random) {
        String delay = random.nextInt(3) * random.nextInt(20) + "s";
        String clearDelay = random.nextInt(3) * random.nextInt(20) + "s";
        return switch (random.nextInt(4)) {
            case 0 -> Rules.rule("above", 5.0, "for", delay, "clear_for", clearDelay);
            case 1 -> Rules.rule("above", 6.0, "clear_below", 4.0, "for", delay, "clear_for", clearDelay);
            case 2 -> Rules.rule("outside", new Double[] {3.0, 7.0}, "clear_above", 4.0, "for", delay, "clear_for", clearDelay, "longest_gap", "20s");
            default -> Rules.withLevels(8, 6, 4, "for", delay, "clear_for", clearDelay);
        };
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void severitiesEqualThoseOfAnEvaluationOfAllReadings(long seed) {
        Random random = new Random(seed);
        int transitions = 0;
        for (int run = 0; run < 100; run++) {
            AlertRule rule = randomRule(random);
            SensorRule state = new SensorRule(rule, "s1");
            List<Value> readings = new ArrayList<>();
            List<List<Boolean>> active = new ArrayList<>();
            List<Boolean> watching = new ArrayList<>();
            rule.levels().forEach(level -> active.add(new ArrayList<>()));
            long at = 0;
            double value = 5;
            String severity = "none";
            boolean isFlapping = false;
            for (int index = 0; index < 200; index++) {
                at += random.nextInt(20) == 0 ? 400 * SECOND : random.nextInt(5) * SECOND;
                value = Math.max(0, Math.min(10, value + random.nextInt(5) - 2));
                readings.add(new Value(at, value));
                String expected = "none";
                for (int level = 0; level < active.size(); level++) {
                    boolean isActive = isActive(readings, index, active.get(level), watching, rule.levels().get(level).limit(), rule);
                    active.get(level).add(isActive);
                    expected = isActive ? rule.levels().get(level).severity().text() : expected;
                }
                if (random.nextInt(10) == 0) {
                    state = new SensorRule(rule, "s1", state.save(), state.kept());
                }
                Transition transition = state.read(null, at, value);
                if (transition != null) {
                    transitions++;
                    isFlapping = transition.isFlapping();
                    severity = transition.kind() == Transition.Kind.CLEARED ? "none" : transition.severity().text();
                }
                double read = value;
                watching.add(!severity.equals("none") || rule.levels().stream().anyMatch(level -> level.limit().isBreachedBy(read)));
                // While it flaps, it stays open although its condition is over.
                if (!(isFlapping && expected.equals("none"))) {
                    assertEquals(expected, severity, "seed %d, run %d, reading %d of %s".formatted(seed, run, index, rule));
                }
            }
        }
        assertTrue(transitions > 500, "enough happened: " + transitions);
    }
}
