package sensorpipeline.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The syntax of addresses in settings. It does not tell whether a server is there. Stateless. */
final class Addresses {

    static final int HIGHEST_PORT = 65_535;

    /** A name, an address of version 4, or one of version 6, usually in brackets. */
    private static final String HOST = "([^\\s,:/?#@\\[\\]]+|\\[[^\\s,/?#@\\[\\]]+]|[0-9a-fA-F]*(:[0-9a-fA-F.]*){2,}?)";
    private static final Pattern SERVER = Pattern.compile("(?<protocol>\\w+://)?" + HOST + "(:(?<port>\\d{1,5}))?");

    private Addresses() {
    }

    /** @return true if this is {@code host:port}, as for Kafka; without {@code needsPort}, the port can be missing, as for PostgreSQL */
    static boolean isServer(String text, boolean needsPort) {
        Matcher server = SERVER.matcher(text);
        // Kafka's clients accept a protocol, and ignore it.
        if (!server.matches() || server.group("protocol") != null && !needsPort) {
            return false;
        }
        String port = server.group("port");
        return port == null ? !needsPort : Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= HIGHEST_PORT;
    }

    /** @return true if this is {@code http://host}, with an optional port and path, without a slash at its end; or the same with https */
    static boolean isWeb(String text) {
        try {
            return text.matches("https?://[^?#]*[^/?#]") && new URI(text).getHost() != null && new URI(text).getPort() <= HIGHEST_PORT;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
