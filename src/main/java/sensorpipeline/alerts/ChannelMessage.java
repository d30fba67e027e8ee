package sensorpipeline.alerts;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A message to a channel, for one attempt to deliver it. The signature is that of <a href="https://www.standardwebhooks.com">Standard Webhooks</a>. Immutable.
 *
 * @param id of the message, the same at each attempt
 * @param json for programs
 * @param subject for people, in a line
 * @param text for people: some lines for each alert, the most severe if there are very many
 * @param timestamp of this attempt, in seconds since 1970 UTC
 * @param signature of id, timestamp and JSON, or null for a channel without a secret
 */
public record ChannelMessage(String id, String json, String subject, String text, String timestamp, String signature) {

    private static final String ALGORITHM = "HmacSHA256";
    private static final String ENCODED = "whsec_";

    /**
     * @param id of the message
     * @param json of it
     * @param text of it, for people
     * @param secret that signs it, or null
     * @param now time of this attempt
     */
    static ChannelMessage of(String id, String json, MessageText text, String secret, Instant now) {
        String timestamp = String.valueOf(now.getEpochSecond());
        return new ChannelMessage(id, json, text.subject(), text.body(), timestamp, secret == null ? null : signature(secret, id + "." + timestamp + "." + json));
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
}
