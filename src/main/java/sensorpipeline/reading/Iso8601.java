package sensorpipeline.reading;

import java.time.LocalDate;
import java.time.YearMonth;

/**
 * Parses an ISO 8601 date and time: {@code 2025-01-15T10:30:00.123Z} and its variants. A lower-case {@code t} or a space may replace
 * {@code T}, a comma the decimal point; seconds, fraction and offset are optional; the basic format ({@code 20250115T103000Z}) is
 * also accepted. {@code 24:00:00} and the leap second {@code 23:59:60} (UTC) are the start of the next day. Stateless.
 */
final class Iso8601 {

    /** Returned for text of any other format. */
    static final long NOT_A_TIME = Long.MIN_VALUE;

    private static final int NO_OFFSET = Integer.MIN_VALUE;
    private static final int LARGEST_OFFSET = 18 * 60;
    private static final int MINUTES_A_DAY = 24 * 60;

    private Iso8601() {
    }

    /**
     * @param text contains the characters, in ASCII
     * @param start index of the first of them
     * @param end index after the last of them
     * @return microseconds since 1970 UTC, truncated; UTC if the text has no offset; or {@link #NOT_A_TIME}
     */
    static long micros(byte[] text, int start, int end) {
        if (end - start < "20250115T1030".length()) {
            return NOT_A_TIME;
        }
        // Characters between two numbers: one in the extended format, none in the basic format.
        int gap = text[start + 4] == '-' ? 1 : 0;
        int at = start + 8 + 2 * gap;
        if (end - at < 5 + gap || text[at] != 'T' && text[at] != 't' && text[at] != ' ' || gap == 1 && (text[start + 7] != '-' || text[at + 3] != ':')) {
            return NOT_A_TIME;
        }
        int year = number(text, start, start + 4);
        int month = number(text, start + 4 + gap, start + 6 + gap);
        int day = number(text, at - 2, at);
        int hour = number(text, at + 1, at + 3);
        int minute = number(text, at + 3 + gap, at + 5 + gap);
        at += 5 + gap;
        int second = 0;
        int fraction = 0;
        if (end - at >= 2 + gap && (gap == 1 ? text[at] == ':' : isDigit(text[at]))) {
            second = number(text, at + gap, at + gap + 2);
            at += 2 + gap;
            if (at < end && (text[at] == '.' || text[at] == ',')) {
                int point = ++at;
                for (int unit = 100_000; at < end && isDigit(text[at]); unit /= 10) {
                    fraction += (text[at++] - '0') * unit;
                }
                if (at == point) {
                    return NOT_A_TIME;
                }
            }
        }
        int offset = at == end ? 0 : offset(text, at, end);
        // A day above 28 depends on the month.
        if (offset == NO_OFFSET || year < 0 || month < 1 || month > 12 || day < 1 || day > 28 && day > YearMonth.of(year, month).lengthOfMonth()
                || hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 || hour == 24 && minute + second + fraction > 0) {
            return NOT_A_TIME;
        }
        long minutes = LocalDate.of(year, month, day).toEpochDay() * MINUTES_A_DAY + hour * 60L + minute - offset;
        boolean isLeapSecond = second == 60 && Math.floorMod(minutes, MINUTES_A_DAY) == MINUTES_A_DAY - 1;
        return second < 60 || isLeapSecond ? (minutes * 60 + second) * 1_000_000 + fraction : NOT_A_TIME;
    }

    /** @return true if a time that {@link #micros} accepts has an offset or {@code Z} */
    static boolean hasOffset(String time) {
        int length = time.length();
        // After the date, whose hyphens do not begin an offset.
        String ofDay = length < 10 ? "" : time.substring(10);
        return ofDay.endsWith("Z") || ofDay.endsWith("z") || ofDay.indexOf('+') >= 0 || ofDay.indexOf('-') >= 0;
    }

    /** @return minutes east of UTC of {@code Z}, {@code +07}, {@code +0700} or {@code +07:00}, optionally after a space, or NO_OFFSET */
    private static int offset(byte[] text, int start, int end) {
        int at = text[start] == ' ' ? start + 1 : start;
        if (end - at == 1) {
            return text[at] == 'Z' || text[at] == 'z' ? 0 : NO_OFFSET;
        }
        if (end - at < 3 || text[at] != '+' && text[at] != '-') {
            return NO_OFFSET;
        }
        int minutesAt = end - at == 6 && text[at + 3] == ':' ? at + 4 : at + 3;
        int hours = number(text, at + 1, at + 3);
        int minutes = minutesAt == end ? 0 : end - minutesAt == 2 ? number(text, minutesAt, end) : -1;
        if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > LARGEST_OFFSET) {
            return NO_OFFSET;
        }
        return text[at] == '-' ? -(hours * 60 + minutes) : hours * 60 + minutes;
    }

    private static boolean isDigit(byte character) {
        return character >= '0' && character <= '9';
    }

    /** @return the number in these characters, or -1 if one is not a digit */
    private static int number(byte[] text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
