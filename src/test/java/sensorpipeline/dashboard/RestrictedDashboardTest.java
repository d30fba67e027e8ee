package sensorpipeline.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Servers;
import sensorpipeline.support.SteadyPorts;
import sensorpipeline.support.TestKeys;

/** The dashboard's proxy passes the caller's key to the REST API, has none of its own, and keeps nothing. */
class RestrictedDashboardTest {

    private static final int API_PORT = SteadyPorts.anyFree();
    private static final Settings SETTINGS = Servers.settings().with("access", "restricted").with("api.port", API_PORT).with("api.base.url", "http://127.0.0.1:" + API_PORT);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.API, Services.DASHBOARD));
    private static String key;
    private static Http page;

    @BeforeAll
    static void start() throws Exception {
        key = new TestKeys(new Database(SETTINGS)).make("reader", "default");
        PIPELINE.start();
        page = new Http(PIPELINE.port("dashboard.port"));
        Awaitility.await("keys are loaded").until(() -> latest("Authorization", "Bearer " + key).statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static HttpResponse<String> latest(String... headers) {
        return page.get("/api/data/latest", headers);
    }

    @Test
    void eachRequestNeedsItsOwnKey() {
        HttpResponse<String> admitted = latest("Authorization", "Bearer " + key);
        assertEquals(200, admitted.statusCode());
        assertEquals("private, no-cache", admitted.headers().firstValue("Cache-Control").orElse(""));
        HttpResponse<String> refused = latest();
        assertEquals(401, refused.statusCode());
        assertEquals(List.of("Bearer realm=\"Sensor Pipeline\"", "Basic realm=\"Sensor Pipeline\", charset=\"UTF-8\""), refused.headers().allValues("WWW-Authenticate"));
        assertEquals(401, latest("If-None-Match", admitted.headers().firstValue("ETag").orElse("")).statusCode());
        assertEquals(304, latest("Authorization", "Bearer " + key, "If-None-Match", admitted.headers().firstValue("ETag").orElse("")).statusCode());
    }

    @Test
    void theLiveStreamPassesWithAKey() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PIPELINE.port("dashboard.port") + "/api/stream")).header("Authorization", "Bearer " + key).build();
        HttpResponse<InputStream> stream = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertEquals(200, stream.statusCode());
            assertTrue(lines.readLine().startsWith("retry: "));
        }
        assertEquals(401, page.get("/api/stream").statusCode());
    }

    @Test
    void thePagesThemselvesAreForEverybody() {
        assertEquals(200, page.get("/").statusCode());
    }
}
