package sensorpipeline.reading;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/**
 * Reads seconds, milliseconds, microseconds or nanoseconds since 1970 UTC, distinguished by magnitude: the ranges do not
 * overlap from the year 1973 to the year 5138. Stateless.
 */
final class EpochTime {

    private static final long LEAST_MILLISECONDS = 100_000_000_000L;
    private static final long LEAST_MICROSECONDS = 100_000_000_000_000L;
    private static final long LEAST_NANOSECONDS = 100_000_000_000_000_000L;
    /** An integer with more digits is after the year 2286 in any unit. */
    private static final int MOST_DIGITS = 19;
    private static final Pattern DIGITS = Pattern.compile("[+-]?[0-9]{1,40}(\\.[0-9]{1,40})?");

    private EpochTime() {
    }

    /** @return microseconds since 1970 UTC, truncated */
    static long micros(long number) {
        long size = Math.abs(number);
        if (size < LEAST_MILLISECONDS) {
            return number * 1_000_000;
        }
        if (size < LEAST_MICROSECONDS) {
            return number * 1_000;
        }
        return size < LEAST_NANOSECONDS ? number : Math.floorDiv(number, 1_000);
    }

    /**
     * @param number in JSON syntax, with or without a fraction or an exponent
     * @return microseconds since 1970 UTC, truncated; {@link Iso8601#NOT_A_TIME} if it is too large in every unit
     */
    static long micros(BigDecimal number) {
        long digits = (long) number.precision() - number.scale();
        if (digits > MOST_DIGITS) {
            return Iso8601.NOT_A_TIME;
        }
        if (number.signum() == 0 || digits < 0) {
            return 0;
        }
        BigDecimal size = number.abs();
        int shift = size.compareTo(BigDecimal.valueOf(LEAST_MILLISECONDS)) < 0 ? 6
                : size.compareTo(BigDecimal.valueOf(LEAST_MICROSECONDS)) < 0 ? 3
                : size.compareTo(BigDecimal.valueOf(LEAST_NANOSECONDS)) < 0 ? 0 : -3;
        return number.scaleByPowerOfTen(shift).setScale(0, RoundingMode.FLOOR).longValueExact();
    }

    /** @return true for digits with an optional sign and fraction */
    static boolean isDigits(String text) {
        return DIGITS.matcher(text).matches();
    }
}
