package sensorpipeline.health;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import sensorpipeline.settings.Settings;

/**
 * A separate program that asks the running one in the same container whether it is ready, for container engines in an image
 * without a shell or curl. Exits with status 0 if it is, 1 if not, and prints the response of {@code /observe/health/ready}.
 */
public final class HealthProbe {

    private static final int LIMIT_MILLISECONDS = 4000;

    private HealthProbe() {
    }

    /** @param arguments none */
    public static void main(String[] arguments) throws IOException {
        Settings settings = Settings.load(System.getenv());
        URI address = URI.create("http://%s:%d/observe/health/ready".formatted(settings.ownHost(), settings.port("management.port")));
        System.exit(isReady(address) ? 0 : 1);
    }

    private static boolean isReady(URI address) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setConnectTimeout(LIMIT_MILLISECONDS);
        connection.setReadTimeout(LIMIT_MILLISECONDS);
        try {
            boolean isReady = connection.getResponseCode() == HttpURLConnection.HTTP_OK;
            try (InputStream body = isReady ? connection.getInputStream() : connection.getErrorStream()) {
                System.out.println(new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
            return isReady;
        } catch (IOException e) {
            System.out.println(address + " does not answer: " + e.getMessage());
            return false;
        }
    }
}
