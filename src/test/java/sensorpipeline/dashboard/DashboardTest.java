package sensorpipeline.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.SteadyPorts;

/** The dashboard's server: which files it serves, and how it forwards requests. */
class DashboardTest {

    private static final int API_PORT = SteadyPorts.anyFree();
    private static final Settings SETTINGS = Servers.settings().with("api.port", API_PORT).with("api.base.url", "http://127.0.0.1:" + API_PORT);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API, Services.DASHBOARD));
    private static Http page;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        page = new Http(PIPELINE.port("dashboard.port"));
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    @ParameterizedTest
    @CsvSource({"/, text/html; charset=utf-8", "/index.html, text/html; charset=utf-8", "/explore, text/html; charset=utf-8",
        "/explore.html, text/html; charset=utf-8",
        "/sensors?status=silent, text/html; charset=utf-8", "/sensor?sensor_id=s1, text/html; charset=utf-8", "/alerts, text/html; charset=utf-8", "/operations, text/html; charset=utf-8",
        "/frame/theme.js, text/javascript; charset=utf-8", "/frame/frame.css, text/css; charset=utf-8",
        "/overview/overview.js, text/javascript; charset=utf-8", "/components/polling.js, text/javascript; charset=utf-8",
        "/lib/chart.js, text/javascript; charset=utf-8", "/favicon.svg, image/svg+xml"})
    void servesThePageAndLetsBrowsersKeepIt(String path, String type) {
        HttpResponse<String> file = page.get(path);
        assertEquals(200, file.statusCode());
        assertEquals(type, file.headers().firstValue("content-type").orElse(""));
        assertTrue(file.headers().firstValue("content-security-policy").orElse("").startsWith("default-src 'none'"));
        HttpResponse<String> again = page.get(path, "If-None-Match", file.headers().firstValue("etag").orElse(""));
        assertEquals(304, again.statusCode());
        assertEquals("", again.body());
    }

    @ParameterizedTest
    @CsvSource({"/, /", "/explore, /explore", "/sensors, /sensors", "/sensor, /sensors", "/alerts, /alerts", "/alert, /alerts", "/rules, /rules", "/rule, /rules", "/channels, /channels", "/operations, /operations"})
    void everyPageHasTheSameFrameInWhichItsOwnLinkIsMarked(String path, String current) {
        String html = page.get(path).body();
        assertFalse(html.contains("#include"), html);
        assertEquals(List.of("<a href=\"" + current + "\" aria-current=\"page\">"),
                Pattern.compile("<a [^>]*aria-current[^>]*>").matcher(html).results().map(MatchResult::group).toList());
        for (String part : List.of("<meta charset=\"utf-8\">", "<nav aria-label=\"Pages\">", "id=\"status\"", "id=\"account\"", "id=\"theme\"")) {
            assertEquals(2, html.split(Pattern.quote(part), -1).length, part + " in " + path);
        }
    }

    @Test
    void namesTheModulesOfAPageAheadAndServesThemAll() {
        for (String path : List.of("/", "/explore", "/sensors", "/sensor", "/alerts", "/alert", "/rules", "/rule", "/channels", "/operations")) {
            String link = page.get(path).headers().firstValue("link").orElse("");
            assertTrue(link.contains("</components/formatting.js>; rel=modulepreload"), link);
            for (String module : link.split(", ")) {
                assertEquals(200, page.get(module.substring(1, module.indexOf('>'))).statusCode(), module);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/pom.xml", "/application.properties", "/../pom.xml", "/%2e%2e/pom.xml", "/components/", "/components/../../pom.xml",
        "/web/overview/overview.html", "/frame/header.html", "/overview/overview.html", "/sql/api/select-latest.sql", "/api", "/apis/data/latest", "/lib/chart.js/x"})
    void servesNothingElse(String path) {
        HttpResponse<String> answer = page.get(path);
        assertEquals(404, answer.statusCode(), answer.body());
        assertEquals("not_found", Http.json(answer).path("error").path("code").asText());
    }

    @Test
    void whoseBrowserAsksForAPageThatIsNotThereGetsOne() {
        HttpResponse<String> answer = page.get("/nothing", "Accept", "text/html,*/*;q=0.8");
        assertEquals(404, answer.statusCode());
        assertEquals("text/html; charset=utf-8", answer.headers().firstValue("Content-Type").orElse(""));
        assertTrue(answer.body().contains("There is no page at this address"), answer.body());
    }

    @Test
    void passesQuestionsAndErrorsOn() {
        HttpResponse<String> latest = page.get("/api/data/latest?limit=1");
        assertEquals(200, latest.statusCode());
        assertEquals("success", Http.json(latest).path("status").asText());
        assertFalse(latest.headers().map().containsKey("limit"), "no header of a request comes back");
        HttpResponse<String> wrong = page.get("/api/data/latest?limit=x");
        assertEquals(400, wrong.statusCode());
        assertEquals("invalid_limit", Http.json(wrong).path("error").path("code").asText());
        assertEquals(405, page.call("POST", "/api/data/latest").statusCode());
    }

    private static void await(BufferedReader events, String line) throws IOException {
        for (String next = events.readLine(); !line.equals(next); next = events.readLine()) {
            assertNotNull(next, "the stream has ended");
        }
    }

    @Test
    @Timeout(60)
    void passesTheLiveStreamOn() throws Exception {
        // Like a browser, accepts compressed responses.
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PIPELINE.port("dashboard.port") + "/api/stream"))
                .header("Accept-Encoding", "gzip, deflate, br").build();
        HttpResponse<InputStream> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertEquals("identity", answer.headers().firstValue("Content-Encoding").orElse("identity"));
        try (BufferedReader events = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8)); Readings devices = new Readings(SETTINGS)) {
            assertEquals("retry: 2000", events.readLine());
            devices.send(Readings.json("first", Instant.now().toString(), 21));
            await(events, "event: reset");
            devices.send(Readings.json("told", Instant.now().toString(), 21.5));
            await(events, "event: readings");
            assertEquals("told", new ObjectMapper().readTree(events.readLine().substring(6)).path("data").get(0).path("sensor_id").asText());
        }
    }

    @Test
    void passesRequestsToReplayOn() {
        assertEquals(202, page.post("/api/dead-letters/replay", "{\"from\": \"2000-01-01T00:00:00Z\"}").statusCode());
        assertEquals(415, page.call("POST", "/api/dead-letters/replay", HttpRequest.BodyPublishers.ofString("{}"), "Content-Type", "text/plain").statusCode());
    }

    /** A REST API that starts a response and then closes the connection, or detects that the client does. */
    private static final class HalfAnswers implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0);
        private final CompletableFuture<String> leftBy = new CompletableFuture<>();

        HalfAnswers() throws IOException {
            Thread thread = new Thread(() -> {
                while (!socket.isClosed()) {
                    try (Socket caller = socket.accept()) {
                        answer(caller);
                    } catch (IOException e) {
                        assertTrue(socket.isClosed() || e.getMessage() != null);
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        private void answer(Socket caller) throws IOException {
            byte[] bytes = new byte[8192];
            String request = new String(bytes, 0, caller.getInputStream().read(bytes), StandardCharsets.US_ASCII).split(" ")[1];
            if (request.startsWith("/data")) {
                caller.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII));
                if (request.endsWith("wait") && caller.getInputStream().read() == -1) {
                    leftBy.complete(request);
                }
            } else {
                caller.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void whatEndsOnOneSideEndsOnTheOther() throws Exception {
        try (HalfAnswers api = new HalfAnswers();
                Pipeline alone = new Pipeline(SETTINGS.with("api.base.url", "http://127.0.0.1:" + api.socket.getLocalPort()), Set.of(Services.DASHBOARD))) {
            alone.start();
            String base = "http://127.0.0.1:" + alone.port("dashboard.port") + "/api/data/";
            HttpClient browser = HttpClient.newHttpClient();
            assertThrows(IOException.class, () -> browser.send(HttpRequest.newBuilder(URI.create(base + "cut")).build(), HttpResponse.BodyHandlers.ofString()),
                    "an export that was cut off is no whole one");
            InputStream answer = browser.send(HttpRequest.newBuilder(URI.create(base + "wait")).build(), HttpResponse.BodyHandlers.ofInputStream()).body();
            assertEquals("hello", new String(answer.readNBytes(5), StandardCharsets.US_ASCII));
            answer.close();
            assertEquals("/data/wait", api.leftBy.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void saysSoWhenTheApiIsAway() throws Exception {
        try (Pipeline alone = new Pipeline(SETTINGS.with("api.base.url", "http://127.0.0.1:" + SteadyPorts.anyFree()), Set.of(Services.DASHBOARD))) {
            alone.start();
            Http lonely = new Http(alone.port("dashboard.port"));
            assertEquals(200, lonely.get("/").statusCode());
            HttpResponse<String> answer = lonely.get("/api/data/latest");
            assertEquals(502, answer.statusCode());
            assertEquals("api_unreachable", Http.json(answer).path("error").path("code").asText());
            Awaitility.await().until(() -> lonely.get("/health").statusCode() == 503 && lonely.get("/health").body().contains("does not answer"));
            assertEquals(200, lonely.get("/health/ready").statusCode(), "the page can be served, and says it itself");
        }
    }
}
