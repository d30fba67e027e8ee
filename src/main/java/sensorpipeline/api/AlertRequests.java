package sensorpipeline.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.JdbcConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConstants;
import sensorpipeline.access.Caller;
import sensorpipeline.access.CallerScope;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.Quoted;
import sensorpipeline.rules.AlertRule;

/** Turns requests about alert rules and alerts into the parameters of their statements. Stateless. */
public final class AlertRequests {

    /** Keeps numbers as they were written. */
    private static final ObjectMapper JSON = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES).build();
    private static final int LARGEST_EXPONENT = 1000;
    private static final Duration LONGEST_SHELVING = Duration.ofDays(30);
    /** What the server adds to a rule. */
    private static final List<String> ADDED = List.of("id", "version", "created_at", "changed_at", "open_alerts");

    private AlertRequests() {
    }

    /**
     * @param exchange with the headers and the body of the request, and as its parameters the fields of a rule and, for a rule that is there, its "rule_id"
     * @return the parameters of save-alert-rule.sql
     * @throws RequestError (400) if fields contradict each other, or If-Match is not a list of tags
     */
    public static Map<String, Object> rule(Exchange exchange) {
        Map<String, Object> fields = parameters(exchange);
        AlertRule rule = AlertRule.of(fields);
        ObjectNode definition = (ObjectNode) body(exchange);
        definition.remove(ADDED);
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("rule_id", fields.get("rule_id"));
        parameters.put("versions", Versions.of(exchange));
        parameters.put("name", rule.name());
        parameters.put("definition", definition.toString());
        return parameters;
    }

    /**
     * @param exchange with the body of the request, and as its parameters "data", the fields of rules, and the others of import-alert-rules.sql
     * @return the parameters of that
     * @throws RequestError (400) if fields of a rule contradict each other, or two rules have the same name
     */
    public static Map<String, Object> rules(Exchange exchange) {
        Map<String, Object> parameters = new HashMap<>(parameters(exchange));
        JsonNode definitions = body(exchange).path("data");
        Set<String> names = new HashSet<>();
        int place = 0;
        for (Object fields : (List<?>) parameters.remove("data")) {
            String name = requireValid(place, fields).name();
            if (!names.add(name)) {
                throw new RequestError(400, "invalid_data", "data[%d]: names of rules are unique, and another one before it is called %s".formatted(place, Quoted.of(name)));
            }
            ((ObjectNode) definitions.path(place)).remove(ADDED);
            place++;
        }
        parameters.put("definitions", definitions.toString());
        return parameters;
    }

    @SuppressWarnings("unchecked")
    private static AlertRule requireValid(int place, Object fields) {
        Map<String, Object> rule = (Map<String, Object>) fields;
        try {
            return AlertRule.of(rule);
        } catch (RequestError e) {
            throw new RequestError(e.getStatus(), e.getCode(), "data[%d], %s: %s".formatted(place, Quoted.of((String) rule.get("name")), e.getMessage()));
        }
    }

    private static JsonNode body(Exchange exchange) {
        try {
            JsonNode body = JSON.readTree(exchange.getMessage().getBody(Buffer.class).toString());
            requireUsualNumbers(body);
            return body;
        } catch (JsonProcessingException | NumberFormatException e) {
            throw unusualNumber();
        }
    }

    /** Others are zero or infinite for who evaluates them, and PostgreSQL cannot compare them. */
    private static void requireUsualNumbers(JsonNode node) {
        if (node.isBigDecimal() && Math.abs((long) node.decimalValue().scale()) > LARGEST_EXPONENT) {
            throw unusualNumber();
        }
        node.forEach(AlertRequests::requireUsualNumbers);
    }

    private static RequestError unusualNumber() {
        return new RequestError(400, "invalid_number", "numbers must not have more than %d digits before or after the decimal point".formatted(LARGEST_EXPONENT));
    }

    /**
     * @param exchange with the parameters of a request to acknowledge, shelve or clear an alert
     * @param kind which of them
     * @return the parameters of change-alert.sql
     * @throws RequestError (400) if it does not say until when an alert is to be shelved, or that is past or too far away
     */
    public static Map<String, Object> change(Exchange exchange, String kind) {
        Map<String, Object> parameters = signed(exchange);
        parameters.put("kind", kind);
        parameters.put("until", kind.equals("shelve") ? until((String) parameters.get("until"), (String) parameters.get("for")) : null);
        return parameters;
    }

    /**
     * @param exchange with the parameters of a request
     * @return these, and "by": who makes the request
     */
    public static Map<String, Object> signed(Exchange exchange) {
        Map<String, Object> parameters = new HashMap<>(parameters(exchange));
        parameters.put("by", signature(exchange, (String) parameters.get("by")));
        return parameters;
    }

    private static String until(String time, String duration) {
        if ((time == null) == (duration == null)) {
            throw new RequestError(400, "invalid_until", "give either until, a time to come, or for, a duration such as 30m; with 0s, the alert is no longer shelved");
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        Instant until = time != null ? Instant.parse(time) : now.plus(AlertRule.microseconds(duration), ChronoUnit.MICROS);
        if (until.isAfter(now.plus(LONGEST_SHELVING)) || time != null && !until.isAfter(now)) {
            throw new RequestError(400, "invalid_until", "an alert can be shelved for up to %d days from now; got %s".formatted(LONGEST_SHELVING.toDays(), time != null ? time : duration));
        }
        return until.toString();
    }

    /** Who has a key may add a name, but not take that of another. */
    private static String signature(Exchange exchange, String given) {
        Caller caller = CallerScope.of(exchange);
        if (caller.isAnybody()) {
            return given == null ? address(exchange) : given;
        }
        String holder = caller.name().isEmpty() ? caller.id() : caller.name();
        return given == null ? holder : given + " (" + holder + ")";
    }

    private static String address(Exchange exchange) {
        SocketAddress address = exchange.getMessage().getHeader(VertxPlatformHttpConstants.REMOTE_ADDRESS, SocketAddress.class);
        return address == null ? "unknown" : address.hostAddress();
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> parameters(Exchange exchange) {
        return exchange.getMessage().getHeader(JdbcConstants.JDBC_PARAMETERS, Map.class);
    }
}
