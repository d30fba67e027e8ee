package sensorpipeline.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The contract of the REST API, openapi.json, with the target of each {@code $ref} in its place. Thread-safe. */
final class Contract {

    private final JsonNode document;
    private final JsonNode paths;

    /** Loads the contract from the class path. */
    Contract() {
        try (InputStream file = Contract.class.getClassLoader().getResourceAsStream("openapi.json")) {
            document = resolved(new ObjectMapper().readTree(file));
            paths = document.path("paths");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param document an OpenAPI document, which is changed */
    Contract(JsonNode document) {
        this.document = resolved(document);
        paths = document.path("paths");
    }

    private static JsonNode resolved(JsonNode document) {
        document.findParents("$ref").forEach(reference -> replace(document, (ObjectNode) reference));
        return document;
    }

    private static void replace(JsonNode document, ObjectNode reference) {
        JsonNode target = document.at(reference.path("$ref").asText().substring(1));
        reference.removeAll();
        reference.setAll((ObjectNode) target);
    }

    /**
     * The operation that a request calls.
     *
     * @param operation as described by the contract
     * @param pathValues the values of the path parameters, by name
     */
    record Call(JsonNode operation, Map<String, List<String>> pathValues) {
    }

    /**
     * @param requestPath path of a request
     * @param method in lower case
     * @return the operation that it calls
     * @throws IllegalStateException if it is not in the contract
     */
    Call call(String requestPath, String method) {
        return find(requestPath, method)
                .orElseThrow(() -> new IllegalStateException("openapi.json does not describe " + method + " " + requestPath + ", so its parameters cannot be read"));
    }

    /**
     * @param requestPath path of a request
     * @param method in lower case
     * @return the operation that it calls; empty if it is not in the contract
     */
    Optional<Call> find(String requestPath, String method) {
        // Like the router, ignores a trailing slash.
        String path = requestPath.endsWith("/") ? requestPath.substring(0, requestPath.length() - 1) : requestPath;
        if (paths.path(path).has(method)) {
            return Optional.of(new Call(paths.path(path).path(method), Map.of()));
        }
        String[] parts = path.split("/");
        for (Map.Entry<String, JsonNode> template : paths.properties()) {
            JsonNode operation = template.getValue().path(method);
            Map<String, List<String>> values = operation.isMissingNode() ? null : match(template.getKey().split("/"), parts);
            if (values != null) {
                return Optional.of(new Call(operation, values));
            }
            if (operation.path("x-paths-below").asBoolean() && path.startsWith(template.getKey() + "/")) {
                return Optional.of(new Call(operation, Map.of()));
            }
        }
        return Optional.empty();
    }

    /** @return the paths, each with its operations by method */
    JsonNode paths() {
        return paths;
    }

    /** @return the schema of this parameter, one of those that operations share */
    JsonNode parameter(String name) {
        return document.path("components").path("parameters").path(name).path("schema");
    }

    /** @return the values of the {parameters} of a template in a path, or null if the path does not match */
    private static Map<String, List<String>> match(String[] template, String[] path) {
        Map<String, List<String>> values = new HashMap<>();
        for (int i = 0; i < template.length; i++) {
            boolean isParameter = template[i].startsWith("{");
            if (template.length != path.length || !isParameter && !template[i].equals(path[i])) {
                return null;
            }
            if (isParameter) {
                values.put(template[i].substring(1, template[i].length() - 1), List.of(Query.text(path[i].replace("+", "%2B"), path[i])));
            }
        }
        return values;
    }

    /** @return the schema of this name */
    JsonNode schema(String name) {
        return document.path("components").path("schemas").path(name);
    }
}
