package sensorpipeline.alerts;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.http.base.HttpOperationFailedException;
import sensorpipeline.rules.NamePatterns;

/**
 * Posts messages to webhooks, with the headers of <a href="https://www.standardwebhooks.com">Standard Webhooks</a>. An attempt ends after five seconds, whatever the server sends in what pace: of its
 * response, only the status is read. Thread-safe.
 */
public final class Webhook {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).connectTimeout(LIMIT).build();
    private final NamePatterns hosts;

    /** @param hosts patterns of the hosts that webhooks may have */
    Webhook(List<String> hosts) {
        this.hosts = NamePatterns.of(hosts);
    }

    /**
     * @param due the channel, with a "url"
     * @param message to it
     * @throws HttpOperationFailedException if the server does not accept the message
     * @throws IOException if the connection to it fails
     * @throws ExecutionException likewise, with the cause
     * @throws TimeoutException if it does not respond in time
     * @throws IllegalStateException if the operator does not allow messages to that host
     */
    public void post(DueChannel due, ChannelMessage message) throws HttpOperationFailedException, IOException, ExecutionException, TimeoutException, InterruptedException {
        URI url = URI.create(due.setting("url"));
        if (!hosts.match(url.getHost())) {
            throw new IllegalStateException("messages to " + url.getHost() + " are not allowed; the operator can allow them by ALERTS_WEBHOOK_HOSTS");
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(url).header("Content-Type", "application/json").header("User-Agent", "sensor-pipeline")
                .header("webhook-id", message.id()).header("webhook-timestamp", message.timestamp()).POST(HttpRequest.BodyPublishers.ofString(message.json()));
        if (message.signature() != null) {
            request.header("webhook-signature", message.signature());
        }
        CompletableFuture<HttpResponse<InputStream>> answer = client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try {
            HttpResponse<InputStream> response = answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            // It closes the connection; what else the server sends does not matter.
            response.body().close();
            int status = response.statusCode();
            if (status < 200 || status > 299) {
                throw new HttpOperationFailedException(url.getAuthority(), status, HttpResponseStatus.valueOf(status).reasonPhrase(), null, Map.of(), null);
            }
        } finally {
            answer.cancel(true);
        }
    }
}
