package sensorpipeline.reading;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Makes a reading of the JSON that a device sent, or says why it is none. Nothing that PostgreSQL would refuse passes.
 * Safe for use by many threads.
 */
public final class ReadingParser {

    /** Kafka's own limit is about what is compressed. */
    private static final int LARGEST = 1024 * 1024;
    private static final int LONGEST_SENSOR_ID = 200;
    private static final int LONGEST_LOCATION = 200;
    private static final int LONGEST_METRIC = 200;
    private static final double SMALLEST = 1e-300;
    private static final int MOST_METRICS = 1000;
    private static final int DEEPEST = 100;

    /** Names that a reading or an answer of the REST API uses itself: a number so named is an attribute, not a metric. */
    private static final Set<String> NOT_FOR_METRICS =
            Set.of("sensor_id", "location", "timestamp", "received_at", "metrics", "attributes");

    private final JsonFactory json = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            // Names come from outside: do not let them fill the JVM's table of interned strings.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();
    private final KnownSeries knownSeries = new KnownSeries();
    private final ThreadLocal<UsualRecord> usualRecords = ThreadLocal.withInitial(UsualRecord::new);
    private final JsonFactory attributesJson = JsonFactory.builder()
            .enable(JsonWriteFeature.QUOTE_FIELD_NAMES)
            .enable(com.fasterxml.jackson.core.StreamWriteFeature.STRICT_DUPLICATE_DETECTION)
            .build();

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
        Reading usual = parseUsual(tenant, bytes, now);
        return usual != null ? usual : parseFully(tenant, bytes, now);
    }

    /** @return the reading, or null if it is not of the usual form */
    private Reading parseUsual(String tenant, byte[] bytes, Instant now) throws RefusedReading {
        UsualRecord record = usualRecords.get();
        record.open(bytes);
        try {
            Fields fields = new Fields(null, now);
            return fields.readUsual(record) ? fields.toReading(tenant) : null;
        } catch (IOException e) {
            throw new UncheckedIOException("Only attributes are written, and there are none", e);
        }
    }

    /** As {@link #parse}, for records of any form. */
    Reading parseFully(String tenant, byte[] bytes, Instant now) throws RefusedReading {
        try (JsonParser parser = json.createParser(bytes)) {
            Fields fields = new Fields(parser, now);
            fields.read();
            return fields.toReading(tenant);
        } catch (JsonProcessingException e) {
            throw new RefusedReading("not valid JSON in UTF-8: " + where(e) + JsonFault.describe(e));
        } catch (IOException e) {
            throw new RefusedReading("not valid JSON in UTF-8: " + firstLine(e.getMessage()));
        }
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null ? "" : "at byte " + Math.max(0, e.getLocation().getByteOffset()) + ", ";
    }

    private static String firstLine(String message) {
        String line = message == null ? "unreadable" : message.lines().findFirst().orElse("unreadable");
        return line.length() > 200 ? line.substring(0, 200) + "..." : line;
    }

    /** The fields of one record while it is read. */
    private final class Fields {
        private final JsonParser parser;
        private final Instant now;
        private String sensorId;
        private String location;
        private boolean locationSeen;
        private boolean metricsSeen;
        private boolean timeSeen;
        private long at;
        private int count;
        private String[] metrics = new String[8];
        private double[] values = new double[8];
        private Set<String> attributeNames;
        private StringWriter attributes;
        private JsonGenerator attributesWriter;

        /** @param parser at the start of the record; null for a record of the usual form */
        Fields(JsonParser parser, Instant now) {
            this.parser = parser;
            this.now = now;
        }

        /** @return false if the record is not of the usual form or not complete; then it is to be read anew and in full */
        boolean readUsual(UsualRecord record) throws RefusedReading {
            while (true) {
                switch (record.next()) {
                    case TEXT -> {
                        if (!readUsualText(record)) {
                            return false;
                        }
                    }
                    case NUMBER -> {
                        if (NOT_FOR_METRICS.contains(record.name())) {
                            return false;
                        }
                        addMetric(record.name(), measurable(record.number()));
                    }
                    case END -> {
                        return sensorId != null && timeSeen && count > 0;
                    }
                    default -> {
                        return false;
                    }
                }
            }
        }

        private boolean readUsualText(UsualRecord record) {
            switch (record.name()) {
                case "sensor_id" -> {
                    boolean isFirst = sensorId == null;
                    sensorId = record.text();
                    return isFirst;
                }
                case "location" -> {
                    boolean isFirst = !locationSeen;
                    locationSeen = true;
                    location = record.text();
                    return isFirst;
                }
                case "timestamp" -> {
                    boolean isFirst = !timeSeen;
                    timeSeen = true;
                    at = EventTime.parseUsual(record.bytes(), record.textStart(), record.textEnd(), now);
                    return isFirst && at != EventTime.UNUSUAL;
                }
                default -> {
                    return false;
                }
            }
        }

        void read() throws IOException, RefusedReading {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                throw new RefusedReading("a reading is a JSON object; got " + kind(first));
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "sensor_id" -> readSensorId(value);
                    case "timestamp" -> readTime(value);
                    case "location" -> readLocation(value);
                    case "metrics" -> readMetrics(name, value);
                    default -> readField(name, value);
                }
            }
            if (parser.nextToken() != null) {
                throw new RefusedReading("a record is one JSON object; more follows after it");
            }
        }

        private void readSensorId(JsonToken value) throws IOException, RefusedReading {
            refuseRepeat(sensorId != null, "sensor_id");
            if (value != JsonToken.VALUE_STRING) {
                throw new RefusedReading("sensor_id must be text of 1 to " + LONGEST_SENSOR_ID + " characters; got " + kind(value));
            }
            sensorId = parser.getText();
        }

        private void readTime(JsonToken value) throws IOException, RefusedReading {
            refuseRepeat(timeSeen, "timestamp");
            timeSeen = true;
            if (value == JsonToken.VALUE_STRING) {
                at = EventTime.parse(parser.getText(), now);
            } else if (value != null && value.isNumeric()) {
                at = EventTime.parse(parser.getDoubleValue(), now);
            } else {
                throw new RefusedReading("timestamp must be ISO 8601 text, or epoch seconds or milliseconds; got " + kind(value));
            }
        }

        private void readLocation(JsonToken value) throws IOException, RefusedReading {
            refuseRepeat(locationSeen, "location");
            locationSeen = true;
            if (value == JsonToken.VALUE_STRING) {
                location = parser.getText();
            } else if (value != JsonToken.VALUE_NULL) {
                throw new RefusedReading("location must be text; got " + kind(value));
            }
        }

        private void readMetrics(String name, JsonToken value) throws IOException, RefusedReading {
            refuseRepeat(metricsSeen, name);
            metricsSeen = true;
            if (value != JsonToken.START_OBJECT) {
                throw new RefusedReading("metrics must be a JSON object of numbers and booleans; got " + kind(value));
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String metric = parser.currentName();
                readField(metric, parser.nextToken());
            }
        }

        private void readField(String name, JsonToken value) throws IOException, RefusedReading {
            if (value != null && (value.isNumeric() || value.isBoolean()) && !NOT_FOR_METRICS.contains(name)) {
                addMetric(name, value.isNumeric() ? finite(name) : value == JsonToken.VALUE_TRUE ? 1 : 0);
            } else {
                addAttribute(name);
            }
        }

        private double finite(String name) throws IOException, RefusedReading {
            double number = parser.getDoubleValue();
            if (Double.isNaN(number) || Double.isInfinite(number)) {
                throw new RefusedReading("metric " + Quoted.of(name) + " must be a finite number below 1.8e308; got "
                        + Quoted.of(parser.getText()));
            }
            return measurable(number);
        }

        /** -0 and 0 are the same measurement, and so is what is so small that PostgreSQL refuses to reckon with it. */
        private static double measurable(double number) {
            return Math.abs(number) < SMALLEST ? 0 : number;
        }

        private void addMetric(String name, double value) throws RefusedReading {
            if (count == MOST_METRICS) {
                throw new RefusedReading("a reading has at most " + MOST_METRICS + " metrics");
            }
            if (count == metrics.length) {
                metrics = Arrays.copyOf(metrics, count * 2);
                values = Arrays.copyOf(values, count * 2);
            }
            // Kept sorted as they come: readings have few metrics, mostly in the same order.
            int place = count;
            while (place > 0 && metrics[place - 1].compareTo(name) > 0) {
                metrics[place] = metrics[place - 1];
                values[place] = values[place - 1];
                place--;
            }
            refuseRepeat(place > 0 && metrics[place - 1].equals(name), name);
            metrics[place] = name;
            values[place] = value;
            count++;
        }

        private void addAttribute(String name) throws IOException, RefusedReading {
            if (attributesWriter == null) {
                attributeNames = new HashSet<>();
                attributes = new StringWriter();
                attributesWriter = attributesJson.createGenerator(attributes);
                attributesWriter.writeStartObject();
            }
            refuseRepeat(!attributeNames.add(name), name);
            attributesWriter.writeFieldName(storable(name));
            copyValue();
        }

        /** Copies the current value as it is, but for what PostgreSQL's jsonb cannot hold: that is refused. */
        private void copyValue() throws IOException, RefusedReading {
            int depth = 0;
            do {
                JsonToken token = parser.currentToken();
                if (token == null) {
                    throw new RefusedReading("not valid JSON in UTF-8: the record ends inside an object or array");
                }
                switch (token) {
                    case START_OBJECT, START_ARRAY -> depth++;
                    case END_OBJECT, END_ARRAY -> depth--;
                    default -> { }
                }
                switch (token) {
                    case FIELD_NAME -> attributesWriter.writeFieldName(storable(parser.currentName()));
                    case VALUE_STRING -> attributesWriter.writeString(storable(parser.getText()));
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> attributesWriter.writeNumber(storableNumber());
                    default -> attributesWriter.copyCurrentEvent(parser);
                }
                if (depth > 0) {
                    parser.nextToken();
                }
            } while (depth > 0);
        }

        private String storableNumber() throws IOException, RefusedReading {
            String digits = parser.getText();
            double number = parser.getDoubleValue();
            boolean vanishes = number == 0 && digits.chars().takeWhile(c -> c != 'e' && c != 'E').anyMatch(c -> c >= '1' && c <= '9');
            if (Double.isInfinite(number) || vanishes) {
                throw new RefusedReading("a number must be 0 or from 4.9e-324 to 1.8e308; got " + Quoted.of(digits));
            }
            return digits;
        }

        Reading toReading(String tenant) throws IOException, RefusedReading {
            if (sensorId == null) {
                throw new RefusedReading("sensor_id is missing: text of 1 to " + LONGEST_SENSOR_ID + " characters");
            }
            if (!timeSeen) {
                throw new RefusedReading("timestamp is missing: ISO 8601, or epoch seconds or milliseconds");
            }
            if (count == 0) {
                throw new RefusedReading("no metric: at least one field must be a number or a boolean");
            }
            String rest = null;
            if (attributesWriter != null) {
                for (int i = 0; i < count; i++) {
                    refuseRepeat(attributeNames.contains(metrics[i]), metrics[i]);
                }
                attributesWriter.writeEndObject();
                attributesWriter.close();
                rest = attributes.toString();
            }
            return new Reading(seriesOf(tenant), at, Arrays.copyOf(values, count), rest);
        }

        private Series seriesOf(String tenant) throws RefusedReading {
            Series series = knownSeries.find(tenant, sensorId, location, metrics, count);
            if (series == null) {
                requirePlainText("sensor_id", sensorId, 1, LONGEST_SENSOR_ID);
                if (location != null) {
                    requirePlainText("location", location, 0, LONGEST_LOCATION);
                }
                for (int i = 0; i < count; i++) {
                    requirePlainText("the name of a metric", metrics[i], 1, LONGEST_METRIC);
                }
                series = new Series(tenant, sensorId, location, Arrays.asList(metrics).subList(0, count));
                knownSeries.add(series);
            }
            return series;
        }
    }

    private static void refuseRepeat(boolean repeated, String name) throws RefusedReading {
        if (repeated) {
            throw new RefusedReading("field " + Quoted.of(name) + " is given twice");
        }
    }

    private static void requirePlainText(String what, String text, int least, int most) throws RefusedReading {
        int length = text.codePointCount(0, text.length());
        if (length < least || length > most) {
            throw new RefusedReading("%s must be text of %d to %d characters; got %d: %s"
                    .formatted(what, least, most, length, Quoted.of(text)));
        }
        if (!text.codePoints().allMatch(Quoted::isPlain)) {
            throw new RefusedReading(what + " must not contain control characters or half characters; got " + Quoted.of(text));
        }
    }

    private static String storable(String text) throws RefusedReading {
        if (text.codePoints().anyMatch(c -> c == 0 || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new RefusedReading("text must not contain the NUL character or half characters; got " + Quoted.of(text));
        }
        return text;
    }

    private static String kind(JsonToken token) {
        if (token == null) {
            return "nothing";
        }
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "text";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> token.toString();
        };
    }
}
