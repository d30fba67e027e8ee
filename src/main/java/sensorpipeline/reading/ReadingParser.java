package sensorpipeline.reading;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Set;

/** Parses the JSON that a device sent into a reading, or reports why it is not one. Accepts nothing that PostgreSQL would reject. Thread-safe. */
public final class ReadingParser {

    /** Field names of readings and API responses: a number with such a name is an attribute, not a metric. */
    static final Set<String> NOT_FOR_METRICS = Set.of("sensor_id", "location", "timestamp", "received_at", "metrics", "attributes");

    /** Kafka's own limit applies to compressed bytes. */
    private static final int LARGEST = 1024 * 1024;
    private static final int DEEPEST = 100;

    private final JsonFactory json = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            // Names are external input and must not fill the JVM's table of interned strings.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();
    private final KnownSeries knownSeries = new KnownSeries();
    private final KnownMetrics knownMetrics = new KnownMetrics();
    private final ThreadLocal<UsualReading> usualReadings = ThreadLocal.withInitial(UsualReading::new);

    /**
     * @param tenant of the device
     * @param bytes as sent: one JSON object in UTF-8; may be null
     * @param now reference for times too far in the future
     * @return the reading
     * @throws RefusedReading if these bytes are not a reading, with the reason
     */
    public Reading parse(String tenant, byte[] bytes, Instant now) throws RefusedReading {
        if (bytes == null) {
            throw new RefusedReading("empty record (no value): a reading is a JSON object");
        }
        if (bytes.length == 0) {
            throw new RefusedReading("empty record (0 bytes): a reading is a JSON object");
        }
        if (bytes.length > LARGEST) {
            throw new RefusedReading("a record must not be larger than " + LARGEST + " bytes; got " + bytes.length);
        }
        UsualReading usual = usualReadings.get();
        return isRead(usual, bytes, now) ? toReading(usual.draft(), tenant) : parseFully(tenant, bytes, now);
    }

    /** A rejected record is parsed again in full, so that one with several faults is always rejected for the same one. */
    private static boolean isRead(UsualReading usual, byte[] bytes, Instant now) {
        try {
            return usual.read(bytes, now);
        } catch (RefusedReading e) {
            return false;
        }
    }

    private Reading toReading(ReadingDraft draft, String tenant) throws RefusedReading {
        try {
            return draft.toReading(tenant, knownSeries, knownMetrics);
        } catch (IOException e) {
            throw new UncheckedIOException("Only attributes are written, and there are none", e);
        }
    }

    /** Like {@link #parse}, for records of any form. */
    Reading parseFully(String tenant, byte[] bytes, Instant now) throws RefusedReading {
        // Jackson would detect and accept other encodings.
        if (ForeignFormat.isOtherEncoding(bytes)) {
            String format = ForeignFormat.describe(bytes);
            throw foreign(format == null ? "has a zero among its first bytes" : format);
        }
        int fault = Utf8.fault(bytes);
        if (fault >= 0) {
            String format = ForeignFormat.describe(bytes);
            throw format != null ? foreign(format) : new RefusedReading("not valid JSON in UTF-8: at byte %d, 0x%02x begins no character of UTF-8; is the text ISO 8859-1 or Windows-1252?"
                    .formatted(fault, bytes[fault]));
        }
        try (JsonParser parser = json.createParser(bytes)) {
            ReadingDraft draft = new ReadingDraft();
            new JsonRecord(parser, draft, now).read();
            return draft.toReading(tenant, knownSeries, knownMetrics);
        } catch (JsonProcessingException e) {
            String format = ForeignFormat.describe(bytes);
            throw format == null ? new RefusedReading("not valid JSON in UTF-8: " + where(e) + JsonFault.describe(e)) : foreign(format);
        } catch (IOException e) {
            throw new RefusedReading("not valid JSON in UTF-8: " + firstLine(e.getMessage()));
        }
    }

    private static RefusedReading foreign(String format) {
        return new RefusedReading("not valid JSON in UTF-8: the record " + format + "; the producer must send JSON text as it is");
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null ? "" : "at byte " + Math.max(0, e.getLocation().getByteOffset()) + ", ";
    }

    private static String firstLine(String message) {
        String line = message == null ? "unreadable" : message.lines().findFirst().orElse("unreadable");
        return line.length() > 200 ? line.substring(0, 200) + "..." : line;
    }
}
