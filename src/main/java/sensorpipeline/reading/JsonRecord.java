package sensorpipeline.reading;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;

/** Reads the fields of any JSON record into a draft. Not thread-safe; used for one record. */
final class JsonRecord {

    private final JsonParser parser;
    private final ReadingDraft draft;
    private final Instant now;
    private boolean hasMetrics;

    /** @param parser at the start of the record */
    JsonRecord(JsonParser parser, ReadingDraft draft, Instant now) {
        this.parser = parser;
        this.draft = draft;
        this.now = now;
    }

    void read() throws IOException, RefusedReading {
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_OBJECT) {
            throw new RefusedReading("a reading is a JSON object; got " + kind(first) + advice(first));
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "sensor_id" -> readSensorId(value);
                case "timestamp" -> readTime(value);
                case "location" -> readLocation(name, value);
                case "metrics" -> readMetrics(name, value);
                default -> readField(name, value);
            }
        }
        if (parser.nextToken() != null) {
            throw new RefusedReading("a record is one JSON object; more follows after it");
        }
    }

    private String advice(JsonToken first) throws IOException {
        if (first == JsonToken.START_ARRAY) {
            return "; send each reading as a record of its own";
        }
        boolean isEncodedTwice = first == JsonToken.VALUE_STRING && parser.getText().stripLeading().startsWith("{");
        return isEncodedTwice ? " that holds JSON; it was encoded twice" : "";
    }

    private void readSensorId(JsonToken value) throws IOException, RefusedReading {
        if (value != JsonToken.VALUE_STRING && value != JsonToken.VALUE_NUMBER_INT) {
            String got = value == JsonToken.VALUE_NUMBER_FLOAT ? Quoted.of(parser.getText()) : kind(value);
            throw new RefusedReading("sensor_id must be " + ReadingDraft.SENSOR_ID_RULE + "; got " + got);
        }
        draft.setSensorId(parser.getText());
    }

    private void readTime(JsonToken value) throws IOException, RefusedReading {
        if (value == JsonToken.VALUE_STRING) {
            draft.setTime(EventTime.parse(parser.getText(), now));
        } else if (value != null && value.isNumeric()) {
            draft.setTime(EventTime.parseNumber(parser.getText(), now));
        } else {
            throw EventTime.refusal(kind(value));
        }
    }

    private void readLocation(String name, JsonToken value) throws IOException, RefusedReading {
        draft.setLocation(value == JsonToken.VALUE_STRING ? parser.getText() : null);
        // Null means no location.
        if (value != JsonToken.VALUE_STRING && value != JsonToken.VALUE_NULL) {
            draft.addAttribute(name, parser);
        }
    }

    private void readMetrics(String name, JsonToken value) throws IOException, RefusedReading {
        if (hasMetrics) {
            throw RefusedReading.givenTwice(name);
        }
        hasMetrics = true;
        if (value != JsonToken.START_OBJECT) {
            throw new RefusedReading("metrics must be a JSON object of numbers and booleans; got " + kind(value));
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String metric = parser.currentName();
            readField(metric, parser.nextToken());
        }
    }

    private void readField(String name, JsonToken value) throws IOException, RefusedReading {
        if (value != null && (value.isNumeric() || value.isBoolean()) && !ReadingParser.NOT_FOR_METRICS.contains(name)) {
            draft.addMetric(name, value.isNumeric() ? finite(name) : value == JsonToken.VALUE_TRUE ? 1 : 0);
        } else if (value == JsonToken.VALUE_STRING) {
            draft.addText(name, parser);
        } else {
            draft.addAttribute(name, parser);
        }
    }

    private double finite(String name) throws IOException, RefusedReading {
        double number = parser.getDoubleValue();
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            throw new RefusedReading("metric " + Quoted.of(name) + " must be a finite number below 1.8e308; got "
                    + Quoted.of(parser.getText()));
        }
        return number;
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
