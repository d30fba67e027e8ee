package sensorpipeline.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.JdbcConstants;
import sensorpipeline.http.RequestError;

/** Requests to make and to revoke keys. Thread-safe. */
public final class KeyRequests {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** The property of an exchange with the new key, which must not be stored. */
    private static final String NEW_KEY = "newKey";

    private final Keys keys;
    private final Clock clock;

    /**
     * @param keys that are valid in this program
     * @param clock by which new keys expire
     */
    public KeyRequests(Keys keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    /**
     * Makes a key, and keeps it in the exchange for {@link #made}.
     *
     * @param exchange with the fields of the request as its parameters
     * @return the parameters of make-key.sql
     * @throws RequestError (403) if only the command line makes such a key, or (400) if it would expire in the past
     */
    public Map<String, Object> make(Exchange exchange) {
        Map<?, ?> fields = exchange.getMessage().getHeader(JdbcConstants.JDBC_PARAMETERS, Map.class);
        if (Role.INSTALLATION.text().equals(fields.get("role"))) {
            throw new RequestError(403, "forbidden", "A key with the role installation is made on the command line: ./pipeline keys create --role installation");
        }
        AccessKey key = AccessKey.create();
        exchange.setProperty(NEW_KEY, key);
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("hash", HexFormat.of().formatHex(key.hash()));
        parameters.put("role", fields.get("role"));
        parameters.put("name", fields.get("name"));
        parameters.put("made_by", CallerScope.of(exchange).id());
        try {
            Instant expiry = KeyExpiry.parse("expires", (String) fields.get("expires"), clock.instant());
            parameters.put("expires_at", expiry == null ? null : expiry.toString());
        } catch (IllegalArgumentException e) {
            throw new RequestError(400, "invalid_expires", e.getMessage());
        }
        return parameters;
    }

    /**
     * @param exchange with the new key, and the one that is stored as its body
     * @return the response, the only one with the key itself
     */
    public String made(Exchange exchange) throws JsonProcessingException {
        AccessKey key = exchange.getProperty(NEW_KEY, AccessKey.class);
        JsonNode stored = JSON.readTree(exchange.getMessage().getBody(String.class));
        JsonNode expiry = stored.path("expires_at");
        keys.made(key, new ValidKey(stored.path("id").asLong(), stored.path("tenant").asText(), Role.named(stored.path("role").asText()).orElseThrow(),
                stored.path("name").asText(""), expiry.isNull() ? null : Instant.parse(expiry.asText())));
        ObjectNode data = JSON.createObjectNode();
        data.set("id", stored.path("id"));
        data.put("key", key.text());
        for (String field : List.of("tenant", "role", "name", "expires_at")) {
            data.set(field, stored.path(field));
        }
        return answer(data);
    }

    /**
     * @param row of revoke-key.sql
     * @return the response
     * @throws RequestError (404) if there is no such key
     */
    public String revoked(@Body Map<String, Object> row) throws JsonProcessingException {
        if (row.get("answer") == null) {
            throw new RequestError(404, "unknown_key", "There is no key " + row.get("id"));
        }
        keys.revoked((Long) row.get("id"));
        return answer(JSON.readTree((String) row.get("answer")));
    }

    private static String answer(JsonNode data) throws JsonProcessingException {
        return JSON.writeValueAsString(JSON.createObjectNode().put("status", "success").set("data", data));
    }
}
