package sensorpipeline.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import sensorpipeline.reading.EventTime;
import sensorpipeline.reading.JsonFault;
import sensorpipeline.reading.Quoted;

/**
 * Reads the path, the query and the body of a request as the contract (openapi.json) declares them, so that limits and
 * defaults stand only there.
 * Safe for use by many threads.
 */
public final class Parameters {

    private static final ObjectMapper BODIES = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /** A time relative to now: so many seconds, minutes, hours, days or weeks ago. */
    private static final Pattern AGO = Pattern.compile("-([0-9]{1,6})([smhdw])");
    private static final Map<String, ChronoUnit> UNITS = Map.of("s", ChronoUnit.SECONDS, "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS, "w", ChronoUnit.WEEKS);

    /** Of the header Accept: a media type that the caller does not take. */
    private static final String REFUSED = ".*;\\s*q=0(\\.0*)?\\s*";

    private final JsonNode contract;
    private final JsonNode paths;

    /** Loads the contract from the class path. */
    public Parameters() {
        try (InputStream file = Parameters.class.getClassLoader().getResourceAsStream("openapi.json")) {
            contract = new ObjectMapper().readTree(file);
            paths = contract.path("paths");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param path path of the request, such as {@code /data/latest}
     * @param query its query as sent, or null
     * @param accept its header Accept, or null: where the call has the parameter "format" and the query does not give it, this does
     * @return a value for every declared parameter: Integer or Long for integers, String for text and times, String[] for
     *     those that can be repeated; the default, or null, where the request gives none or empty text
     * @throws RequestError (400) if a parameter is unknown, repeated or not as declared, or (406) if the call has no format that the caller accepts
     */
    public Map<String, Object> read(@Header(Exchange.HTTP_PATH) String path, @Header(Exchange.HTTP_RAW_QUERY) String query,
            @Header("Accept") String accept) {
        Call call = call(path, "get");
        Map<String, Object> values = read(call, query);
        if (values.containsKey("format") && values.get("format") == null) {
            values.put("format", format(call, accept == null ? "" : accept));
        }
        return values;
    }

    /** @return of the formats that the caller accepts, the one that is named first; the first of the call for who accepts any */
    private static String format(Call call, String accept) {
        Map<String, String> formats = new LinkedHashMap<>();
        call.description.path("responses").path("200").path("content").fieldNames()
                .forEachRemaining(type -> formats.put(type, type.replaceFirst(".*[/-]", "")));
        List<String> refused = Stream.of(accept.split(",")).filter(part -> part.matches(REFUSED)).map(Parameters::mediaType).toList();
        formats.keySet().removeAll(refused);
        for (String part : accept.split(",")) {
            String range = mediaType(part);
            for (Map.Entry<String, String> format : formats.entrySet()) {
                boolean isAny = range.isEmpty() || range.equals("*/*") || range.endsWith("/*") && format.getKey().startsWith(range.substring(0, range.length() - 1));
                if (!part.matches(REFUSED) && (isAny || format.getKey().equals(range))) {
                    return format.getValue();
                }
            }
        }
        throw new RequestError(406, "not_acceptable", "this call answers " + String.join(", ", formats.keySet()) + "; the header Accept was " + Quoted.of(accept));
    }

    private static String mediaType(String part) {
        return part.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    /**
     * @param path path of the request
     * @param query its query as sent, or null
     * @param type its content type; if it were not looked at, pages of other sites could send what they like
     * @param body its body as the listener read it, or null
     * @return a value for every declared parameter and every declared field of the body: beside those of {@link #read},
     *     Boolean, and Long[] for arrays; the default, or null, where the request gives none
     * @throws RequestError (400, 415) if something is unknown, repeated, missing or not as declared
     */
    public Map<String, Object> readBody(@Header(Exchange.HTTP_PATH) String path, @Header(Exchange.HTTP_RAW_QUERY) String query,
            @Header(Exchange.CONTENT_TYPE) Object type, @Body Object body) {
        Call call = call(path, "post");
        Map<String, Object> values = read(call, query);
        if (!(type instanceof String text) || !text.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
            throw new RequestError(415, "unsupported_media_type", "the body must be JSON with the header Content-Type: application/json; got "
                    + (type == null ? "none" : Quoted.of(type.toString())));
        }
        readFields(call.description.path("requestBody").path("content").path("application/json").path("schema"), object((Buffer) body), values);
        refuseEmptyRange(values);
        return values;
    }

    /** A call of the contract, with the values that the path of a request gives to its parameters. */
    private record Call(JsonNode description, Map<String, List<String>> pathValues) {
    }

    private Call call(String requestPath, String method) {
        // As for the router, a slash at the end makes no difference.
        String path = requestPath.replaceFirst("/$", "");
        if (paths.path(path).has(method)) {
            return new Call(paths.path(path).path(method), Map.of());
        }
        for (Map.Entry<String, JsonNode> template : paths.properties()) {
            Map<String, List<String>> values = match(template.getKey().split("/"), path.split("/"));
            if (template.getValue().has(method) && values != null) {
                return new Call(template.getValue().path(method), values);
            }
        }
        throw new IllegalStateException("openapi.json does not describe " + method + " " + path + ", so its parameters cannot be read");
    }

    /** @return the values that a path gives to the {parameters} of a template, or null if it is not of its kind */
    private static Map<String, List<String>> match(String[] template, String[] path) {
        Map<String, List<String>> values = new HashMap<>();
        for (int i = 0; i < template.length; i++) {
            boolean isParameter = template[i].startsWith("{");
            if (template.length != path.length || !isParameter && !template[i].equals(path[i])) {
                return null;
            }
            if (isParameter) {
                values.put(template[i].substring(1, template[i].length() - 1), List.of(path[i]));
            }
        }
        return values;
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? contract.at(node.path("$ref").asText().substring(1)) : node;
    }

    private Map<String, Object> read(Call call, String query) {
        Map<String, JsonNode> declared = new LinkedHashMap<>();
        Map<String, Object> values = new HashMap<>();
        for (JsonNode declaredParameter : call.description.path("parameters")) {
            JsonNode parameter = resolved(declaredParameter);
            String name = parameter.path("name").asText();
            if ("path".equals(parameter.path("in").asText())) {
                values.put(name, value(name, parameter.path("schema"), call.pathValues.get(name)));
            } else {
                declared.put(name, resolved(parameter.path("schema")));
            }
        }
        Map<String, List<String>> given = decode(query);
        for (String name : given.keySet()) {
            if (!declared.containsKey(name)) {
                throw invalid("unknown_parameter", declared.isEmpty() ? "this call has no parameters; got " + Quoted.of(name)
                        : "parameters are " + String.join(", ", declared.keySet()) + "; got " + Quoted.of(name));
            }
        }
        declared.forEach((name, schema) -> values.put(name, value(name, schema, given.getOrDefault(name, List.of()))));
        for (JsonNode parameter : call.description.path("parameters")) {
            if (parameter.path("required").asBoolean() && values.get(parameter.path("name").asText()) == null) {
                throw invalid("missing_" + parameter.path("name").asText(), parameter.path("name").asText() + " must be given: "
                        + parameter.path("description").asText().toLowerCase(Locale.ROOT) + ", such as " + parameter.path("example").asText());
            }
        }
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
        if ("array".equals(schema.path("type").asText())) {
            return texts(name, schema, given);
        }
        if (given.size() > 1) {
            throw invalid("repeated_" + name, name + " can be given once; got it " + given.size() + " times");
        }
        boolean isNumber = "integer".equals(schema.path("type").asText());
        if (given.isEmpty() || given.get(0).isEmpty() && !isNumber) {
            return defaultOf(schema);
        }
        return isNumber ? wholeNumber(name, given.get(0), schema) : text(name, given.get(0), schema);
    }

    private static String[] texts(String name, JsonNode schema, List<String> given) {
        if (given.size() > schema.path("maxItems").asInt()) {
            throw invalid("invalid_" + name, "%s can be given up to %d times; got it %d times".formatted(name, schema.path("maxItems").asInt(), given.size()));
        }
        String[] texts = given.stream().filter(text -> !text.isEmpty()).map(text -> text(name, text, schema.path("items"))).toArray(String[]::new);
        return texts.length == 0 ? null : texts;
    }

    private static Object defaultOf(JsonNode schema) {
        JsonNode value = schema.path("default");
        return value.isMissingNode() ? null : value.isInt() ? (Object) value.intValue() : value.isTextual() ? value.textValue() : (Object) value.booleanValue();
    }

    /** @return a Long for numbers of the format int64, else an Integer */
    private static Object wholeNumber(String name, String text, JsonNode schema) {
        long least = schema.path("minimum").asLong();
        long most = schema.path("maximum").asLong();
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most && text.matches("-?[0-9]+")) {
                return "int64".equals(schema.path("format").asText()) ? (Object) number : (Object) (int) number;
            }
        } catch (NumberFormatException e) {
            // told below, together with the range
        }
        throw invalid("invalid_" + name, "%s must be a whole number from %d to %d; got %s".formatted(name, least, most, Quoted.of(text)));
    }

    private static String text(String name, String text, JsonNode schema) {
        if (schema.has("enum")) {
            return oneOf(name, text, schema.path("enum"));
        }
        if (schema.has("pattern") && !text.matches(schema.path("pattern").asText())) {
            throw invalid("invalid_" + name, "%s must be %s; got %s".formatted(name, schema.path("description").asText(), Quoted.of(text)));
        }
        return "date-time".equals(schema.path("format").asText()) || "date-time".equals(schema.path("anyOf").path(0).path("format").asText()) ? time(name, text)
                : plainText(name, text, schema.path("minLength").asInt(), schema.path("maxLength").asInt());
    }

    private static String oneOf(String name, String text, JsonNode allowed) {
        List<String> values = new ArrayList<>();
        allowed.forEach(value -> values.add(value.asText()));
        if (!values.contains(text)) {
            throw invalid("invalid_" + name, name + " must be one of " + String.join(", ", values) + "; got " + Quoted.of(text));
        }
        return text;
    }

    private static String time(String name, String text) {
        Matcher ago = AGO.matcher(text);
        // Ago of whole seconds, so that callers who ask the same at the same time can share an answer.
        Instant time = ago.matches() ? Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(UNITS.get(ago.group(2)).getDuration().multipliedBy(Long.parseLong(ago.group(1))))
                : EventTime.readWithOffset(withPlus(text.strip()));
        int year = time == null ? 0 : time.atOffset(ZoneOffset.UTC).getYear();
        if (year >= 1 && year < 9999) {
            return time.toString();
        }
        throw invalid("invalid_" + name, name + " must be a time such as 2025-01-15T10:30:00Z, or -24h, -7d and the like for so long ago; got " + Quoted.of(text));
    }

    /** A "+" that was not escaped arrives as a blank; a blank behind the date stands for "T". */
    private static String withPlus(String time) {
        return time.length() < 11 ? time : time.substring(0, 11) + time.substring(11).replace(' ', '+');
    }

    private static String plainText(String name, String text, int least, int most) {
        int length = text.codePointCount(0, text.length());
        if (length < least || length > most || !text.codePoints().allMatch(Quoted::isPlain)) {
            throw invalid("invalid_" + name, "%s must be text of %s %d characters without control characters; got %s"
                    .formatted(name, least == 0 ? "at most" : least + " to", most, Quoted.of(text)));
        }
        return text;
    }

    private static JsonNode object(Buffer body) {
        JsonNode object;
        try {
            object = BODIES.readTree(body == null ? new byte[0] : body.getBytes());
        } catch (JsonProcessingException e) {
            throw invalid("invalid_body", "the body is not valid JSON: " + JsonFault.describe(e));
        } catch (IOException e) {
            throw invalid("invalid_body", "the body is not valid JSON in UTF-8");
        }
        if (!object.isObject()) {
            throw invalid("invalid_body", "the body must be a JSON object such as {\"ids\": [1, 2]}; got "
                    + (object.isMissingNode() ? "nothing" : Quoted.of(object.toString())));
        }
        return object;
    }

    private static void readFields(JsonNode schema, JsonNode body, Map<String, Object> values) {
        List<String> declared = new ArrayList<>();
        schema.path("properties").fieldNames().forEachRemaining(declared::add);
        body.fieldNames().forEachRemaining(name -> {
            if (!declared.contains(name)) {
                throw invalid("unknown_field", "fields are " + String.join(", ", declared) + "; got " + Quoted.of(name));
            }
        });
        List<String> sufficient = new ArrayList<>();
        schema.path("anyOf").forEach(choice -> sufficient.add(choice.path("required").path(0).asText()));
        if (!sufficient.isEmpty() && sufficient.stream().noneMatch(body::has)) {
            throw invalid("missing_field", "give at least one of " + String.join(", ", sufficient));
        }
        for (String name : declared) {
            JsonNode field = schema.path("properties").path(name);
            values.put(name, body.has(name) ? field(name, body.path(name), field) : defaultOf(field));
        }
    }

    private static Object field(String name, JsonNode value, JsonNode schema) {
        switch (schema.path("type").asText()) {
            case "integer":
                return wholeNumber(name, value.isIntegralNumber() ? value.asText() : value.toString(), schema);
            case "array":
                return wholeNumbers(name, value, schema);
            case "boolean":
                if (value.isBoolean()) {
                    return value.booleanValue();
                }
                throw invalid("invalid_" + name, name + " must be true or false; got " + Quoted.of(value.toString()));
            default:
                if (value.isTextual()) {
                    return text(name, value.textValue(), schema);
                }
                throw invalid("invalid_" + name, name + " must be text; got " + Quoted.of(value.toString()));
        }
    }

    private static Long[] wholeNumbers(String name, JsonNode value, JsonNode schema) {
        int most = schema.path("maxItems").asInt();
        if (!value.isArray() || value.size() < schema.path("minItems").asInt() || value.size() > most) {
            throw invalid("invalid_" + name, "%s must be an array of %d to %d whole numbers; got %s".formatted(name,
                    schema.path("minItems").asInt(), most, value.isArray() ? value.size() + " elements" : Quoted.of(value.toString())));
        }
        List<Long> numbers = new ArrayList<>();
        value.forEach(element -> numbers.add((Long) wholeNumber(name, element.toString(), schema.path("items"))));
        return numbers.stream().distinct().toArray(Long[]::new);
    }

    private static void refuseEmptyRange(Map<String, Object> values) {
        if (values.get("from") instanceof String from && values.get("to") instanceof String to
                && !Instant.parse(from).isBefore(Instant.parse(to))) {
            throw invalid("invalid_range", "from must be before to; got " + Quoted.of(from) + " and " + Quoted.of(to));
        }
    }

    private static RequestError invalid(String code, String message) {
        return new RequestError(400, code, message);
    }
}
