package sensorpipeline.dashboard;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLException;
import sensorpipeline.health.SampledHealthCheck;
import sensorpipeline.http.TrustedCertificates;

/**
 * Checks that the dashboard can reach the REST API. Not part of readiness: the page itself shows that the API is
 * unreachable, and must be served to do so.
 */
public final class ApiHealthCheck extends SampledHealthCheck {

    private static final Duration LIMIT = Duration.ofSeconds(3);

    private final HttpClient client;
    private final String baseUrl;

    /**
     * @param baseUrl value of the setting {@code api.base.url}
     * @param trusted certificates to trust
     */
    public ApiHealthCheck(String baseUrl, TrustedCertificates trusted) throws GeneralSecurityException {
        super("rest-api");
        this.client = HttpClient.newBuilder().connectTimeout(LIMIT).sslContext(trusted.context()).build();
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
        } catch (SSLException e) {
            throw new IllegalStateException("The certificate of the REST API at " + baseUrl + " is not trusted (API_BASE_CERTIFICATES): " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("The REST API at " + baseUrl + " does not answer", e);
        }
    }

    @Override
    public boolean isReadiness() {
        return false;
    }
}
