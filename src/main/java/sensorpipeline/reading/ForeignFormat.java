package sensorpipeline.reading;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** Recognizes by their bytes the formats most often mistaken for JSON in UTF-8. Stateless. */
public final class ForeignFormat {

    private static final Map<String, String> BY_FIRST_BYTES = new LinkedHashMap<>();

    static {
        BY_FIRST_BYTES.put("1f8b", "gzip");
        BY_FIRST_BYTES.put("28b52ffd", "zstd");
        BY_FIRST_BYTES.put("fd377a585a00", "xz");
        BY_FIRST_BYTES.put("04224d18", "LZ4");
        BY_FIRST_BYTES.put("ff060000734e61507059", "Snappy");
        BY_FIRST_BYTES.put("82534e4150505900", "Snappy");
        for (int size = 1; size <= 9; size++) {
            BY_FIRST_BYTES.put("425a683" + size + "314159265359", "bzip2");
        }
        BY_FIRST_BYTES.put("7801", "zlib (deflate)");
        BY_FIRST_BYTES.put("789c", "zlib (deflate)");
        BY_FIRST_BYTES.put("78da", "zlib (deflate)");
        BY_FIRST_BYTES.put("504b0304", "a zip archive");
        BY_FIRST_BYTES.put("4f626a01", "an Avro file");
        BY_FIRST_BYTES.put("c301", "Avro (single object)");
        BY_FIRST_BYTES.put("50415231", "Parquet");
        BY_FIRST_BYTES.put("d9d9f7", "CBOR");
        BY_FIRST_BYTES.put("3a290a", "Smile");
        BY_FIRST_BYTES.put("e00100ea", "Amazon Ion");
        BY_FIRST_BYTES.put("aced0005", "a serialized Java object");
        BY_FIRST_BYTES.put("53514c69746520666f726d6174203300", "an SQLite database");
        BY_FIRST_BYTES.put("d0cf11e0a1b11ae1", "an old Office file (xls)");
    }

    private static final int LONGEST = 16;
    private static final int SHOWN = 8;
    private static final int FRAME = 5;
    /** The byte order mark. */
    private static final int MARK = 0xFEFF;

    private ForeignFormat() {
    }

    /**
     * @param bytes a record, or the start of a file
     * @return what it is, to follow "it", such as "is gzip"; null if it may be UTF-8 text
     */
    public static String describe(byte[] bytes) {
        if (isBson(bytes)) {
            return "is BSON";
        }
        String unicode = unicode(bytes);
        if (unicode != null) {
            return unicode;
        }
        String start = HexFormat.of().formatHex(bytes, 0, Math.min(LONGEST, bytes.length));
        for (Map.Entry<String, String> format : BY_FIRST_BYTES.entrySet()) {
            if (start.startsWith(format.getKey())) {
                return "is " + format.getValue();
            }
        }
        if (bytes.length >= FRAME && bytes[0] == 0) {
            return "begins with a schema registry's frame (schema " + Integer.toUnsignedString(ByteBuffer.wrap(bytes).getInt(1)) + ")";
        }
        if (bytes.length >= 18 && bytes[0] == 3 && (bytes[1] == 0 || bytes[1] == 5)) {
            return "begins with a schema registry's frame (AWS Glue)";
        }
        return binary(bytes);
    }

    /**
     * @return true if a JSON parser that detects encodings, such as Jackson, would not read the bytes as UTF-8: valid JSON
     *     in UTF-8 has neither a zero among its first four bytes nor another byte order mark
     */
    static boolean isOtherEncoding(byte[] bytes) {
        boolean isOther = bytes[0] == (byte) 0xFE || bytes[0] == (byte) 0xFF;
        for (int i = 0; i < 4 && i < bytes.length; i++) {
            isOther |= bytes[i] == 0;
        }
        return isOther;
    }

    /** JSON and CSV begin with an ASCII character, whose other bytes are zero in these encodings. */
    private static String unicode(byte[] bytes) {
        int length = bytes.length;
        int first = length < 4 ? -1 : ByteBuffer.wrap(bytes).getInt(0);
        int second = length < 8 ? 0 : ByteBuffer.wrap(bytes).getInt(4);
        boolean is32 = isText(first) && isCharacter(second) || isText(Integer.reverseBytes(first)) && isCharacter(Integer.reverseBytes(second))
                || first == MARK || first == Integer.reverseBytes(MARK);
        if (is32 && length % 4 == 0) {
            return "is UTF-32, not UTF-8";
        }
        int pair = length < 2 ? -1 : ByteBuffer.wrap(bytes).getChar(0);
        int swapped = pair < 0 ? -1 : Character.reverseBytes((char) pair);
        return isText(pair) || isText(swapped) || pair == MARK || swapped == MARK ? "is UTF-16, not UTF-8" : null;
    }

    private static boolean isCharacter(int character) {
        return character >= 0 && character <= Character.MAX_CODE_POINT;
    }

    /** @return true for a printable ASCII character or white space */
    private static boolean isText(int character) {
        return character >= ' ' && character < 127 || character == '\n' || character == '\r' || character == '\t';
    }

    private static boolean isBson(byte[] bytes) {
        return bytes.length > 4 && ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0) == bytes.length && bytes[bytes.length - 1] == 0;
    }

    private static String binary(byte[] bytes) {
        if (bytes.length == 0 || !isBinary(bytes)) {
            return null;
        }
        int first = bytes[0] & 0xFF;
        if (first == 0x80 && bytes.length > 2 && bytes[1] <= 5 && bytes[bytes.length - 1] == '.') {
            return "is a Python pickle";
        }
        if (first >= 0x80 && first <= 0x8F || first == 0xDE || first == 0xDF) {
            return "looks like MessagePack";
        }
        if (first >= 0xA0 && first <= 0xBF) {
            return "looks like CBOR";
        }
        if (isProtobuf(bytes)) {
            return "looks like Protobuf";
        }
        boolean isTextAtFirst = isText(first) || isFirstOfSeveral(first);
        return isTextAtFirst ? null : "is binary, not text: it begins with the bytes "
                + HexFormat.ofDelimiter(" ").formatHex(bytes, 0, Math.min(SHOWN, bytes.length));
    }

    /** @return true if one of the bytes is a control character that JSON never contains, or if they are not UTF-8 text */
    private static boolean isBinary(byte[] bytes) {
        for (byte each : bytes) {
            if (each >= 0 && each < ' ' && each != '\n' && each != '\r' && each != '\t') {
                return true;
            }
        }
        int fault = Utf8.fault(bytes);
        // The start of a file may end within a character.
        boolean isCut = fault >= bytes.length - 3 && fault >= 0 && isFirstOfSeveral(bytes[fault] & 0xFF);
        return fault >= 0 && !isCut;
    }

    private static boolean isFirstOfSeveral(int first) {
        return first >= 0xC2 && first <= 0xF4;
    }

    /** @return true if all bytes parse as Protobuf fields: a tag with a small number, and a value of its type */
    private static boolean isProtobuf(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            int tag = bytes[at++];
            // Field numbers above 15 take two bytes; messages begin with small ones.
            if (tag < 8) {
                return false;
            }
            switch (tag & 7) {
                case 0 -> at = afterVarint(bytes, at);
                case 1 -> at += 8;
                case 2 -> {
                    int end = afterVarint(bytes, at);
                    // A length-delimited field of up to 127 bytes, as in readings.
                    at = at < bytes.length && end == at + 1 ? end + bytes[at] : bytes.length + 1;
                }
                case 5 -> at += 4;
                default -> {
                    return false;
                }
            }
        }
        return at == bytes.length;
    }

    private static int afterVarint(byte[] bytes, int start) {
        int at = start;
        while (at < bytes.length && bytes[at] < 0) {
            at++;
        }
        return at < bytes.length && at - start < 10 ? at + 1 : bytes.length + 1;
    }
}
