package sensorpipeline.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import sensorpipeline.http.RequestError;
import sensorpipeline.rules.NotificationChannel;

/** Turns requests about channels into the parameters of their statements. Stateless. */
public final class ChannelRequests {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** What the server adds to a channel. */
    private static final List<String> ADDED = List.of("id", "version", "created_at", "changed_at", "status");

    private ChannelRequests() {
    }

    /**
     * @param exchange with the headers and the body of the request, and as its parameters the fields of a channel and, for a channel that is there, its "channel_id"
     * @return the parameters of save-alert-channel.sql
     * @throws RequestError (400) if fields contradict each other, a new webhook has no secret, or If-Match is not a list of tags
     */
    public static Map<String, Object> channel(Exchange exchange) throws JsonProcessingException {
        Map<String, Object> given = AlertRequests.parameters(exchange);
        NotificationChannel channel = NotificationChannel.of(given);
        ObjectNode definition = (ObjectNode) JSON.readTree(exchange.getMessage().getBody(Buffer.class).toString());
        definition.remove(ADDED);
        String secret = null;
        if (definition.path("webhook") instanceof ObjectNode webhook) {
            // It is kept apart, where it is not read by the REST API.
            secret = webhook.hasNonNull("secret") ? webhook.get("secret").textValue() : null;
            webhook.remove("secret");
            if (secret == null && given.get("channel_id") == null) {
                throw new RequestError(400, "missing_secret", "webhook: secret must be given: the key that signs the messages, so that the receiver can verify them");
            }
        }
        ObjectNode columns = JSON.createObjectNode();
        columns.put("severity", channel.severity().text()).put("delay", channel.delay()).put("repeats", channel.repeats()).put("tells_cleared", channel.tellsCleared());
        columns.putPOJO("rules", channel.rules().forLike()).putPOJO("sensors", channel.sensors().forLike()).putPOJO("locations", channel.locations().forLike());
        columns.putPOJO("fallback_for", channel.fallbackFor().isEmpty() ? null : channel.fallbackFor());
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("channel_id", given.get("channel_id"));
        parameters.put("versions", Versions.of(exchange));
        parameters.put("name", channel.name());
        parameters.put("definition", definition.toString());
        parameters.put("columns", columns.toString());
        parameters.put("secret", secret);
        return parameters;
    }
}
