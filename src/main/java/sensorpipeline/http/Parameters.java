package sensorpipeline.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Header;

/**
 * Reads the query of a request as the contract (openapi.json) declares it, so that limits and defaults stand only there.
 * Safe for use by many threads.
 */
public final class Parameters {

    private final JsonNode paths;

    /** Loads the contract from the class path. */
    public Parameters() {
        try (InputStream file = Parameters.class.getClassLoader().getResourceAsStream("openapi.json")) {
            paths = new ObjectMapper().readTree(file).path("paths");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param path path of the request, such as {@code /data/latest}
     * @param query its query as sent, or null
     * @return a value for every declared parameter: Integer for integers, String for text and times; the default, or
     *     null, where the request gives none or empty text
     * @throws RequestError (400) if a parameter is unknown, repeated or not as declared
     */
    public Map<String, Object> read(@Header(Exchange.HTTP_PATH) String path, @Header(Exchange.HTTP_RAW_QUERY) String query) {
        // As for the router, a slash at the end makes no difference.
        JsonNode call = paths.path(path.replaceFirst("/$", "")).path("get");
        if (call.isMissingNode()) {
            throw new IllegalStateException("openapi.json does not describe GET " + path + ", so its parameters cannot be read");
        }
        Map<String, JsonNode> declared = new LinkedHashMap<>();
        for (JsonNode parameter : call.path("parameters")) {
            declared.put(parameter.path("name").asText(), parameter.path("schema"));
        }
        Map<String, List<String>> given = decode(query);
        for (String name : given.keySet()) {
            if (!declared.containsKey(name)) {
                throw invalid("unknown_parameter", declared.isEmpty() ? "this call has no parameters; got " + quoted(name)
                        : "parameters are " + String.join(", ", declared.keySet()) + "; got " + quoted(name));
            }
        }
        Map<String, Object> values = new HashMap<>();
        declared.forEach((name, schema) -> values.put(name, value(name, schema, given.getOrDefault(name, List.of()))));
        refuseEmptyRange(values);
        return values;
    }

    private static Map<String, List<String>> decode(String query) {
        try {
            return new QueryStringDecoder(query == null ? "" : query, false).parameters();
        } catch (IllegalArgumentException e) {
            throw invalid("invalid_query", "the query must be name=value pairs with % only before two hexadecimal digits");
        }
    }

    private static Object value(String name, JsonNode schema, List<String> given) {
        if (given.size() > 1) {
            throw invalid("repeated_" + name, name + " can be given once; got it " + given.size() + " times");
        }
        boolean isNumber = "integer".equals(schema.path("type").asText());
        if (given.isEmpty() || given.get(0).isEmpty() && !isNumber) {
            return isNumber && schema.has("default") ? (Integer) schema.path("default").asInt() : null;
        }
        String text = given.get(0);
        if (isNumber) {
            return wholeNumber(name, text, schema.path("minimum").asInt(), schema.path("maximum").asInt());
        }
        return "date-time".equals(schema.path("format").asText()) ? time(name, text) : plainText(name, text, schema.path("maxLength").asInt());
    }

    private static Integer wholeNumber(String name, String text, int least, int most) {
        try {
            int number = text.matches("-?[0-9]+") ? Integer.parseInt(text) : least - 1;
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below, together with the range
        }
        throw invalid("invalid_" + name, "%s must be a whole number from %d to %d; got %s".formatted(name, least, most, quoted(text)));
    }

    private static String time(String name, String text) {
        try {
            // A + that was not escaped arrives as a space.
            OffsetDateTime time = OffsetDateTime.parse(text.strip().replace(' ', '+'));
            if (time.getYear() >= 1 && time.getYear() <= 9999) {
                return time.toInstant().toString();
            }
        } catch (DateTimeException e) {
            // told below
        }
        throw invalid("invalid_" + name, name + " must be a time such as 2025-01-15T10:30:00Z; got " + quoted(text));
    }

    private static String plainText(String name, String text, int most) {
        if (text.codePointCount(0, text.length()) > most || text.chars().anyMatch(Character::isISOControl)) {
            throw invalid("invalid_" + name,
                    "%s must be text of at most %d characters without control characters; got %s".formatted(name, most, quoted(text)));
        }
        return text;
    }

    private static void refuseEmptyRange(Map<String, Object> values) {
        if (values.get("from") instanceof String from && values.get("to") instanceof String to
                && !OffsetDateTime.parse(from).isBefore(OffsetDateTime.parse(to))) {
            throw invalid("invalid_range", "from must be before to; got " + quoted(from) + " and " + quoted(to));
        }
    }

    private static String quoted(String text) {
        String start = text.length() > 60 ? text.substring(0, 60) + "..." : text;
        return "'" + start.replaceAll("\\p{Cntrl}", "?") + "'";
    }

    private static RequestError invalid(String code, String message) {
        return new RequestError(400, code, message);
    }
}
