package sensorpipeline.producer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import sensorpipeline.reading.EventTime;

/**
 * A record of a file. One that is not a reading is kept as it is; the consumer turns it into a dead letter.
 *
 * @param sensorId its sensor, or null if it has none
 * @param at the recorded time in microseconds since 1970 UTC, or {@link EventTime#NOT_A_TIME}
 * @param json the record as a device would send it
 * @param timeStart index of the first byte of the time in {@code json}, 0 if there is none
 * @param timeEnd index after its last byte, 0 if there is none
 */
record Recorded(String sensorId, long at, byte[] json, int timeStart, int timeEnd) {

    private static final JsonFactory JSON = JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

    /** Receives the fields of a record other than sensor, location and time. */
    interface Observer {
        void field(String name, JsonToken token, String text) throws IOException;
    }

    /** @return the record with these bytes, whatever they are */
    static Recorded of(byte[] json, Observer observer) {
        String sensorId = null;
        long at = EventTime.NOT_A_TIME;
        int timeStart = 0;
        int timeEnd = 0;
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return unreadable(json);
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                boolean isText = value == JsonToken.VALUE_STRING;
                if (name.equals("sensor_id")) {
                    sensorId = isText || value == JsonToken.VALUE_NUMBER_INT ? parser.getText() : null;
                } else if (name.equals("timestamp") && timeEnd == 0) {
                    String text = parser.getText();
                    at = isText ? EventTime.read(text) : value.isNumeric() ? EventTime.readNumber(text) : EventTime.NOT_A_TIME;
                    timeStart = (int) parser.currentTokenLocation().getByteOffset();
                    timeEnd = (int) parser.currentLocation().getByteOffset();
                } else if (!name.equals("location") && value.isScalarValue()) {
                    observer.field(name, value, parser.getText());
                }
                parser.skipChildren();
            }
            return parser.nextToken() == null ? new Recorded(sensorId, at, json, timeStart, timeEnd) : unreadable(json);
        } catch (IOException e) {
            return unreadable(json);
        }
    }

    private static Recorded unreadable(byte[] json) {
        return new Recorded(null, EventTime.NOT_A_TIME, json, 0, 0);
    }

    /** @return true if it has a sensor and a time, in any form */
    boolean isReading() {
        return sensorId != null && timeEnd > 0;
    }

    /** @return true if its time is acceptable for a reading */
    boolean isTimely(Instant now) {
        return at != EventTime.NOT_A_TIME && EventTime.isAcceptable(at, now);
    }

    /**
     * @param micros microseconds to add to its time
     * @param now determines which times are acceptable
     * @return the record with only its time shifted; the same record if it would be rejected anyway
     */
    Recorded shifted(long micros, Instant now) {
        if (at == EventTime.NOT_A_TIME || micros == 0 || !EventTime.isAcceptable(at + micros, now)) {
            return this;
        }
        byte[] time = ('"' + EventTime.instant(at + micros).toString() + '"').getBytes(StandardCharsets.US_ASCII);
        byte[] moved = ByteBuffer.allocate(json.length - (timeEnd - timeStart) + time.length)
                .put(json, 0, timeStart).put(time).put(json, timeEnd, json.length - timeEnd).array();
        return new Recorded(sensorId, at + micros, moved, timeStart, timeStart + time.length);
    }
}
