package sensorpipeline.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.EventTime;
import sensorpipeline.reading.Quoted;

/** Converts text to the values of parameters and fields, by their schema in the contract. */
final class DeclaredValue {

    /** A time relative to now: a number of seconds, minutes, hours, days or weeks ago. */
    private static final Pattern AGO = Pattern.compile("-([0-9]{1,6})([smhdw])");
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,400}(\\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?");
    private static final Map<String, ChronoUnit> UNITS = Map.of("s", ChronoUnit.SECONDS, "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS, "w", ChronoUnit.WEEKS);
    private static final Pattern SHORT_DURATION = Pattern.compile("[0-9]{1,6}[smhd]");
    private static final Pattern TIME_OF_DAY = Pattern.compile("([01][0-9]|2[0-3]):[0-5][0-9]");
    private static final String DAYS = "(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?";
    private static final Pattern WEEKDAYS = Pattern.compile(DAYS + "(," + DAYS + "){0,6}");
    private static final int LAST_YEAR = 9998;
    private static final Pattern DATE_AND_BLANK = Pattern.compile("^(\\d{4}-\\d{2}-\\d{2}) (?=\\d{2}:)");

    private DeclaredValue() {
    }

    /**
     * @param name of the parameter
     * @param schema of the parameter in the contract
     * @param given its values in the request, decoded
     * @return Integer, Long, Double, Boolean, String or String[]; the default, or null, if the request has none or empty text
     * @throws RequestError (400) if it is repeated or violates the schema
     */
    static Object of(String name, JsonNode schema, List<String> given) {
        if ("array".equals(schema.path("type").asText())) {
            return texts(name, schema, given);
        }
        if (given.size() > 1) {
            throw invalid("repeated_" + name, name + " can be given once; got it " + given.size() + " times");
        }
        boolean isNumber = List.of("integer", "number").contains(schema.path("type").asText());
        if (given.isEmpty() || given.get(0).isEmpty() && !isNumber) {
            return defaultOf(schema);
        }
        return switch (schema.path("type").asText()) {
            case "boolean" -> truth(name, given.get(0));
            case "number" -> number(name, given.get(0));
            case "integer" -> wholeNumber(name, given.get(0), schema);
            default -> text(name, given.get(0), schema);
        };
    }

    /** @throws RequestError (400) if the text is not a finite number */
    static double number(String name, String text) {
        if (NUMBER.matcher(text).matches() && Double.isFinite(Double.parseDouble(text))) {
            return Double.parseDouble(text);
        }
        throw invalid("invalid_" + name, name + " must be a number such as -12.5; got " + Quoted.of(text));
    }

    private static boolean truth(String name, String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw invalid("invalid_" + name, name + " must be true or false; got " + Quoted.of(text));
        }
        return text.equals("true");
    }

    private static String[] texts(String name, JsonNode schema, List<String> given) {
        if (given.size() > schema.path("maxItems").asInt()) {
            throw invalid("invalid_" + name, "%s can be given up to %d times; got it %d times".formatted(name, schema.path("maxItems").asInt(), given.size()));
        }
        String[] texts = given.stream().filter(text -> !text.isEmpty()).map(text -> text(name, text, schema.path("items"))).toArray(String[]::new);
        return texts.length == 0 ? null : texts;
    }

    /** @return the default value of a schema, or null */
    static Object defaultOf(JsonNode schema) {
        JsonNode value = schema.path("default");
        return value.isMissingNode() ? null : value.isInt() ? (Object) value.intValue() : value.isTextual() ? value.textValue() : (Object) value.booleanValue();
    }

    /**
     * @return a Long for numbers of the format int64, otherwise an Integer
     * @throws RequestError (400) if the text is not an integer within the limits of the schema
     */
    static Object wholeNumber(String name, String text, JsonNode schema) {
        long least = schema.path("minimum").asLong();
        long most = schema.path("maximum").asLong();
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most && text.matches("-?[0-9]+")) {
                return "int64".equals(schema.path("format").asText()) ? (Object) number : (Object) (int) number;
            }
        } catch (NumberFormatException e) {
            // Reported below, together with the limits.
        }
        throw invalid("invalid_" + name, "%s must be a whole number from %d to %d; got %s".formatted(name, least, most, Quoted.of(text)));
    }

    /**
     * @return the text; a time as ISO 8601 in UTC, truncated to microseconds like readings
     * @throws RequestError (400) if it violates the schema
     */
    static String text(String name, String text, JsonNode schema) {
        if (schema.has("enum")) {
            return oneOf(name, text, schema.path("enum"));
        }
        if (schema.has("pattern") && !text.matches(schema.path("pattern").asText())) {
            throw invalid("invalid_" + name, "%s must be %s; got %s".formatted(name, schema.path("description").asText(), Quoted.of(text)));
        }
        if ("base64url".equals(schema.path("contentEncoding").asText())) {
            return decoded(name, text, schema);
        }
        return switch (format(schema)) {
            case "date-time" -> time(name, text);
            case "short-duration" -> matching(name, text, SHORT_DURATION, "a duration such as 30s, 5m, 2h or 7d");
            case "time-of-day" -> matching(name, text, TIME_OF_DAY, "a time of day such as 08:00");
            case "weekdays" -> matching(name, text, WEEKDAYS, "weekdays such as mon-fri or sat,sun");
            case "time-zone" -> plainText(name, withPlus(text), 1, schema.path("maxLength").asInt());
            default -> plainText(name, text, schema.path("minLength").asInt(), schema.path("maxLength").asInt());
        };
    }

    private static String format(JsonNode schema) {
        return schema.has("format") ? schema.path("format").asText() : schema.path("anyOf").path(0).path("format").asText();
    }

    private static String oneOf(String name, String text, JsonNode allowed) {
        List<String> values = new ArrayList<>();
        allowed.forEach(value -> values.add(value.asText()));
        if (!values.contains(text)) {
            throw invalid("invalid_" + name, name + " must be one of " + String.join(", ", values) + "; got " + Quoted.of(text));
        }
        return text;
    }

    private static String matching(String name, String text, Pattern pattern, String allowed) {
        if (!pattern.matcher(text).matches()) {
            throw invalid("invalid_" + name, name + " must be " + allowed + "; got " + Quoted.of(text));
        }
        return text;
    }

    private static String decoded(String name, String text, JsonNode schema) {
        try {
            String decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Base64.getUrlDecoder().decode(text))).toString();
            return plainText(name, decoded, 1, schema.path("maxLength").asInt());
        } catch (IllegalArgumentException | CharacterCodingException | RequestError e) {
            throw invalid("invalid_" + name, "%s must be %s; got %s".formatted(name, schema.path("description").asText(), Quoted.of(text)));
        }
    }

    private static String time(String name, String text) {
        Matcher ago = AGO.matcher(text);
        // Whole seconds, so that concurrent callers with the same question can share an answer.
        Instant time = ago.matches()
                ? Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(UNITS.get(ago.group(2)).getDuration().multipliedBy(Long.parseLong(ago.group(1))))
                : EventTime.readWithOffset(withPlus(DATE_AND_BLANK.matcher(text.strip()).replaceFirst("$1T")));
        if (time == null) {
            throw invalid("invalid_" + name, name + " must be a time such as 2025-01-15T10:30:00Z, or a time ago such as -24h or -7d; got " + Quoted.of(text));
        }
        int year = time.atOffset(ZoneOffset.UTC).getYear();
        if (year < 1 || year > LAST_YEAR) {
            throw invalid("invalid_" + name, "%s must be within the years 1 to %d in UTC; got %s".formatted(name, LAST_YEAR, Quoted.of(text)));
        }
        return time.toString();
    }

    /** @return the text with its plus signs restored, which arrive as spaces if a client does not escape them */
    private static String withPlus(String text) {
        return text.replace(' ', '+');
    }

    private static String plainText(String name, String text, int least, int most) {
        int length = text.codePointCount(0, text.length());
        if (length < least || length > most || !text.codePoints().allMatch(Quoted::isPlain)) {
            throw invalid("invalid_" + name, "%s must be text of %s %d characters without control characters; got %s"
                    .formatted(name, least == 0 ? "at most" : least + " to", most, Quoted.of(text)));
        }
        return text;
    }

    private static RequestError invalid(String code, String message) {
        return new RequestError(400, code, message);
    }
}
