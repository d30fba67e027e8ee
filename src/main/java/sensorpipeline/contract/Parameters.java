package sensorpipeline.contract;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.Quoted;

/** Validates path, query and body of a request against the contract (openapi.json), the only place that defines limits and defaults. Thread-safe. */
public final class Parameters {

    private final Contract contract = new Contract();

    /**
     * @param path path of the request, such as {@code /data/latest}
     * @param query its query as sent, or null
     * @param accept its header Accept: text, a list of texts if it was sent several times, or null. It sets "format" if the
     *     operation has this parameter and the query does not
     * @return a value for every declared parameter but "tenant", which {@link Operations} reads: Integer or Long for integers, String for text and
     *     times, String[] for repeatable ones; the default, or null, if the request has none or empty text
     * @throws RequestError (400) if a parameter is unknown, repeated or violates the contract, or (406) if the operation has
     *     no format that the client accepts
     */
    public Map<String, Object> read(@Header(Exchange.HTTP_PATH) String path, @Header(Exchange.HTTP_RAW_QUERY) String query,
            @Header("Accept") Object accept) {
        Contract.Call call = contract.call(path, "get");
        Map<String, Object> values = read(call, query);
        if (values.containsKey("format") && values.get("format") == null) {
            values.put("format", format(call, accept));
        }
        return values;
    }

    private static String format(Contract.Call call, Object accept) {
        List<String> offered = new ArrayList<>();
        call.operation().path("responses").path("200").path("content").fieldNames().forEachRemaining(offered::add);
        // Formats are named after media types: application/x-ndjson is ndjson.
        return AcceptHeader.of(accept).choose(offered).replaceFirst(".*[/-]", "");
    }

    /**
     * @param path path of a DELETE request
     * @param query its query as sent, or null
     * @return a value for every declared parameter, as of {@link #read}; Boolean for booleans, Double for numbers
     * @throws RequestError (400) if a parameter is unknown, repeated, missing, empty or violates the contract, or if there is no filter at all
     */
    public Map<String, Object> readDelete(@Header(Exchange.HTTP_PATH) String path, @Header(Exchange.HTTP_RAW_QUERY) String query) {
        Contract.Call call = contract.call(path, "delete");
        Query.decode(query).forEach((name, texts) -> {
            if (texts.contains("")) {
                // Taken for not given, it would delete more than was meant.
                throw new RequestError(400, "empty_" + name, name + " is empty: give it a value, or leave it out");
            }
        });
        Map<String, Object> values = read(call, query);
        List<String> filters = new ArrayList<>();
        call.operation().path("x-at-least-one").forEach(name -> filters.add(name.asText()));
        if (!filters.isEmpty() && filters.stream().allMatch(name -> values.get(name) == null)) {
            throw new RequestError(400, "missing_filter", "give at least one of " + String.join(", ", filters));
        }
        call.operation().path("x-requires").properties().forEach(rule -> {
            if (values.get(rule.getKey()) != null && values.get(rule.getValue().asText()) == null) {
                throw new RequestError(400, "missing_" + rule.getValue().asText(), rule.getKey() + " requires " + rule.getValue().asText());
            }
        });
        requireAscending(call, values);
        return values;
    }

    /**
     * @param path path of the request
     * @param method POST or PUT
     * @param query its query as sent, or null
     * @param type its content type, which must be JSON: browsers let pages of other sites send other types
     * @param body its body as read by the listener, or null
     * @return a value for every declared parameter and every declared field of the body: in addition to the types of {@link
     *     #read}, Boolean, Double for numbers, Long[], Double[] or String[] for arrays of these, maps for objects, and lists of maps; the default, or null, if the request has none
     * @throws RequestError (400, 415) if something is unknown, repeated, missing or violates the contract
     */
    public Map<String, Object> readBody(@Header(Exchange.HTTP_PATH) String path, @Header(Exchange.HTTP_METHOD) String method,
            @Header(Exchange.HTTP_RAW_QUERY) String query, @Header(Exchange.CONTENT_TYPE) Object type, @Body Object body) {
        Contract.Call call = contract.call(path, method.toLowerCase(Locale.ROOT));
        Map<String, Object> values = read(call, query);
        if (!(type instanceof String text) || !text.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
            throw new RequestError(415, "unsupported_media_type", "the body must be JSON with the header Content-Type: application/json; got "
                    + (type == null ? "none" : Quoted.of(type.toString())));
        }
        JsonNode schema = call.operation().path("requestBody").path("content").path("application/json").path("schema");
        values.putAll(RequestBody.parse((Buffer) body).read(schema));
        requireRange(values);
        requireAscending(call, values);
        return values;
    }

    /**
     * @param schema name of a schema in the contract, such as {@code AlertRule}
     * @param json an object that was validated by it, possibly by an earlier version of it
     * @return a value for every declared field, as of {@link #readBody}
     * @throws RequestError (400) if the object is not valid
     */
    public Map<String, Object> readObject(String schema, String json) {
        return RequestBody.parse(Buffer.buffer(json)).read(contract.schema(schema));
    }

    private Map<String, Object> read(Contract.Call call, String query) {
        Map<String, JsonNode> declared = new LinkedHashMap<>();
        Set<String> lists = new HashSet<>();
        Map<String, Object> values = new HashMap<>();
        for (JsonNode parameter : call.operation().path("parameters")) {
            String name = parameter.path("name").asText();
            if ("path".equals(parameter.path("in").asText())) {
                values.put(name, DeclaredValue.of(name, parameter.path("schema"), call.pathValues().get(name)));
            } else if ("query".equals(parameter.path("in").asText())) {
                declared.put(name, parameter.path("schema"));
                if (!parameter.path("explode").asBoolean(true)) {
                    lists.add(name);
                }
            }
        }
        Map<String, List<String>> given = Query.decode(query);
        for (String name : given.keySet()) {
            if (!declared.containsKey(name)) {
                throw new RequestError(400, "unknown_parameter", declared.isEmpty() ? "this call has no parameters; got " + Quoted.of(name)
                        : "parameters are " + String.join(", ", declared.keySet()) + "; got " + Quoted.of(name));
            }
        }
        declared.forEach((name, schema) -> {
            List<String> texts = given.getOrDefault(name, List.of());
            values.put(name, DeclaredValue.of(name, schema, lists.contains(name) ? elements(texts) : texts));
        });
        for (JsonNode parameter : call.operation().path("parameters")) {
            if (parameter.path("required").asBoolean() && values.get(parameter.path("name").asText()) == null) {
                throw new RequestError(400, "missing_" + parameter.path("name").asText(), parameter.path("name").asText() + " must be given: "
                        + parameter.path("description").asText().toLowerCase(Locale.ROOT) + ", such as " + parameter.path("example").asText());
            }
        }
        requireRange(values);
        values.remove(Operations.TENANT);
        return values;
    }

    /** @return the elements of lists that are separated by commas */
    private static List<String> elements(List<String> lists) {
        return lists.stream().flatMap(list -> Stream.of(list.split(","))).toList();
    }

    private static void requireAscending(Contract.Call call, Map<String, Object> values) {
        call.operation().path("x-ascending").properties().forEach(rule -> {
            String least = rule.getKey();
            String most = rule.getValue().asText();
            if (values.get(least) instanceof Double one && values.get(most) instanceof Double other && one > other) {
                throw new RequestError(400, "invalid_" + least, "%s must not be greater than %s; got %s and %s".formatted(least, most, one, other));
            }
        });
    }

    private static void requireRange(Map<String, Object> values) {
        if (values.get("from") instanceof String from && values.get("to") instanceof String to && !Instant.parse(from).isBefore(Instant.parse(to))) {
            throw new RequestError(400, "invalid_range", "from must be before to; got " + Quoted.of(from) + " and " + Quoted.of(to));
        }
        if (values.get("active_from") instanceof String from && values.get("to") instanceof String to && Instant.parse(from).isAfter(Instant.parse(to))) {
            throw new RequestError(400, "invalid_range", "active_from must not be after to; got " + Quoted.of(from) + " and " + Quoted.of(to));
        }
    }
}
