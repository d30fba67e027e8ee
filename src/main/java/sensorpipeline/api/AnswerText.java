package sensorpipeline.api;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;

/** A growing buffer for a response in UTF-8. Not thread-safe. */
final class AnswerText {

    /** Microseconds. */
    static final long SECOND = 1_000_000;

    private static final int MICROSECOND_DIGITS = 6;
    private static final double LARGEST_IN_DIGITS = 1e15;

    private byte[] bytes;
    private int length;
    private long writtenSecond = Long.MIN_VALUE;
    private byte[] secondText;

    /** @param size initial capacity in bytes; it grows as needed */
    AnswerText(int size) {
        bytes = new byte[size];
    }

    /** @return the number of bytes so far */
    int length() {
        return length;
    }

    /** Removes all bytes. */
    void clear() {
        length = 0;
    }

    /** Copies a range of bytes to another array. */
    void copyTo(byte[] target, int offset, int from, int count) {
        System.arraycopy(bytes, from, target, offset, count);
    }

    /** @return a copy of all bytes */
    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    /** Adds bytes as they are. */
    AnswerText add(byte[] text) {
        room(text.length);
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
        return this;
    }

    /** Adds any text. */
    AnswerText add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds one ASCII character. */
    AnswerText add(char character) {
        room(1);
        bytes[length++] = (byte) character;
        return this;
    }

    /** Adds a range of ASCII characters of a text; the end is exclusive. */
    AnswerText addAscii(String text, int from, int until) {
        room(until - from);
        for (int i = from; i < until; i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
        return this;
    }

    /**
     * Adds a time as ISO 8601 in UTC with six digits of a second.
     *
     * @param microseconds since 1970
     */
    AnswerText addTime(long microseconds) {
        long second = Math.floorDiv(microseconds, SECOND);
        if (second != writtenSecond) {
            // Readings are in time order: most have the same second as the previous one.
            secondText = (LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC).withNano(1).toString().substring(0, 19) + ".").getBytes(StandardCharsets.US_ASCII);
            writtenSecond = second;
        }
        add(secondText);
        room(MICROSECOND_DIGITS);
        int rest = (int) (microseconds - second * SECOND);
        for (int i = MICROSECOND_DIGITS - 1; i >= 0; i--) {
            bytes[length + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += MICROSECOND_DIGITS;
        return add('Z');
    }

    /** Adds a number in digits, as far as they are few: 76090417152 and 20 rather than Java's 7.6090417152E10 and 20.0. */
    AnswerText add(double number) {
        if (number == Math.rint(number) && Math.abs(number) < LARGEST_IN_DIGITS) {
            return add(Long.toString((long) number));
        }
        return add(Math.abs(number) >= 1 && Math.abs(number) < LARGEST_IN_DIGITS ? BigDecimal.valueOf(number).toPlainString() : Double.toString(number));
    }

    private void room(int count) {
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }
}
