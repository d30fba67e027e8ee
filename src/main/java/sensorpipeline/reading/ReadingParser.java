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

/**
 * Makes a reading of the JSON that a device sent, or says why it is none. Nothing that PostgreSQL would refuse passes.
 * Safe for use by many threads.
 */
public final class ReadingParser {

    /** Names that a reading or an answer of the REST API uses itself: a number so named is an attribute, not a metric. */
    static final Set<String> NOT_FOR_METRICS = Set.of("sensor_id", "location", "timestamp", "received_at", "metrics", "attributes");

    /** Kafka's own limit applies to compressed bytes. */
    private static final int LARGEST = 1024 * 1024;
    private static final int DEEPEST = 100;

    private final JsonFactory json = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            // Names come from outside: do not let them fill the JVM's table of interned strings.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();
    private final KnownSeries knownSeries = new KnownSeries();
    private final ThreadLocal<UsualReading> usualReadings = ThreadLocal.withInitial(UsualReading::new);

    /**
     * @param tenant whose device sent it
     * @param bytes what it sent: one JSON object in UTF-8; may be null
     * @param now the time against which "too far ahead" is measured
     * @return the reading
     * @throws RefusedReading if these bytes are none, with the reason
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
        return usual.read(bytes, now) ? toReading(usual.draft(), tenant) : parseFully(tenant, bytes, now);
    }

    private Reading toReading(ReadingDraft draft, String tenant) throws RefusedReading {
        try {
            return draft.toReading(tenant, knownSeries);
        } catch (IOException e) {
            throw new UncheckedIOException("Only attributes are written, and there are none", e);
        }
    }

    /** As {@link #parse}, for records of any form. */
    Reading parseFully(String tenant, byte[] bytes, Instant now) throws RefusedReading {
        // Jackson would detect other encodings and read them.
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
            return draft.toReading(tenant, knownSeries);
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
