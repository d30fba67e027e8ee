package sensorpipeline.producer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The readings of a file, one after another: CSV with a header if its name ends in {@code .csv}, else NDJSON. What is no
 * reading is passed on as it is; to refuse it is the store's part, where it becomes a dead letter. Used by one thread.
 */
final class RecordedReadings implements Closeable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> TEXT_COLUMNS = Set.of("sensor_id", "location");
    private static final Pattern JSON_NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

    /**
     * A reading of the file.
     *
     * @param sensorId its sensor, or null if it names none
     * @param at the recorded time, or null if it has none that can be read
     * @param json the reading as a device would send it
     */
    record Recorded(String sensorId, Instant at, byte[] json) {

        /** @return the same reading at another time */
        Recorded shifted(Duration shift) {
            if (at == null || shift.isZero()) {
                return this;
            }
            try {
                ObjectNode fields = (ObjectNode) JSON.readTree(json);
                fields.put("timestamp", at.plus(shift).toString());
                return new Recorded(sensorId, at.plus(shift), JSON.writeValueAsBytes(fields));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private interface Source extends Closeable {
        Recorded next() throws IOException;
    }

    private final Source source;

    private RecordedReadings(Source source) {
        this.source = source;
    }

    /** @return the readings of a file, from its start */
    static RecordedReadings open(Path file) throws IOException {
        return new RecordedReadings(
                file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".csv") ? csv(file) : ndjson(file));
    }

    /** @return the next reading, or null at the end */
    Recorded next() throws IOException {
        return source.next();
    }

    @Override
    public void close() throws IOException {
        source.close();
    }

    private static Source csv(Path file) throws IOException {
        MappingIterator<Map<String, String>> rows = new CsvMapper().readerForMapOf(String.class)
                .with(CsvSchema.emptySchema().withHeader())
                .readValues(withoutByteOrderMark(Files.newBufferedReader(file)));
        return new Source() {
            @Override
            public Recorded next() throws IOException {
                return rows.hasNextValue() ? recorded(JSON.writeValueAsBytes(fields(rows.nextValue()))) : null;
            }

            @Override
            public void close() throws IOException {
                rows.close();
            }
        };
    }

    /** Spreadsheets begin a file in UTF-8 with this mark; it is no part of the first column's name. */
    private static BufferedReader withoutByteOrderMark(BufferedReader reader) throws IOException {
        reader.mark(1);
        if (reader.read() != '\uFEFF') {
            reader.reset();
        }
        return reader;
    }

    private static ObjectNode fields(Map<String, String> row) throws JsonProcessingException {
        ObjectNode fields = JSON.createObjectNode();
        for (Map.Entry<String, String> cell : row.entrySet()) {
            String text = cell.getValue() == null ? "" : cell.getValue().strip();
            if (TEXT_COLUMNS.contains(cell.getKey())) {
                fields.put(cell.getKey(), text);
            } else if (JSON_NUMBER.matcher(text).matches() || "true".equals(text) || "false".equals(text)) {
                fields.set(cell.getKey(), JSON.readTree(text));
            } else if (!text.isEmpty()) {
                fields.put(cell.getKey(), text);
            }
        }
        return fields;
    }

    /** Lines are read as ISO 8859-1, which keeps every byte, whatever the file really is. */
    private static Source ndjson(Path file) throws IOException {
        BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1);
        return new Source() {
            @Override
            public Recorded next() throws IOException {
                String line = lines.readLine();
                while (line != null && line.isBlank()) {
                    line = lines.readLine();
                }
                return line == null ? null : recorded(line.getBytes(StandardCharsets.ISO_8859_1));
            }

            @Override
            public void close() throws IOException {
                lines.close();
            }
        };
    }

    private static Recorded recorded(byte[] json) {
        try {
            JsonNode fields = JSON.readTree(json);
            if (fields != null && fields.isObject()) {
                return new Recorded(fields.path("sensor_id").asText(null), time(fields.path("timestamp")), json);
            }
        } catch (IOException e) {
            // passed on as it is
        }
        return new Recorded(null, null, json);
    }

    private static Instant time(JsonNode timestamp) {
        if (timestamp.isNumber()) {
            double number = timestamp.asDouble();
            return Instant.ofEpochMilli(Math.round(Math.abs(number) < 1e11 ? number * 1000 : number));
        }
        try {
            return OffsetDateTime.parse(timestamp.asText()).toInstant();
        } catch (DateTimeParseException e) {
            try {
                return Instant.parse(timestamp.asText() + "Z");
            } catch (DateTimeParseException f) {
                return null;
            }
        }
    }
}
