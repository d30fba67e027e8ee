package sensorpipeline.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.JsonFault;
import sensorpipeline.reading.Quoted;

/**
 * The JSON object in the body of a request.
 *
 * @param object its fields
 */
record RequestBody(JsonNode object) {

    private static final ObjectMapper JSON = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /**
     * @param body as read by the listener, or null
     * @return the object in it
     * @throws RequestError (400) if it is not a single JSON object
     */
    static RequestBody parse(Buffer body) {
        JsonNode object;
        try {
            object = JSON.readTree(body == null ? new byte[0] : body.getBytes());
        } catch (JsonProcessingException e) {
            throw invalid("invalid_body", "the body is not valid JSON: " + JsonFault.describe(e));
        } catch (IOException e) {
            throw invalid("invalid_body", "the body is not valid JSON in UTF-8");
        }
        if (!object.isObject()) {
            throw invalid("invalid_body", "the body must be a JSON object such as {\"reason\": \"no metric\"}; got "
                    + (object.isMissingNode() ? "nothing" : Quoted.of(object.toString())));
        }
        return new RequestBody(object);
    }

    /**
     * @param schema of the body in the contract
     * @return a value for every declared field; its default, or null, if it is missing
     * @throws RequestError (400) if a field is unknown, missing or violates the schema
     */
    Map<String, Object> read(JsonNode schema) {
        List<String> declared = new ArrayList<>();
        schema.path("properties").fieldNames().forEachRemaining(declared::add);
        object.fieldNames().forEachRemaining(name -> {
            if (!declared.contains(name)) {
                throw invalid("unknown_field", "fields are " + String.join(", ", declared) + "; got " + Quoted.of(name));
            }
        });
        List<String> sufficient = new ArrayList<>();
        schema.path("anyOf").forEach(choice -> sufficient.add(choice.path("required").path(0).asText()));
        if (!sufficient.isEmpty() && sufficient.stream().noneMatch(object::has)) {
            throw invalid("missing_field", "give at least one of " + String.join(", ", sufficient));
        }
        Map<String, Object> values = new HashMap<>();
        for (String name : declared) {
            JsonNode field = schema.path("properties").path(name);
            values.put(name, object.has(name) && !(object.path(name).isNull() && mayBeNull(field)) ? field(name, object.path(name), field) : DeclaredValue.defaultOf(field));
        }
        return values;
    }

    private static boolean mayBeNull(JsonNode schema) {
        for (JsonNode type : schema.path("type")) {
            if ("null".equals(type.asText())) {
                return true;
            }
        }
        return false;
    }

    private static Object field(String name, JsonNode value, JsonNode schema) {
        JsonNode type = schema.path("type");
        switch ((type.isArray() ? type.path(0) : type).asText()) {
            case "integer":
                return DeclaredValue.wholeNumber(name, value.isIntegralNumber() ? value.asText() : value.toString(), schema);
            case "number":
                return DeclaredValue.number(name, value.isNumber() ? value.asText() : value.toString());
            case "array":
                return wholeNumbers(name, value, schema);
            case "boolean":
                if (value.isBoolean()) {
                    return value.booleanValue();
                }
                throw invalid("invalid_" + name, name + " must be true or false; got " + Quoted.of(value.toString()));
            default:
                if (value.isTextual()) {
                    return DeclaredValue.text(name, value.textValue(), schema);
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
        value.forEach(element -> numbers.add((Long) DeclaredValue.wholeNumber(name, element.toString(), schema.path("items"))));
        return numbers.stream().distinct().toArray(Long[]::new);
    }

    private static RequestError invalid(String code, String message) {
        return new RequestError(400, code, message);
    }
}
