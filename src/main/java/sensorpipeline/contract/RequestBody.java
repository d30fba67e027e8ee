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
import java.util.stream.Collectors;
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
            throw invalid("invalid_body", "the body must be a JSON object such as {\"name\": \"value\"}; got "
                    + (object.isMissingNode() ? "nothing" : Quoted.of(object.toString())));
        }
        return new RequestBody(object);
    }

    /**
     * @param schema of the body in the contract
     * @return a value for every declared field; its default, or null, if it is missing. Of arrays, Long[], Double[] or String[], or a list of maps; of objects, a map
     * @throws RequestError (400) if a field is unknown, missing or violates the schema
     */
    Map<String, Object> read(JsonNode schema) {
        List<String> declared = new ArrayList<>();
        schema.path("properties").fieldNames().forEachRemaining(declared::add);
        object.fieldNames().forEachRemaining(name -> {
            if (!declared.contains(name)) {
                throw invalid("unknown_field", "fields are " + declared.stream().filter(field -> !schema.path("properties").path(field).path("readOnly").asBoolean())
                        .collect(Collectors.joining(", ")) + "; got " + Quoted.of(name));
            }
        });
        List<String> sufficient = new ArrayList<>();
        schema.path("anyOf").forEach(choice -> sufficient.add(choice.path("required").path(0).asText()));
        if (!sufficient.isEmpty() && sufficient.stream().noneMatch(object::has)) {
            throw invalid("missing_field", "give at least one of " + String.join(", ", sufficient));
        }
        schema.path("required").forEach(name -> {
            if (!object.hasNonNull(name.asText())) {
                throw invalid("missing_" + name.asText(), name.asText() + " must be given: " + schema.path("properties").path(name.asText()).path("description").asText());
            }
        });
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
        if (hasSecret(schema) && (schema.path("writeOnly").asBoolean() ? !value.isTextual() : !value.isObject())) {
            throw invalid("invalid_" + name, name + " must be " + (schema.path("writeOnly").asBoolean() ? "text" : "a JSON object"));
        }
        if (schema.path("writeOnly").asBoolean()) {
            return secret(name, value.textValue(), schema);
        }
        JsonNode type = schema.path("type");
        switch ((type.isArray() ? type.path(0) : type).asText()) {
            case "integer":
                return DeclaredValue.wholeNumber(name, value.isIntegralNumber() ? value.asText() : value.toString(), schema);
            case "number":
                return DeclaredValue.number(name, value.isNumber() ? value.asText() : value.toString());
            case "array":
                return array(name, value, schema);
            case "object":
                return nested(name, "invalid_" + name, value, schema);
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

    /** @return whether an error must not quote the value */
    private static boolean hasSecret(JsonNode schema) {
        return schema.path("writeOnly").asBoolean() || schema.path("properties").properties().stream().anyMatch(field -> field.getValue().path("writeOnly").asBoolean());
    }

    private static String secret(String name, String text, JsonNode schema) {
        try {
            return DeclaredValue.text(name, text, schema);
        } catch (RequestError e) {
            throw invalid("invalid_" + name, "%s must be text of %d to %d characters without control characters; got %d characters"
                    .formatted(name, schema.path("minLength").asInt(), schema.path("maxLength").asInt(), text.length()));
        }
    }

    private static Object array(String name, JsonNode value, JsonNode schema) {
        JsonNode items = schema.path("items");
        String type = items.path("type").asText();
        int most = schema.path("maxItems").asInt();
        if (!value.isArray() || value.size() < schema.path("minItems").asInt() || value.size() > most) {
            String allowed = schema.path("minItems").asInt() == most ? String.valueOf(most) : schema.path("minItems").asInt() + " to " + most;
            throw invalid("invalid_" + name, "%s must be an array of %s %s; got %s".formatted(name, allowed,
                    type.equals("integer") ? "whole numbers" : type.equals("string") ? "texts" : type + "s", value.isArray() ? value.size() + " elements" : Quoted.of(value.toString())));
        }
        List<Object> elements = new ArrayList<>();
        value.forEach(element -> elements.add(type.equals("object") ? nested("%s[%d]".formatted(name, elements.size()), "invalid_" + name, element, items) : field(name, element, items)));
        return switch (type) {
            case "integer" -> elements.stream().distinct().toArray(Long[]::new);
            case "number" -> elements.toArray(Double[]::new);
            case "string" -> elements.toArray(String[]::new);
            default -> elements;
        };
    }

    /** @return the fields of an object in the body; an error in one of them tells where it is */
    private static Map<String, Object> nested(String name, String code, JsonNode value, JsonNode schema) {
        if (!value.isObject()) {
            throw invalid(code, name + " must be a JSON object; got " + Quoted.of(value.toString()));
        }
        try {
            return schema.path("additionalProperties").isObject() ? entries(value, schema) : new RequestBody(value).read(schema);
        } catch (RequestError e) {
            throw new RequestError(e.getStatus(), code, name + ": " + e.getMessage());
        }
    }

    private static Map<String, Object> entries(JsonNode value, JsonNode schema) {
        if (value.size() > schema.path("maxProperties").asInt()) {
            throw invalid("too_many", "there can be up to %d fields; got %d".formatted(schema.path("maxProperties").asInt(), value.size()));
        }
        Map<String, Object> values = new HashMap<>();
        value.fieldNames().forEachRemaining(name -> DeclaredValue.text("the name of a field", name, schema.path("propertyNames")));
        value.properties().forEach(entry -> values.put(entry.getKey(), field(Quoted.of(entry.getKey()), entry.getValue(), schema.path("additionalProperties"))));
        return values;
    }

    private static RequestError invalid(String code, String message) {
        return new RequestError(400, code, message);
    }
}
