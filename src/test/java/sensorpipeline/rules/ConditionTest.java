package sensorpipeline.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.http.RequestError;

/** Conditions mean what they mean in CEL, whose own evaluation stands beside them, and what is not allowed is told with its place. */
class ConditionTest {

    private static final List<String> METRICS = List.of("a", "b", "c");

    private static boolean holds(String text, double... values) {
        Condition condition = ConditionText.read(text);
        return condition.holds(values, IntStream.range(0, condition.metrics().size()).toArray());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            heart_rate > 120 && spo2 < 90             ; heart_rate,spo2
            spo2 < 90.5 || spo2 > 100 && b == 1       ; spo2,b
            metric["flow-rate"] > metric['a.b']       ; flow-rate,a.b
            metric["x"] + x > 1                       ; x
            metric > 1 && math > 2 && int > 3         ; metric,math,int
            metric["package"] > 1 // comment          ; package
            """)
    void itsNamesAreMetrics(String text, String metrics) {
        assertEquals(List.of(metrics.split(",")), ConditionText.read(text).metrics());
    }

    @Test
    void readingsNeedAllItsMetrics() {
        Condition condition = ConditionText.read("c > 1 || a > 2");
        assertArrayEquals(new int[] {2, 0}, condition.placesIn(List.of("a", "b", "c")));
        assertNull(condition.placesIn(List.of("b", "c")));
        assertTrue(condition.holds(new double[] {0, 9, 2}, new int[] {2, 0}));
        assertEquals("c 2.5, a 0", condition.describe(new double[] {0, 9, 2.5}, new int[] {2, 0}));
    }

    @Test
    void wholeNumbersAreNumbersAsAllOthers() {
        assertTrue(holds("a > 120", 120.5));
        assertTrue(holds("a - 5 > 0x10", 21.5));
        assertTrue(holds("a == 1 / 2", 0.5));
        assertTrue(holds("a in [1, 2.5, b - 1]", 4, 5));
        assertTrue(holds("-a > -5", 4));
    }

    @Test
    void nothingFails() {
        assertTrue(holds("a / b > 1000", 1, 0));
        assertFalse(holds("a / b > 0 || a / b <= 0", 0, 0));
        assertTrue(holds("a / b != 1", 0, 0));
        assertTrue(holds("a / b != a / b", 0, 0));
        assertTrue(holds("-a == 0 && -a in [0]", 0));
        assertFalse(holds("math.sqrt(a) >= 0", -1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a > 1 && matches(b, 'x')   | when, character 17: matches cannot be used, only + - * /
            a.matches('x')             | when, character 10: matches cannot be used, only
            [1].exists(x, x > a)       | when, character 11: exists cannot be used, only
            math.log(a) > 1            | when, character 9: math.log cannot be used, only
            a % 2 == 1                 | when, character 3: % cannot be used, only
            a + 1                      | when must be true or false of a reading, such as heart_rate > 120; got 'a + 1', which is a number
            1 > 2                      | when must name a metric, such as heart_rate > 120; got '1 > 2'
            a > 1 && b                 | when, character 7: && cannot be applied to (true or false, number)
            a < b < c                  | when, character 7: < cannot be applied to (true or false, number)
            a > 'x'                    | when, character 5: values are numbers; a text can only be the name of a metric
            a > 5u                     | when, character 5: only true, false and numbers such as 5 or 5.5 can be used
            flow.rate > 1              | when, character 5: a metric whose name is not made of letters, digits and underscores is written as metric["the name"]
            a[1] > 1                   | when, character 2: [ can only follow metric, with the name of a metric
            a in b                     | when, character 6: in must be followed by a list of numbers, such as [1, 2]
            [a] == [b]                 | when, character 1: a list can only follow in
            {1: 2}[1] > a              | when, character 7: [ can only follow metric
            a > {1: 2}                 | when, character 5: only numbers, metrics and + - * /
            package > 1                | when, character 1: reserved identifier: package; a metric of this name is written as metric["the name"]
            a > 1 and b > 1            | when, character 7: unexpected 'and'
            a >                        | when, character 4: the expression is incomplete
            (a > 1                     | when, character 7: missing ')'
            a > 99999999999999999999   | when, character 5: a number is too great, or is not one; write great numbers with a decimal point
            a > 1e400                  | when, character 5: a number is too great
            metric[''] > 1             | when, character 7: the name of a metric must be text of 1 to 200 characters; got 0
            """)
    void whatIsWrongIsToldWithItsPlace(String text, String message) {
        RequestError error = assertThrows(RequestError.class, () -> ConditionText.read(text));
        assertEquals(400, error.getStatus());
        assertTrue(error.getMessage().startsWith(message), error.getMessage());
    }

    @Test
    void itsCostIsBounded() {
        assertThrows(RequestError.class, () -> ConditionText.read("(".repeat(400) + "a > 1" + ")".repeat(400)));
        assertThrows(RequestError.class, () -> ConditionText.read("[".repeat(1000)));
        assertThrows(RequestError.class, () -> ConditionText.read("a > 1" + " ".repeat(996)));
        assertThrows(RequestError.class, () -> ConditionText.read("math.least(a" + ",a".repeat(10) + ") > 1"));
        String most = "a > 1" + " && a > 1".repeat(24);
        assertEquals(List.of("a"), ConditionText.read(most).metrics());
        RequestError error = assertThrows(RequestError.class, () -> ConditionText.read(most + " && a > 1"));
        assertEquals("when must have at most 100 numbers, names, operators and functions", error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void itIsTrueWhereItIsInCel(long seed) throws CelValidationException, CelEvaluationException {
        CelOptions options = CelOptions.current().build();
        CelCompiler compiler = CelCompilerFactory.standardCelCompilerBuilder().addLibraries(CelExtensions.math(options)).addVar("a", SimpleType.DOUBLE).addVar("b", SimpleType.DOUBLE)
                .addVar("c", SimpleType.DOUBLE).build();
        CelRuntime runtime = CelRuntimeFactory.standardCelRuntimeBuilder().addLibraries(CelExtensions.math(options)).build();
        Random random = new Random(seed);
        int compared = 0;
        int holds = 0;
        while (compared < 2000) {
            String text = "a + b + c > -100.0 && " + truth(random, 4);
            if (text.length() > 400) {
                continue;
            }
            CelRuntime.Program program = runtime.createProgram(compiler.compile(text).getAst());
            Condition condition = ConditionText.read(text);
            for (int reading = 0; reading < 5; reading++) {
                double[] values = {random.nextInt(9) - 4, random.nextInt(9) - 4, random.nextInt(90) / 10.0};
                boolean expected = (boolean) program.eval(Map.of("a", values[0], "b", values[1], "c", values[2]));
                assertEquals(expected, condition.holds(values, condition.placesIn(METRICS)), () -> text + " for " + List.of(values[0], values[1], values[2]));
                compared++;
                holds += expected ? 1 : 0;
            }
        }
        assertTrue(holds > 300 && holds < 1700, "both happened: " + holds);
    }

    private static String truth(Random random, int depth) {
        if (depth == 0) {
            return random.nextInt(8) == 0 ? "true" : "(a < 2.0)";
        }
        return switch (random.nextInt(12)) {
            case 0 -> "(%s && %s)".formatted(truth(random, depth - 1), truth(random, depth - 1));
            case 1 -> "(%s || %s)".formatted(truth(random, depth - 1), truth(random, depth - 1));
            case 2 -> "!(%s)".formatted(truth(random, depth - 1));
            case 3 -> "(%s ? %s : %s)".formatted(truth(random, depth - 1), truth(random, depth - 1), truth(random, depth - 1));
            case 4 -> "(%s %s %s)".formatted(truth(random, depth - 1), random.nextBoolean() ? "==" : "!=", truth(random, depth - 1));
            // Without -0, and with at most one NaN: for the runtime in Java, 0 is not equal to -0, and NaN is to NaN; by the specification it is the other way round.
            case 5 -> "(%s + 0.0 in [%s, %s, 1.0])".formatted(number(random, depth - 1), number(random, 0), number(random, 0));
            case 6 -> "(%s + 0.0 %s %s)".formatted(number(random, depth - 1), random.nextBoolean() ? "==" : "!=", number(random, 0));
            default -> "(%s %s %s)".formatted(number(random, depth - 1), List.of("<", "<=", ">", ">=").get(random.nextInt(4)), number(random, depth - 1));
        };
    }

    private static String number(Random random, int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            return random.nextBoolean() ? METRICS.get(random.nextInt(3)) : (random.nextInt(9) - 4) + ".5";
        }
        return switch (random.nextInt(7)) {
            case 0 -> "(%s ? %s : %s)".formatted(truth(random, depth - 1), number(random, depth - 1), number(random, depth - 1));
            case 1 -> "-(%s)".formatted(number(random, depth - 1));
            case 2 -> "math.%s(%s)".formatted(List.of("abs", "ceil", "floor", "sqrt").get(random.nextInt(4)), number(random, depth - 1));
            case 3 -> "math.%s(%s, %s, %s)".formatted(random.nextBoolean() ? "least" : "greatest", METRICS.get(random.nextInt(3)), METRICS.get(random.nextInt(3)), "1.5");
            default -> "(%s %s %s)".formatted(number(random, depth - 1), List.of("+", "-", "*", "/").get(random.nextInt(4)), number(random, depth - 1));
        };
    }
}
