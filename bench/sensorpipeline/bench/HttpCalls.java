package sensorpipeline.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** GET requests to one port of this machine. Safe for use by many threads. */
final class HttpCalls {

    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;

    HttpCalls(int port) {
        address = "http://127.0.0.1:" + port;
    }

    String address() {
        return address;
    }

    /** @return the whole response */
    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return client.send(request(path), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** @return the body as text, whatever the status */
    String text(String path) throws IOException, InterruptedException {
        return client.send(request(path), HttpResponse.BodyHandlers.ofString()).body();
    }

    /** @return the body as it arrives, to be closed by the caller */
    InputStream stream(String path) throws IOException, InterruptedException {
        return client.send(request(path), HttpResponse.BodyHandlers.ofInputStream()).body();
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create(address + path)).timeout(LIMIT).build();
    }
}
