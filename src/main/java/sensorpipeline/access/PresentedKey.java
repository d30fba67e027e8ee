package sensorpipeline.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The key in the header Authorization of a request: {@code Bearer <key>}, {@code Token <key>}, or HTTP Basic with the key as the password. */
final class PresentedKey {

    private PresentedKey() {
    }

    /**
     * @param headers values of the header Authorization
     * @return what should be a key; empty if the request has none, or more than one header
     */
    static Optional<String> in(List<String> headers) {
        String[] parts = headers.size() == 1 ? headers.get(0).strip().split(" +", 2) : new String[0];
        if (parts.length != 2) {
            return Optional.empty();
        }
        return switch (parts[0].toLowerCase(Locale.ROOT)) {
            case "bearer", "token" -> Optional.of(parts[1]);
            case "basic" -> password(parts[1]);
            default -> Optional.empty();
        };
    }

    private static Optional<String> password(String encoded) {
        try {
            String decoded = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            int end = decoded.indexOf(':');
            return end < 0 ? Optional.empty() : Optional.of(decoded.substring(end + 1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
