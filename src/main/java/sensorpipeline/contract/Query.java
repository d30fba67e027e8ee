package sensorpipeline.contract;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.Quoted;

/** Decodes the query of a URL (application/x-www-form-urlencoded in UTF-8) strictly: malformed input is rejected, never replaced. */
final class Query {

    private Query() {
    }

    /**
     * @param query as sent, one byte per character; or null
     * @return the values of each name, in the order sent
     * @throws RequestError (400) if an escape is incomplete or the text is not UTF-8
     */
    static Map<String, List<String>> decode(String query) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (String pair : query == null ? new String[0] : query.split("&")) {
            if (!pair.isEmpty()) {
                int end = pair.indexOf('=');
                String name = text(end < 0 ? pair : pair.substring(0, end), pair);
                parameters.computeIfAbsent(name, added -> new ArrayList<>()).add(end < 0 ? "" : text(pair.substring(end + 1), pair));
            }
        }
        return parameters;
    }

    /**
     * @param encoded text with escapes, in which + is a space
     * @param pair what it was found in, for the message
     * @return the text
     * @throws RequestError (400) if an escape is incomplete or the text is not UTF-8
     */
    static String text(String encoded, String pair) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char character = encoded.charAt(i);
            if (character == '%') {
                bytes.write(digit(encoded, i + 1, pair) << 4 | digit(encoded, i + 2, pair));
                i += 2;
            } else if (character > 0xff) {
                throw invalid(pair);
            } else {
                bytes.write(character == '+' ? ' ' : character);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
        } catch (CharacterCodingException e) {
            throw invalid(pair);
        }
    }

    private static int digit(String encoded, int place, String pair) {
        int digit = place < encoded.length() && encoded.charAt(place) < 0x80 ? Character.digit(encoded.charAt(place), 16) : -1;
        if (digit < 0) {
            throw invalid(pair);
        }
        return digit;
    }

    private static RequestError invalid(String pair) {
        return new RequestError(400, "invalid_query",
                "the query must be name=value pairs in UTF-8, with % only before two hexadecimal digits; got " + Quoted.of(pair));
    }
}
