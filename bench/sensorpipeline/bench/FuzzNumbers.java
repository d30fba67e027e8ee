package sensorpipeline.bench;

import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Numbers at the edges of JSON, Java's double, PostgreSQL's float8 and numeric, and our parser. Not thread-safe: the random numbers are the caller's. */
final class FuzzNumbers {

    /** Metrics of valid readings: their sums, averages and squares are at the edges as well. */
    private static final List<String> FINITE = List.of("0", "-0", "-0.0", "0.0", "1e308", "-1e308", "1.7976931348623157e308", "-1.7976931348623157e308", "8.98846567431158e307",
            "1e-270", "-1.00000000001e-270", "9.99e-271", "1e-300", "-1.00000000001e-300", "1.0000000000000002e-300", "9.99e-301", "4.9e-324", "-4.9e-324", "2.2250738585072014e-308", "2.2250738585072011e-308", "1e154", "1.4e154", "1e-160",
            "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551616", "9007199254740993", "0.1", "1e22", "1e23",
            "5e-324", "2e-324", "1e-400", "1e-99999999999", "0e0", "0e99999999999", "-0e-99999999999", "1E+2", "1e-2", "1e00000000000000000000001");
    private static final List<String> ODD = List.of("1.7976931348623159e308", "1e309", "-1e309", "1e400000", "1e131071", "1e131072", "1e2147483647", "1e2147483648", "1e-2147483648",
            "1e-16383", "1e-16384", "0e-15999", "0e-16000", "0e-16001", "0e-16383", "0e-16384", "0e-20000", "0e15999", "0e16001", "0e131071", "0e131072", "0e2147483647", "0e-2147483649", "0.0e-16383",
            "1e-323", "3e-324", "1.00000000000000000000000000000001e-320", "NaN", "Infinity", "-Infinity", "+1", "01", "-01", "1.", ".5", "-.5", "1e", "1e+", "-", "--1", "0x10", "1_000", "1,5", "１", "٣", "1e1.5", "1f", "1d", "0b1");
    private static final int[] LENGTHS = {14, 15, 16, 17, 18, 19, 20, 40, 99, 100, 101, 308, 309, 310, 999, 1000, 1001, 1100, 16_383, 131_072, 140_000};

    private FuzzNumbers() {
    }

    /** @return a number that is a metric */
    static String metric(Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> FINITE.get(random.nextInt(FINITE.size()));
            case 1 -> anyDouble(random);
            case 2 -> String.valueOf(random.nextBoolean());
            case 3, 4 -> String.valueOf(random.nextInt(2000) - 1000);
            default -> String.format(Locale.ROOT, "%.2f", random.nextGaussian() * 50);
        };
    }

    /** @return a number at an edge, or something that looks like one */
    static String odd(Random random) {
        return switch (random.nextInt(6)) {
            case 0, 1 -> FINITE.get(random.nextInt(FINITE.size()));
            case 2, 3 -> ODD.get(random.nextInt(ODD.size()));
            case 4 -> anyDouble(random);
            default -> digits(random);
        };
    }

    private static String anyDouble(Random random) {
        double number = Double.longBitsToDouble(random.nextLong());
        return Double.isFinite(number) ? String.valueOf(number) : "0.5";
    }

    /** @return many digits, before or after the point, mostly few: long ones cost the run its time */
    private static String digits(Random random) {
        int length = LENGTHS[random.nextInt(random.nextInt(50) == 0 ? LENGTHS.length : LENGTHS.length - 3)];
        StringBuilder text = new StringBuilder(length + 16).append(random.nextInt(3) == 0 ? "-" : "").append((char) ('1' + random.nextInt(9)));
        int kind = random.nextInt(4);
        for (int i = 1; i < length; i++) {
            text.append(kind == 0 ? '0' : (char) ('0' + random.nextInt(10)));
        }
        if (random.nextBoolean()) {
            text.insert(text.length() - 1 - random.nextInt(length - 1), '.');
        }
        return random.nextInt(3) == 0 ? text.append('e').append(random.nextInt(700) - 350 - length / 2).toString() : text.toString();
    }
}
