package sensorpipeline.health;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/**
 * Whether the dashboard reaches the REST API. Not part of readiness: the page itself tells people that the API is away, and
 * to do so it must be served.
 */
public final class ApiHealthCheck extends SampledHealthCheck {

    private static final Duration LIMIT = Duration.ofSeconds(3);

    private final HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build();
    private final String baseUrl;

    /** @param baseUrl as the setting {@code api.base.url} */
    public ApiHealthCheck(String baseUrl) {
        super("rest-api");
        this.baseUrl = baseUrl;
    }

    @Override
    protected Map<String, Object> look() throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(baseUrl + "/health/live")).timeout(LIMIT).build();
        try {
            int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status >= 500) {
                throw new IllegalStateException("The REST API at " + baseUrl + " answers with status " + status);
            }
            return Map.of();
        } catch (IOException e) {
            throw new IllegalStateException("The REST API at " + baseUrl + " does not answer", e);
        }
    }

    @Override
    public boolean isReadiness() {
        return false;
    }
}
