package sensorpipeline.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sensorpipeline.http.RequestError;

/** A rule whose fields contradict each other is rejected with what is allowed. */
class AlertRuleTest {

    private static void assertInvalid(String message, Object... fields) {
        RequestError error = assertThrows(RequestError.class, () -> Rules.rule(fields));
        assertEquals(400, error.getStatus());
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }

    @Test
    void itHasOneKindOfLimit() {
        assertInvalid("give exactly one of above, below and outside");
        assertInvalid("give exactly one of above, below and outside", "above", 1.0, "below", 0.0);
        assertInvalid("must not be greater than the second", "outside", new Double[] {2.0, 1.0});
    }

    @Test
    void hysteresisBelongsToItsLimit() {
        assertInvalid("clear_below belongs to above or outside", "below", 1.0, "clear_below", 0.5);
        assertInvalid("clear_below must be a value that does not breach the limit; got 2", "above", 1.0, "clear_below", 2.0);
        assertInvalid("clear_above to below or outside", "above", 1.0, "clear_above", 0.5);
        assertInvalid("clear_above must be less than clear_below", "outside", new Double[] {0.0, 9.0}, "clear_above", 5.0, "clear_below", 5.0);
    }

    @Test
    void levelsReplaceSeverityAndLimit() {
        Map<String, Object> warning = Map.of("severity", "warning", "above", 1.0);
        assertInvalid("severity must be given in each of the levels", "levels", List.of(warning));
        Map<String, Object> fields = new HashMap<>(Map.of("name", "n", "metric", "x", "levels", List.of(warning, warning)));
        assertTrue(assertThrows(RequestError.class, () -> AlertRule.of(fields)).getMessage().contains("each severity can have one level"));
        fields.put("levels", List.of(warning, Map.of("severity", "critical", "above", 0.5)));
        assertTrue(assertThrows(RequestError.class, () -> AlertRule.of(fields)).getMessage().contains("the limit of critical must lie beyond that of warning"));
        fields.remove("levels");
        assertTrue(assertThrows(RequestError.class, () -> AlertRule.of(fields)).getMessage().contains("give a severity, or levels"));
    }

    @Test
    void limitsOfSensorsReplaceASingleBound() {
        assertInvalid("limits of single sensors require one level with above or below", "outside", new Double[] {0.0, 9.0}, "limits", Map.of("a", 5.0));
        assertInvalid("limits are of single sensors, whose ids are given in full; got 'a*'", "above", 1.0, "limits", Map.of("a*", 5.0));
        Limit moved = Rules.rule("above", 22.0, "clear_below", 21.5, "limits", Map.of("a", 16.01)).levelsOf("a").get(0).limit();
        assertEquals(new Limit(Double.NEGATIVE_INFINITY, 16.01, Double.NEGATIVE_INFINITY, 15.51), moved);
    }

    @Test
    void aRateIsMeasuredOverTenSecondsToADay() {
        assertInvalid("rate must be from 10s to 24h, the time over which the change is measured; got 9s", "rate", "9s", "above", 1.0);
        assertInvalid("rate must be from 10s to 24h, the time over which the change is measured; got 25h", "rate", "25h", "above", 1.0);
        assertInvalid("give exactly one of above, below and outside", "rate", "5m");
        assertInvalid("rate cannot be given with silent_for", "rate", "5m", "silent_for", "5m");
        assertInvalid("latched cannot be given with silent_for", "latched", true, "silent_for", "5m");
        assertEquals(86_400_000_000L, Rules.rule("rate", "1d", "above", 1.0).rate());
    }

    @Test
    void anotherRateIsAboutSomethingElseAndLatchedIsNot() {
        AlertRule rule = Rules.rule("rate", "5m", "above", 1.0);
        assertTrue(rule.isAboutTheSameAs(Rules.rule("rate", "5m", "below", 7.0, "latched", true)));
        assertFalse(rule.isAboutTheSameAs(Rules.rule("rate", "6m", "above", 1.0)));
        assertFalse(rule.isAboutTheSameAs(Rules.rule("above", 1.0)));
    }

    @Test
    void aConditionReplacesMetricAndLimit() {
        Object[][] others = {{"metric", "x"}, {"rate", "5m"}, {"above", 1.0}, {"below", 1.0}, {"outside", new Double[] {1.0, 2.0}}, {"clear_below", 1.0}, {"clear_above", 1.0}, {"levels", List.of()},
            {"limits", Map.of("a", 1.0)}};
        for (Object[] other : others) {
            RequestError error = assertThrows(RequestError.class, () -> Rules.when("x > 1", other));
            assertEquals(other[0] + " cannot be given with when, which names the metrics and says what has to be true of them", error.getMessage());
        }
        assertEquals("when cannot be given with silent_for", assertThrows(RequestError.class, () -> Rules.when("x > 1", "silent_for", "5m")).getMessage());
        assertEquals("give a severity", assertThrows(RequestError.class, () -> Rules.when("x > 1", "severity", null)).getMessage());
        assertEquals("metric is required, except with when or silent_for", assertThrows(RequestError.class, () -> Rules.rule("metric", null)).getMessage());
    }

    @Test
    void aConditionOverTheSameMetricsIsAboutTheSame() {
        assertTrue(Rules.when("x > 1 && y > 1").isAboutTheSameAs(Rules.when("y > 3 || x > 2")));
        assertFalse(Rules.when("x > 1 && y > 1").isAboutTheSameAs(Rules.when("x > 1")));
        assertFalse(Rules.when("x > 1").isAboutTheSameAs(Rules.rule("above", 1.0)));
    }

    @Test
    void aZoneMustExist() {
        assertInvalid("schedule: tz must be a time zone such as UTC, Europe/Berlin or +07:00; got 'Mars'", "above", 1.0,
                "schedule", Map.of("days", "mon-sun", "from", "08:00", "to", "18:00", "tz", "Mars"));
    }

    @Test
    void durationsAndPatternsAreReadAsWritten() {
        AlertRule rule = Rules.rule("above", 1.0, "for", "90s", "clear_for", "2h", "sensors", new String[] {"a_*%", "b\\"});
        assertEquals(90_000_000L, rule.delay());
        assertEquals(7_200_000_000L, rule.clearDelay());
        assertEquals(300_000_000L, rule.longestGap());
        assertEquals(999_999L * 86_400 * 1_000_000, Rules.rule("above", 1.0, "for", "999999d").delay());
        assertArrayEquals(new String[] {"a\\_%\\%", "b\\\\"}, rule.sensors().forLike());
        assertNull(rule.locations().forLike());
        Transition fired = new Transition(Transition.Kind.FIRED, 0, 0, 2, Severity.CRITICAL, false, "above 1");
        assertEquals("x is 2, above 1", rule.messageFor(fired));
        assertEquals("Call the ward", Rules.rule("above", 1.0, "message", "Call the ward").messageFor(fired));
    }
}
