package sensorpipeline.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A client of one listener. */
public final class Http {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String base;

    /** @param port of the listener on this machine */
    public Http(int port) {
        base = "http://127.0.0.1:" + port;
    }

    /** @return the response to a GET request */
    public HttpResponse<String> get(String path, String... headers) {
        return call("GET", path, headers);
    }

    /** @return the response to a POST request with JSON */
    public HttpResponse<String> post(String path, String json) {
        return call("POST", path, HttpRequest.BodyPublishers.ofString(json), "Content-Type", "application/json");
    }

    /** @return the response to a request without a body; {@code headers} alternates names and values */
    public HttpResponse<String> call(String method, String path, String... headers) {
        return call(method, path, HttpRequest.BodyPublishers.noBody(), headers);
    }

    /** @return the response to a request; {@code headers} alternates names and values */
    public HttpResponse<String> call(String method, String path, HttpRequest.BodyPublisher body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20)).method(method, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @return the JSON of a response */
    public static JsonNode json(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(response.body(), e);
        }
    }
}
