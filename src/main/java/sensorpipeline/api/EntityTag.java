package sensorpipeline.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Responds with 304 if the client already has the response (RFC 9110, "Conditional Requests"). Thread-safe. */
public final class EntityTag {

    private static final int LENGTH = 12;

    /**
     * Sets the header ETag of a GET or HEAD request. If the header If-None-Match shows that the client has this response, it becomes a 304 without a body.
     *
     * @param exchange with the response as its body, and still with the headers of the request; with a property "version", the tag begins with it, and can be sent as If-Match ({@link Versions})
     */
    public void apply(Exchange exchange) throws NoSuchAlgorithmException {
        Message message = exchange.getMessage();
        // Request headers must not reappear in the response.
        message.removeHeader("ETag");
        if (message.getHeader(Exchange.HTTP_RESPONSE_CODE) == null) {
            message.removeHeader("Retry-After");
        }
        String method = message.getHeader(Exchange.HTTP_METHOD, String.class);
        if (message.getHeader(Exchange.HTTP_RESPONSE_CODE) != null || message.getBody() == null || !"GET".equals(method) && !"HEAD".equals(method)) {
            return;
        }
        byte[] body = message.getBody() instanceof byte[] bytes ? bytes : message.getBody(String.class).getBytes(StandardCharsets.UTF_8);
        byte[] digest = MessageDigest.getInstance("SHA-1").digest(body);
        String value = Base64.getUrlEncoder().encodeToString(Arrays.copyOf(digest, LENGTH));
        String version = exchange.getProperty("version", String.class);
        // Weak, because the listener may compress the response; but If-Match takes strong ones only.
        String tag = version == null ? "W/\"" + value + "\"" : "\"" + version + "-" + value + "\"";
        message.setHeader("ETag", tag);
        message.setBody(body);
        if (isKnown(tag, message.getHeader("If-None-Match", String.class))) {
            message.setHeader(Exchange.HTTP_RESPONSE_CODE, 304);
            message.setBody(null);
        }
    }

    private static boolean isKnown(String tag, String known) {
        if (known == null) {
            return false;
        }
        String value = tag.replaceFirst("^W/", "");
        return Arrays.stream(known.split(",")).map(String::strip).anyMatch(one -> one.equals("*") || one.equals(value) || one.equals("W/" + value));
    }
}
