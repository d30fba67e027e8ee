package sensorpipeline.producer;

import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Records of NDJSON: one JSON object per line. Not thread-safe. */
final class JsonLines implements RecordedReadings {

    /** More names are probably generated, and would only fill memory. */
    private static final int MOST_FIELDS = 1000;

    private final BufferedReader lines;
    private final Map<String, ValueCount> fields = new TreeMap<>();
    private long line;

    JsonLines(InputStream file) {
        // ISO 8859-1 preserves every byte, whatever the encoding of the file.
        lines = new BufferedReader(new InputStreamReader(file, StandardCharsets.ISO_8859_1));
    }

    @Override
    public Recorded next() throws IOException {
        String text;
        do {
            text = lines.readLine();
            line++;
        } while (text != null && text.isBlank());
        return text == null ? null : Recorded.of(text.getBytes(StandardCharsets.ISO_8859_1), (name, token, value) -> {
            ValueCount count = fields.size() < MOST_FIELDS ? fields.computeIfAbsent(name, ValueCount::new) : fields.get(name);
            if (count != null && (token.isNumeric() || token.isBoolean())) {
                count.number();
            } else if (count != null && token != JsonToken.VALUE_NULL) {
                count.text(value, line);
            }
        });
    }

    @Override
    public long line() {
        return line;
    }

    /** @return the number of numbers and texts in each field so far */
    Iterable<ValueCount> fields() {
        return fields.values();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
