package sensorpipeline.health;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import sensorpipeline.settings.Settings;

/**
 * A separate program that asks the running one in the same container whether it is ready, for container engines in an image
 * without a shell or curl. Exits with status 0 if it is, 1 if not, and prints the response of {@code /observe/health/ready}.
 *
 * <p>It runs every few seconds in every container, so it loads few classes: no HTTP client, and no {@code +} between texts,
 * which generates classes at run time.
 */
public final class HealthProbe {

    private static final int LIMIT_MILLISECONDS = 4000;
    private static final String REQUEST = "GET /observe/health/ready HTTP/1.0\r\n\r\n";

    private HealthProbe() {
    }

    /** @param arguments none */
    public static void main(String[] arguments) {
        Settings settings = Settings.load(System.getenv());
        System.exit(isReady(new InetSocketAddress(settings.ownHost(), settings.port("management.port"))) ? 0 : 1);
    }

    private static boolean isReady(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, LIMIT_MILLISECONDS);
            socket.setSoTimeout(LIMIT_MILLISECONDS);
            socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
            String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            // The whole response if it has no body, as when the program ends meanwhile.
            System.out.println(response.substring(Math.max(0, response.indexOf("\r\n\r\n"))).strip());
            // Such as HTTP/1.0 200 OK
            return response.startsWith("200", response.indexOf(' ') + 1);
        } catch (IOException e) {
            System.out.println(address.toString().concat(" does not answer: ").concat(String.valueOf(e.getMessage())));
            return false;
        }
    }
}
