package sensorpipeline.alerts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A message to a channel, for one attempt to deliver it. The signature is that of <a href="https://www.standardwebhooks.com">Standard Webhooks</a>. Immutable.
 *
 * @param id of the message, the same at each attempt
 * @param json for programs
 * @param subject for people, in a line
 * @param text for people: a line for each event, the most severe alerts if there are very many
 * @param timestamp of this attempt, in seconds since 1970 UTC
 * @param signature of id, timestamp and JSON, or null for a channel without a secret
 */
public record ChannelMessage(String id, String json, String subject, String text, String timestamp, String signature) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ALGORITHM = "HmacSHA256";
    private static final String ENCODED = "whsec_";

    /**
     * @param id of the message
     * @param json of it
     * @param secret that signs it, or null
     * @param now time of this attempt
     */
    static ChannelMessage of(String id, String json, String secret, Instant now) {
        JsonNode data;
        try {
            data = JSON.readTree(json).path("data");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        String timestamp = String.valueOf(now.getEpochSecond());
        return new ChannelMessage(id, json, subject(data), text(data), timestamp, secret == null ? null : signature(secret, id + "." + timestamp + "." + json));
    }

    private static String signature(String secret, String signed) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key(secret), ALGORITHM));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] key(String secret) {
        if (secret.startsWith(ENCODED)) {
            try {
                return Base64.getDecoder().decode(secret.substring(ENCODED.length()));
            } catch (IllegalArgumentException e) {
                // A text that only begins like this.
            }
        }
        return secret.getBytes(StandardCharsets.UTF_8);
    }

    private static String subject(JsonNode data) {
        int count = data.path("count").asInt();
        if (count == 0) {
            return "Test of channel " + data.path("channel").asText();
        }
        if (count == 1) {
            return line(data.path("alerts").path(0));
        }
        List<String> parts = new ArrayList<>();
        for (String name : List.of("critical", "warning", "info")) {
            if (data.path(name).asInt() > 0) {
                parts.add("%,d %s".formatted(data.path(name).asInt(), name));
            }
        }
        if (data.path("cleared").asInt() > 0) {
            parts.add("%,d over".formatted(data.path("cleared").asInt()));
        }
        return (data.path("storm").asBoolean() ? "Storm of alerts: " : "Alerts: ") + String.join(", ", parts);
    }

    private static String text(JsonNode data) {
        List<String> lines = new ArrayList<>();
        lines.add(subject(data));
        lines.add("");
        data.path("alerts").forEach(alert -> lines.add(line(alert) + times(alert)));
        int more = data.path("count").asInt() - data.path("alerts").size();
        if (more > 0) {
            lines.add("and %,d more".formatted(more));
        }
        return String.join("\n", lines);
    }

    private static String line(JsonNode alert) {
        String event = alert.path("event").asText();
        String place = alert.path("sensor_id").asText() + (alert.path("location").isNull() ? "" : " (" + alert.path("location").asText() + ")");
        String what = alert.path("rule").asText() + ", " + place + ": " + alert.path("message").asText()
                + (alert.path("latched").asBoolean() ? " (over, not acknowledged)" : "");
        return event.equals("cleared") ? "Over: " + what : (event.equals("repeated") ? "Still open: " : "") + alert.path("severity").asText().toUpperCase(Locale.ROOT) + " " + what;
    }

    private static String times(JsonNode alert) {
        return alert.path("event").asText().equals("cleared") ? ", from " + alert.path("fired_at").asText() + " to " + alert.path("cleared_at").asText()
                : ", since " + alert.path("fired_at").asText();
    }
}
