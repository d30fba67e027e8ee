package sensorpipeline.reading;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Parses the members of a JSON object of the form that nearly all devices send: no nesting, strings of printable ASCII without escapes,
 * numbers of up to 15 digits. It costs a third of a full parser, which handles everything else, including all errors. Not thread-safe.
 */
final class UsualRecord {

    /** Result of {@link #next}. */
    enum Member {
        /** A member whose value is a string: {@link #text()}. */
        TEXT,
        /** A member whose value is a number or a boolean: {@link #number()}. */
        NUMBER,
        /** The end of the object and the record. */
        END,
        /** Anything else, valid or not. */
        UNUSUAL
    }

    /** Powers of ten that a double represents exactly: dividing an integer below 2^53 by one of them rounds only once. */
    private static final double[] POWERS_OF_TEN = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    private static final int MOST_DIGITS = 15;
    private static final int KNOWN = 1024;
    /** The number of decimals of a boolean. */
    private static final int NO_NUMBER = -1;

    /** Known names and values, by hash: most are one of few. */
    private final String[] known = new String[KNOWN];
    private byte[] bytes;
    private int at;
    private boolean isFirst;
    private String name;
    private int textStart;
    private int textEnd;
    private double number;
    private long digits;
    private int decimals;

    /** Starts with a record. */
    void open(byte[] record) {
        bytes = record;
        at = 0;
        isFirst = true;
    }

    String name() {
        return name;
    }

    String text() {
        return new String(bytes, textStart, textEnd - textStart, StandardCharsets.ISO_8859_1);
    }

    /** @return the text, which is one of few: mostly the same instance for the same text */
    String knownText() {
        return knownText(textStart, textEnd);
    }

    byte[] bytes() {
        return bytes;
    }

    int textStart() {
        return textStart;
    }

    int textEnd() {
        return textEnd;
    }

    /** @return the value; true is 1 and false is 0 */
    double number() {
        return number;
    }

    /** @return true if the value is a number without a fraction: {@link #whole()} as a number, {@link #text()} as its digits */
    boolean isWhole() {
        return decimals == 0;
    }

    long whole() {
        return digits;
    }

    /** Advances to the next member. */
    Member next() {
        skipSpace();
        if (isFirst) {
            if (!take('{')) {
                return Member.UNUSUAL;
            }
            isFirst = false;
            skipSpace();
        } else if (take('}')) {
            skipSpace();
            return at == bytes.length ? Member.END : Member.UNUSUAL;
        } else if (!take(',')) {
            return Member.UNUSUAL;
        } else {
            skipSpace();
        }
        if (!readString()) {
            return Member.UNUSUAL;
        }
        name = knownText(textStart, textEnd);
        skipSpace();
        if (!take(':')) {
            return Member.UNUSUAL;
        }
        skipSpace();
        if (at == bytes.length) {
            return Member.UNUSUAL;
        }
        return switch (bytes[at]) {
            case '"' -> readString() ? Member.TEXT : Member.UNUSUAL;
            case 't' -> readWord("true", 1);
            case 'f' -> readWord("false", 0);
            default -> readNumber();
        };
    }

    private void skipSpace() {
        while (at < bytes.length && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\t' || bytes[at] == '\r')) {
            at++;
        }
    }

    private boolean take(char wanted) {
        if (at < bytes.length && bytes[at] == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private boolean readString() {
        if (!take('"')) {
            return false;
        }
        textStart = at;
        while (at < bytes.length && bytes[at] != '"') {
            // Bytes above 126 are negative, or the control character DEL.
            if (bytes[at] < ' ' || bytes[at] == '\\' || bytes[at] == 127) {
                return false;
            }
            at++;
        }
        textEnd = at;
        return take('"');
    }

    private String knownText(int start, int end) {
        int hash = 0;
        for (int i = start; i < end; i++) {
            hash = hash * 31 + bytes[i];
        }
        int place = (hash ^ hash >>> 16) & KNOWN - 1;
        String text = known[place];
        if (text == null || !isSame(text, start, end)) {
            text = text();
            known[place] = text;
        }
        return text;
    }

    private boolean isSame(String text, int start, int end) {
        if (text.length() != end - start) {
            return false;
        }
        for (int i = start; i < end; i++) {
            if (text.charAt(i - start) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private Member readWord(String word, double value) {
        int end = at + word.length();
        if (end > bytes.length || !Arrays.equals(bytes, at, end, word.getBytes(StandardCharsets.ISO_8859_1), 0, word.length())) {
            return Member.UNUSUAL;
        }
        at = end;
        number = value;
        decimals = NO_NUMBER;
        return Member.NUMBER;
    }

    private Member readNumber() {
        textStart = at;
        boolean isNegative = take('-');
        int start = at;
        long read = readDigits(0);
        int count = at - start;
        // JSON allows neither a number without digits before the point nor one with leading zeros.
        if (count == 0 || count > 1 && bytes[start] == '0') {
            return Member.UNUSUAL;
        }
        int fraction = 0;
        if (take('.')) {
            int point = at;
            read = readDigits(read);
            fraction = at - point;
            if (fraction == 0) {
                return Member.UNUSUAL;
            }
        }
        if (count + fraction > MOST_DIGITS || at < bytes.length && (bytes[at] == 'e' || bytes[at] == 'E')) {
            return Member.UNUSUAL;
        }
        textEnd = at;
        decimals = fraction;
        digits = isNegative ? -read : read;
        number = read / POWERS_OF_TEN[fraction];
        number = isNegative ? -number : number;
        return Member.NUMBER;
    }

    /** @return the previous digits followed by these; more than 15 overflow, which the caller leaves to the full parser */
    private long readDigits(long before) {
        long read = before;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
            read = read * 10 + bytes[at] - '0';
            at++;
        }
        return read;
    }
}
