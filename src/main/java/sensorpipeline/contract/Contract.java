package sensorpipeline.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The contract of the REST API, openapi.json. Safe for use by many threads. */
final class Contract {

    private final JsonNode document;
    private final JsonNode paths;

    /** Loads the contract from the class path. */
    Contract() {
        try (InputStream file = Contract.class.getClassLoader().getResourceAsStream("openapi.json")) {
            document = new ObjectMapper().readTree(file);
            paths = document.path("paths");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * An operation of the contract that a request calls.
     *
     * @param operation as the contract describes it
     * @param pathValues the values of the parameters in the path, by name
     */
    record Call(JsonNode operation, Map<String, List<String>> pathValues) {
    }

    /**
     * @param requestPath path of a request
     * @param method in lower case
     * @return the operation that it calls
     * @throws IllegalStateException if the contract does not describe it
     */
    Call call(String requestPath, String method) {
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

    /** @return the values that a path gives to the {parameters} of a template, or null if it does not match */
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

    /** @return the part of the contract that a {@code $ref} points to, or the node itself if it is none */
    JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }
}
