package sensorpipeline.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import sensorpipeline.http.RequestError;

/** The operations of the REST API, and the role that each needs, which it names in {@code security}: an empty list is for everybody. Thread-safe. */
public final class Operations {

    /** The parameter that names a tenant. */
    static final String TENANT = "tenant";

    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");
    /** The name of the security scheme. */
    private static final String SCHEME = "key";

    private final Contract contract;
    /** By their nodes in the contract. */
    private final Map<JsonNode, Operation> operations = new IdentityHashMap<>();

    /**
     * Reads the contract.
     *
     * @throws IllegalStateException if an operation does not say who may call it
     */
    public Operations() {
        this(new Contract());
    }

    /** @throws IllegalStateException if an operation does not say who may call it */
    Operations(Contract contract) {
        this.contract = contract;
        for (Map.Entry<String, JsonNode> path : contract.paths().properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                // A path with servers of its own is not one of this listener.
                if (METHODS.contains(method.getKey()) && !path.getValue().has("servers")) {
                    operations.put(method.getValue(), new Operation(role(method.getKey() + " " + path.getKey(), method.getValue().path("security")), isAboutTenant(method.getValue())));
                }
            }
        }
    }

    private static String role(String name, JsonNode security) {
        if (security.isArray() && security.isEmpty()) {
            return "";
        }
        JsonNode roles = security.path(0).path(SCHEME);
        if (security.size() != 1 || roles.size() != 1 || !roles.path(0).isTextual()) {
            throw new IllegalStateException("openapi.json must say who may call %s: \"security\": [{\"%s\": [\"reader\"]}] names the role, and [] stands for everybody".formatted(name, SCHEME));
        }
        return roles.path(0).textValue();
    }

    private static boolean isAboutTenant(JsonNode operation) {
        return StreamSupport.stream(operation.path("parameters").spliterator(), false).anyMatch(parameter -> parameter.path("name").asText().equals(TENANT));
    }

    /**
     * @param method of a request
     * @param path of a request, normalized
     * @return the operation that it calls; empty if it is none of the contract
     */
    public Optional<Operation> find(String method, String path) {
        String name = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
        return METHODS.contains(name) ? contract.find(path, name).map(call -> operations.get(call.operation())) : Optional.empty();
    }

    /** @return all operations */
    public Collection<Operation> all() {
        return operations.values();
    }

    /**
     * @param query of a request for an operation about a tenant, as sent, or null
     * @return the tenant that it names; empty if it names none
     * @throws RequestError (400) if it names several, or one whose name is not valid, or the query cannot be read
     */
    public Optional<String> tenant(String query) {
        List<String> given = Query.decode(query).getOrDefault(TENANT, List.of());
        return Optional.ofNullable((String) DeclaredValue.of(TENANT, contract.parameter(TENANT), given));
    }
}
