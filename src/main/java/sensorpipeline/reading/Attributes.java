package sensorpipeline.reading;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Set;

/** The fields of one reading that are not metrics, copied unchanged into a JSON object. Not thread-safe. */
final class Attributes {

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonWriteFeature.QUOTE_FIELD_NAMES)
            .enable(StreamWriteFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final int MOST_PLACES = 16_000;
    private static final int MOST_CHARACTERS = 1024 * 1024;

    private final Set<String> names = new HashSet<>();
    private final StringWriter text = new StringWriter();
    private final JsonGenerator writer;
    /** Characters that PostgreSQL adds when it writes numbers without exponents. */
    private long zeros;

    Attributes() throws IOException {
        writer = JSON.createGenerator(text);
        writer.writeStartObject();
    }

    /**
     * @param name of the field
     * @param parser at its value; afterwards at the end of the value
     */
    void add(String name, JsonParser parser) throws IOException, RefusedReading {
        if (!names.add(name)) {
            throw RefusedReading.givenTwice(name);
        }
        writer.writeFieldName(PlainText.storable(name));
        copyValue(parser);
    }

    boolean contain(String name) {
        return names.contains(name);
    }

    /** @return all fields as a JSON object; none can be added afterwards */
    String toJson() throws IOException {
        writer.writeEndObject();
        writer.close();
        return text.toString();
    }

    /** Copies the current value unchanged; rejects what PostgreSQL's jsonb cannot store. */
    private void copyValue(JsonParser parser) throws IOException, RefusedReading {
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
                case FIELD_NAME -> writer.writeFieldName(PlainText.storable(parser.currentName()));
                case VALUE_STRING -> writer.writeString(PlainText.storable(parser.getText()));
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> writer.writeNumber(storableNumber(parser));
                default -> writer.copyCurrentEvent(parser);
            }
            if (depth > 0) {
                parser.nextToken();
            }
        } while (depth > 0);
    }

    private String storableNumber(JsonParser parser) throws IOException, RefusedReading {
        String digits = parser.getText();
        double number = parser.getDoubleValue();
        boolean vanishes = number == 0 && digits.chars().takeWhile(c -> c != 'e' && c != 'E').anyMatch(c -> c >= '1' && c <= '9');
        if (Double.isInfinite(number) || vanishes) {
            throw new RefusedReading("a number must be 0 or from 4.9e-324 to 1.8e308; got " + Quoted.of(digits));
        }
        if (number != 0 && digits.indexOf('e') < 0 && digits.indexOf('E') < 0) {
            return digits;
        }
        int places = places(digits);
        // PostgreSQL's numeric keeps up to 16,383 places after the point, also if they are all 0.
        if (places > MOST_PLACES) {
            throw new RefusedReading("0 must be written with at most 16,000 places before or after the point; got " + Quoted.of(digits));
        }
        zeros += places;
        if (zeros > MOST_CHARACTERS) {
            throw new RefusedReading("fields that are no metrics must not need more than %d characters when their numbers are written without exponents".formatted(MOST_CHARACTERS));
        }
        return digits;
    }

    /** @return the number of places before or after the point without an exponent */
    private static int places(String digits) {
        try {
            return Math.abs(new BigDecimal(digits).scale());
        } catch (NumberFormatException e) {
            // The exponent exceeds an int.
            return Integer.MAX_VALUE;
        }
    }
}
