package sensorpipeline.reading;

/** Validates UTF-8 strictly: JSON parsers accept overlong forms and encoded surrogates, which are not UTF-8. Stateless. */
final class Utf8 {

    private Utf8() {
    }

    /** @return index of the first invalid byte, or -1 if all are valid UTF-8 */
    static int fault(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            if (bytes[at] >= 0) {
                at++;
                continue;
            }
            int length = length(bytes, at);
            for (int i = 1; i < length; i++) {
                if (at + i >= bytes.length || (bytes[at + i] & 0xC0) != 0x80) {
                    return at;
                }
            }
            if (length == 0) {
                return at;
            }
            at += length;
        }
        return -1;
    }

    /** @return the length of the character that begins here, by its first two bytes; 0 if they are invalid */
    private static int length(byte[] bytes, int at) {
        int first = bytes[at] & 0xFF;
        int second = at + 1 < bytes.length ? bytes[at + 1] & 0xFF : 0;
        if (first < 0xE0) {
            return first >= 0xC2 ? 2 : 0;
        }
        if (first < 0xF0) {
            boolean isOverlong = first == 0xE0 && second < 0xA0;
            boolean isSurrogate = first == 0xED && second > 0x9F;
            return isOverlong || isSurrogate ? 0 : 3;
        }
        boolean isOverlong = first == 0xF0 && second < 0x90;
        boolean isTooLarge = first > 0xF4 || first == 0xF4 && second > 0x8F;
        return isOverlong || isTooLarge ? 0 : 4;
    }
}
