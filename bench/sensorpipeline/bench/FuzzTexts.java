package sensorpipeline.bench;

import java.util.List;
import java.util.Random;

/** Texts at the edges of JSON, UTF-8, PostgreSQL's text, jsonb and index entries, and our parser. Not thread-safe: the random numbers are the caller's. */
final class FuzzTexts {

    private static final int[] LENGTHS = {0, 1, 2, 59, 60, 61, 199, 200, 201, 255, 300};
    private static final int[] LONG_LENGTHS = {676, 1000, 2700, 2712, 8192, 49_999, 50_000, 50_001, 70_000};
    /** Each as it stands between the quotes. Several bytes a character, several characters when folded or normalized, none that is shown, or half of one. */
    private static final List<String> CHARACTERS = List.of("a", "Z", "0", " ", "\u00e9", "\u00df", "\u0130", "\u0131", "\u03c2", "\u1e9e", "\ufdfa", "\ufb03", "e\u0301", "\u200b", "\u202e", "\u2028", "\u4e2d", "\uac00", "\ufffd",
            "\ufeff", "\ufffe", "\uffff", "\ud83d\ude00", "\udbff\udfff", "\ud835\udd4f", "\ud83d\udc68\u200d\ud83d\udc69", "\\\"", "\\\\", "\\/", "'", "%", "_", "{", "}", "$1", ":?x", "\u007f", "\u0085", "\u00a0", "\\u00e9", "\\ud83d\\ude00");
    private static final List<String> REFUSED = List.of("\\u0000", "\\u0001", "\\n", "\\u001f", "\\ud800", "\\udc00", "\\ude00\\ud83d", "\\x", "\\u12", "\n", "\u0001", "\t");
    private static final List<String> WHOLE = List.of("null", "NULL", "NaN", "true", "0", "-1", "17.5", "15 C", "{}", "[]", "{1,NULL}", "'; DROP TABLE reading; --", "%s%n%d", "${body}", "{{db.password}}", "..", "/", "constructor",
            "__proto__", "sensor_id", "location", "timestamp", "received_at", "metrics", "attributes", "values", "metric", "count", "avg_a", "temperature", "Temperature", "TEMPERATURE", " temperature ", "   ", "\u00a0");

    private FuzzTexts() {
    }

    /** @return what may stand between the quotes of a string of JSON, or may not */
    static String any(Random random) {
        if (random.nextInt(3) == 0) {
            return WHOLE.get(random.nextInt(WHOLE.size()));
        }
        int length = random.nextInt(200) == 0 ? LONG_LENGTHS[random.nextInt(LONG_LENGTHS.length)]
                : random.nextInt(3) == 0 ? LENGTHS[random.nextInt(LENGTHS.length)] : 1 + random.nextInt(12);
        String same = random.nextInt(3) == 0 ? null : pick(CHARACTERS, random);
        StringBuilder text = new StringBuilder(length);
        // Long ones consist of characters, so that lengths in characters, chars and bytes differ.
        for (int i = 0; i < length; i++) {
            text.append(same == null ? pick(CHARACTERS, random) : same);
        }
        if (random.nextInt(15) == 0) {
            text.append(pick(REFUSED, random));
        }
        return text.toString();
    }

    private static String pick(List<String> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }
}
