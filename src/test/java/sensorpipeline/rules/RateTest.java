package sensorpipeline.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules about how fast a value changes. Readings are given as {@code second:value}, transitions told as {@code second:kind severity value}. */
class RateTest {

    private static final long SECOND = 1_000_000;

    private static String transitions(AlertRule rule, String readings) {
        SensorRule state = new SensorRule(rule, "s1");
        List<String> told = new ArrayList<>();
        for (String reading : readings.strip().split("\\s+")) {
            String[] parts = reading.split(":");
            Transition transition = state.read(null, Long.parseLong(parts[0]) * SECOND, Double.parseDouble(parts[1]));
            if (transition != null) {
                told.add("%s:%s %s %s".formatted(parts[0], transition.kind().name().toLowerCase(Locale.ROOT), transition.severity().text(), rule.valueOf(transition)));
            }
            assertTrue(state.kept().size() <= Rate.MOST, "it keeps no more");
        }
        return String.join(", ", told);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            there is no rate until the span is covered            | above | 2  | 0:20 60:30 120:40 240:60 270:90                | none
            from eleven twelfths of it on there is                | above | 2  | 0:20 60:30 275:40 280:20                        | 275:fired critical 4.36364, 280:cleared critical 0
            as much as the limit is not more                      | above | 2  | 0:20.1 300:30.1 600:40.2                        | 600:fired critical 2.02
            it goes by the change over the span, not by the last  | above | 2  | 0:20 100:20 200:20 299:20 300:29                | none
            it falls                                              | below | -2 | 0:20 150:15 300:9.9 400:9.9 500:9.9             | 300:fired critical -2.02, 400:cleared critical -1.515
            a gap that is longer than the span begins anew        | above | 2  | 0:20 301:90 600:300                              | 600:fired critical 42.1405
            one that is not does not                              | above | 2  | 0:20 300:90                                      | 300:fired critical 14
            after a gap an alert stays until there is a rate      | above | 2  | 0:20 300:90 700:90 800:90 900:90 980:90          | 300:fired critical 14, 980:cleared critical 0
            a sensor that sends seldom has a rate over its interval | above | 2 | 0:20 200:20 400:30 600:50 800:50               | 600:fired critical 4.5
            a reading that is too old changes nothing             | above | 2  | 0:20 100:25 50:900 290:26                        | none
            one that is out of order by less than a twelfth counts | above | 2 | 0:20 60:20 300:20 400:20 390:35 395:20           | 390:fired critical 2.72727, 395:cleared critical 0
            a clock that was set back begins anew                 | above | 2  | 9000:20 9300:21 0:90 290:120                     | 290:fired critical 6.2069
            """)
    void theChangeAMinuteOverFiveMinutes(String promise, String kind, double limit, String readings, String expected) {
        assertEquals(expected, transitions(Rules.rule("rate", "5m", kind, limit), readings).transform(told -> told.isEmpty() ? "none" : told));
    }

    @Test
    void itHasWhatOtherLimitsHave() {
        assertEquals("60:fired critical 12, 90:cleared critical -1", transitions(Rules.rule("rate", "1m", "above", 10.0, "clear_below", 5.0), "0:0 30:6 60:12 90:5"));
        assertEquals("60:fired warning 12, 65:changed critical 24", transitions(AlertRule.of(Map.of("name", "n", "metric", "x", "rate", "1m", "for", "0s", "clear_for", "0s", "longest_gap", "5m", "levels",
                List.of(Map.of("severity", "warning", "above", 10.0), Map.of("severity", "critical", "above", 20.0)))), "0:0 30:6 60:12 65:26"));
        assertEquals("80:fired critical 12", transitions(Rules.rule("rate", "1m", "outside", new Double[] {-10.0, 10.0}, "for", "20s"), "0:0 30:6 60:12 80:16 "));
        assertEquals("", transitions(Rules.rule("rate", "1m", "above", 10.0, "limits", Map.of("s1", 12.0)), "0:0 60:12"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            above | 2  | 2.4  | temperature rises by 2.4 per minute, above 2
            below | -2 | -3   | temperature falls by 3 per minute, below -2
            below | 1  | 0    | temperature does not change, below 1
            """)
    void theMessageTellsTheRate(String kind, double limit, double rate, String message) {
        AlertRule rule = Rules.rule("metric", "temperature", "rate", "5m", kind, limit);
        SensorRule state = new SensorRule(rule, "s");
        state.read(null, 0, 20);
        Transition fired = state.read(null, 300 * SECOND, 20 + 5 * rate);
        assertEquals(message, rule.messageFor(fired));
        assertEquals(0, BigDecimal.valueOf(rate).compareTo(rule.valueOf(fired)));
    }

    @Test
    void aValueBeyondAllMeasureHasARateThatCanBeWritten() {
        AlertRule rule = Rules.rule("rate", "10s", "above", 1.0);
        SensorRule state = new SensorRule(rule, "s");
        state.read(null, 0, -1e308);
        assertEquals(new BigDecimal("1.7976931348623157E308").toBigInteger(), rule.valueOf(state.read(null, 10 * SECOND, 1e308)).toBigInteger());
    }

    @Test
    void aReadingChangesNothingUntilOneHasToBeKept() {
        SensorRule state = new SensorRule(Rules.rule("rate", "1m", "above", 10.0), "s");
        for (int second = 0; second < 600; second++) {
            assertEquals(second % 5 != 0, state.isQuietAt(second * SECOND, 20 + second * 0.1), "second " + second);
            assertNull(state.read(null, second * SECOND, 20 + second * 0.1));
        }
        assertFalse(state.isQuietAt(600 * SECOND - 1, 99), "it rises too fast");
    }

    /** As the contract says it, from all readings, with nothing forgotten. */
    private static Double rate(List<KeptReading> readings, long span) {
        KeptReading present = readings.get(readings.size() - 1);
        List<KeptReading> kept = new ArrayList<>();
        for (KeptReading reading : readings) {
            if (!kept.isEmpty() && reading.at() - kept.get(kept.size() - 1).at() > span) {
                kept.clear();
            }
            if (kept.isEmpty() || 12 * (reading.at() - kept.get(kept.size() - 1).at()) >= span) {
                kept.add(reading);
            }
        }
        return kept.stream().filter(reading -> 12 * (present.at() - reading.at()) >= 11 * span).reduce((one, another) -> another)
                .map(reading -> BigDecimal.valueOf(present.value()).subtract(BigDecimal.valueOf(reading.value())).multiply(BigDecimal.valueOf(60 * SECOND))
                        .divide(BigDecimal.valueOf(present.at() - reading.at()), new MathContext(6)).doubleValue()).orElse(null);
    }

    /** A rule about values, which are the rates from all readings, tells what has to come of it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void itFiresAsALimitOfTheRatesFromAllReadingsDoes(long seed) {
        Random random = new Random(seed);
        int transitions = 0;
        int quietReadings = 0;
        for (int run = 0; run < 60; run++) {
            long span = (12 + random.nextInt(120)) * SECOND;
            int interval = 1 + random.nextInt(30);
            Object[] fields = {"for", random.nextInt(3) * random.nextInt(20) + "s", "clear_for", random.nextInt(3) * random.nextInt(20) + "s", "outside", new Double[] {-3.0, 3.0}, "clear_below", 2.0};
            Object[] withRate = IntStream.range(0, fields.length + 2).mapToObj(i -> i < fields.length ? fields[i] : i == fields.length ? "rate" : span / SECOND + "s").toArray();
            AlertRule rule = Rules.rule(withRate);
            SensorRule state = new SensorRule(rule, "s");
            SensorRule expected = new SensorRule(Rules.rule(fields), "s");
            List<KeptReading> readings = new ArrayList<>();
            QuietReadings quiet = new QuietReadings();
            quiet.removeAll();
            long at = 0;
            double value = 20;
            for (int index = 0; index < 150; index++) {
                at += random.nextInt(40) == 0 ? random.nextInt(600) * SECOND : random.nextInt(interval) * SECOND;
                value = Math.round((value + (random.nextInt(61) - 30) / 10.0) * 10) / 10.0;
                readings.add(new KeptReading(at, value));
                Double rate = rate(readings, span);
                if (random.nextInt(10) == 0) {
                    state = new SensorRule(rule, "s", state.save(), state.kept());
                }
                boolean isQuiet = quiet.contain(0, at, value);
                List<KeptReading> kept = state.kept();
                Transition transition = state.read(null, at, value);
                assertTrue(!isQuiet || transition == null && !state.hasState() && state.kept().equals(kept), "it is not quiet");
                quietReadings += isQuiet ? 1 : 0;
                quiet = new QuietReadings();
                state.retainQuiet(quiet, at);
                assertEquals(rate == null ? null : expected.read(null, at, rate), transition, "seed %d, run %d, reading %d".formatted(seed, run, index));
                transitions += transition == null ? 0 : 1;
            }
        }
        assertTrue(transitions > 200, "enough happened: " + transitions);
        assertTrue(quietReadings > 200, "enough was quiet: " + quietReadings);
    }

    /** In place of a detector: how far a value is from the mean of all before. */
    private static final class Score implements Measure {

        private double sum;
        private int count;

        @Override
        public double of(long at, double value) {
            return 1 - 1 / (1 + Math.abs(value - (count == 0 ? value : sum / count)));
        }

        @Override
        public boolean isKept(long at) {
            return true;
        }

        @Override
        public void keep(long at, double value) {
            sum += value;
            count++;
        }

        @Override
        public void retainQuiet(QuietReadings quiet, double from, double to, long at) {
            quiet.removeAll();
        }

        @Override
        public long lastKeptAt() {
            return Long.MIN_VALUE;
        }

        @Override
        public boolean isSurelyWithin(double from, double to, long at, double value) {
            return false;
        }

        @Override
        public boolean isBeforeLast(long at) {
            return false;
        }

        @Override
        public List<KeptReading> kept() {
            return List.of();
        }

        @Override
        public void forget() {
            sum = 0;
            count = 0;
        }
    }

    @Test
    void aScoreIsComparedLikeAValue() {
        SensorRule state = new SensorRule(Rules.rule("above", 0.8, "for", "10s"), "s", null, new Score());
        for (int second = 0; second < 60; second++) {
            assertNull(state.read(null, second * SECOND, 20 + second % 2));
        }
        assertNull(state.read(null, 60 * SECOND, 30));
        Transition fired = state.read(null, 70 * SECOND, 30);
        assertNotNull(fired);
        assertEquals("above 0.8", fired.reason());
        assertEquals(Transition.Kind.CLEARED, state.read(null, 71 * SECOND, 21).kind());
    }
}
