package sensorpipeline.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLHandshakeException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.SteadyPorts;
import sensorpipeline.support.TestCertificate;

/** REST API and dashboard over HTTPS, with real certificates. */
class TlsTest {

    @TempDir
    private static Path folder;
    private static Settings settings = Servers.settings();
    private static TestCertificate certificate;
    private static Pipeline pipeline;
    private static String base;

    @BeforeAll
    static void start() throws Exception {
        certificate = TestCertificate.make(folder, "dns:localhost");
        settings = settings.with("listen.tls.certificate", certificate.certificate()).with("listen.tls.key", certificate.key());
        pipeline = new Pipeline(settings, Set.of(Services.CONSUMER, Services.API));
        pipeline.start();
        base = "https://localhost:" + pipeline.port("api.port");
    }

    @AfterAll
    static void stop() {
        pipeline.close();
    }

    private static HttpRequest get(String uri) {
        return HttpRequest.newBuilder(URI.create(uri)).build();
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void answersInTheVersionOfHttpThatTheCallerKnows(HttpClient.Version version) throws Exception {
        HttpClient client = certificate.client(version);
        for (String[] call : new String[][] {{"/data/stats", "200"}, {"/health", "200"}, {"/data/latest?limit=x", "400"}, {"/nothing", "404"}, {"/docs/", "200"}}) {
            HttpResponse<String> answer = client.send(get(base + call[0]), BodyHandlers.ofString());
            assertEquals(call[1], "" + answer.statusCode(), answer.body());
            assertEquals(version, answer.version());
        }
    }

    @Test
    void theStreamGoesOverHttp2Too() throws Exception {
        try (InputStream events = certificate.client(HttpClient.Version.HTTP_2).send(get(base + "/stream"), BodyHandlers.ofInputStream()).body()) {
            assertEquals("retry: ", new String(events.readNBytes(7)));
        }
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_1, /data/stats", "HTTP_2, /data/stats", "HTTP_2, /docs/", "HTTP_2, /data/latest?limit=x", "HTTP_2, /data/readings?format=csv", "HTTP_2, /health", "HTTP_2, /nothing"})
    void anAnswerToHeadHasNoBody(HttpVersion version, String path) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            String answer = vertx.createHttpClient(new HttpClientOptions().setSsl(true).setUseAlpn(true).setTrustAll(true).setProtocolVersion(version))
                    .request(HttpMethod.HEAD, pipeline.port("api.port"), "localhost", path)
                    .compose(request -> request.send())
                    .compose(head -> head.body().map(body -> head.version() + ", a type: " + head.headers().contains("Content-Type") + ", bytes: " + body.length()))
                    .toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertEquals(version + ", a type: true, bytes: 0", answer);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get();
        }
    }

    @Test
    void theDashboardReachesTheApiWhoseCertificateItTrusts() throws Exception {
        Settings trusting = settings.with("api.base.url", base).with("api.base.certificates", certificate.certificate());
        try (Pipeline dashboard = new Pipeline(trusting, Set.of(Services.DASHBOARD))) {
            dashboard.start();
            HttpClient browser = certificate.client(HttpClient.Version.HTTP_2);
            String page = "https://localhost:" + dashboard.port("dashboard.port");
            assertEquals(200, browser.send(get(page + "/"), BodyHandlers.ofString()).statusCode());
            HttpResponse<String> answer = browser.send(get(page + "/api/data/stats"), BodyHandlers.ofString());
            assertEquals(200, answer.statusCode(), answer.body());
            Awaitility.await().until(() -> browser.send(get(page + "/health"), BodyHandlers.ofString()).statusCode() == 200);
        }
    }

    @Test
    void theDashboardReachesTheApiOfItsProgramWhateverTheNameInTheCertificate() throws Exception {
        TestCertificate elsewhere = TestCertificate.make(Files.createDirectory(folder.resolve("elsewhere")), "dns:api.example.com");
        Settings both = Servers.settings().with("listen.tls.certificate", elsewhere.certificate()).with("listen.tls.key", elsewhere.key()).with("api.port", SteadyPorts.anyFree());
        try (Pipeline program = new Pipeline(both, Set.of(Services.CONSUMER, Services.API, Services.DASHBOARD)); AnyServer anybody = new AnyServer()) {
            program.start();
            assertEquals(200, anybody.status("https://localhost:" + program.port("dashboard.port") + "/api/data/stats"));
            Awaitility.await().until(() -> anybody.status("https://localhost:" + program.port("dashboard.port") + "/health") == 200);
        }
    }

    @Test
    void aRenewedCertificateIsShownAtOnceAndAWrongOneIsTold() throws Exception {
        Path place = Files.createDirectory(folder.resolve("renewed"));
        TestCertificate first = TestCertificate.make(Files.createDirectory(folder.resolve("first")), "dns:localhost");
        TestCertificate second = TestCertificate.make(Files.createDirectory(folder.resolve("second")), "dns:localhost");
        TestCertificate shown = new TestCertificate(Files.copy(first.certificate(), place.resolve("certificate.pem")), Files.copy(first.key(), place.resolve("key.pem")));
        Settings renewing = Servers.settings().with("listen.tls.certificate", shown.certificate()).with("listen.tls.key", shown.key()).with("api.port", SteadyPorts.anyFree());
        try (Pipeline program = new Pipeline(renewing, Set.of(Services.CONSUMER, Services.API, Services.DASHBOARD))) {
            program.start();
            HttpRequest health = get("https://localhost:" + program.port("dashboard.port") + "/health");
            HttpRequest stats = get("https://localhost:" + program.port("dashboard.port") + "/api/data/stats");
            Awaitility.await().until(() -> first.client(HttpClient.Version.HTTP_2).send(health, BodyHandlers.ofString()).body().contains("valid_until"));

            Files.copy(second.certificate(), shown.certificate(), StandardCopyOption.REPLACE_EXISTING);
            Awaitility.await().until(() -> first.client(HttpClient.Version.HTTP_2).send(health, BodyHandlers.ofString()).body().contains("the key is that of another certificate"));
            assertEquals(200, first.client(HttpClient.Version.HTTP_2).send(stats, BodyHandlers.ofString()).statusCode(), "the one before is still shown");

            Files.copy(second.key(), shown.key(), StandardCopyOption.REPLACE_EXISTING);
            Awaitility.await().ignoreException(SSLHandshakeException.class)
                    .until(() -> second.client(HttpClient.Version.HTTP_2).send(stats, BodyHandlers.ofString()).statusCode() == 200);
            Awaitility.await().until(() -> second.client(HttpClient.Version.HTTP_2).send(health, BodyHandlers.ofString()).statusCode() == 200);
            assertThrows(SSLHandshakeException.class, () -> first.client(HttpClient.Version.HTTP_2).send(stats, BodyHandlers.ofString()));
        }
    }

    @Test
    void anExpiredCertificateIsTold() throws Exception {
        TestCertificate expired = TestCertificate.make(Files.createDirectory(folder.resolve("expired")), "dns:localhost", "-3d");
        try (Pipeline program = new Pipeline(settings.with("listen.tls.certificate", expired.certificate()).with("listen.tls.key", expired.key()), Set.of(Services.API)); AnyServer anybody = new AnyServer()) {
            program.start();
            Awaitility.await().until(() -> anybody.body("https://localhost:" + program.port("api.port") + "/health").contains("The certificate has expired at"));
        }
    }

    /** Accepts any server certificate. */
    private static final class AnyServer implements AutoCloseable {
        private final Vertx vertx = Vertx.vertx();

        private String call(String url, Function<HttpClientResponse, Future<String>> part) throws Exception {
            return vertx.createHttpClient(new HttpClientOptions().setTrustAll(true).setVerifyHost(false))
                    .request(new RequestOptions().setAbsoluteURI(url)).compose(request -> request.send()).compose(part)
                    .toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }

        int status(String url) throws Exception {
            return Integer.parseInt(call(url, answer -> Future.succeededFuture("" + answer.statusCode())));
        }

        String body(String url) throws Exception {
            return call(url, answer -> answer.body().map(Object::toString));
        }

        @Override
        public void close() {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    @Test
    void theDashboardSaysThatItDoesNotTrustTheApi() throws Exception {
        Settings distrusting = settings.with("api.base.url", base);
        try (Pipeline dashboard = new Pipeline(distrusting, Set.of(Services.DASHBOARD))) {
            dashboard.start();
            HttpClient browser = certificate.client(HttpClient.Version.HTTP_2);
            String page = "https://localhost:" + dashboard.port("dashboard.port");
            assertEquals(502, browser.send(get(page + "/api/data/stats"), BodyHandlers.ofString()).statusCode());
            Awaitility.await().until(() -> browser.send(get(page + "/health"), BodyHandlers.ofString()).body().contains("is not trusted (API_BASE_CERTIFICATES)"));
        }
    }

    @Test
    void aCallerWhoDoesNotTrustTheCertificateRefusesIt() {
        assertThrows(SSLHandshakeException.class, () -> HttpClient.newHttpClient().send(get(base + "/health"), BodyHandlers.ofString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"listen.tls.certificate", "listen.tls.key"})
    void aFileThatIsNoneIsTold(String setting) throws Exception {
        for (Object wrong : new Object[] {"", folder.resolve("nowhere.pem")}) {
            try (Pipeline refused = new Pipeline(settings.with(setting, wrong), Set.of(Services.API))) {
                Settings.InvalidSetting refusal = assertThrows(Settings.InvalidSetting.class, refused::start);
                assertEquals(Settings.environmentName(setting) + " must be a file that can be read; got '" + wrong + "'", refusal.getMessage());
            }
        }
        Path text = Files.writeString(folder.resolve("text.pem"), "no PEM");
        try (Pipeline refused = new Pipeline(settings.with(setting, text), Set.of(Services.API))) {
            Settings.InvalidSetting refusal = assertThrows(Settings.InvalidSetting.class, refused::start);
            assertTrue(refusal.getMessage().startsWith("LISTEN_TLS_CERTIFICATE and LISTEN_TLS_KEY must be a certificate and its private key"), refusal.getMessage());
        }
    }

    @Test
    void aKeyOfAnotherCertificateIsTold() throws Exception {
        TestCertificate other = TestCertificate.make(Files.createDirectory(folder.resolve("other")), "dns:localhost");
        try (Pipeline refused = new Pipeline(settings.with("listen.tls.key", other.key()), Set.of(Services.API))) {
            Settings.InvalidSetting refusal = assertThrows(Settings.InvalidSetting.class, refused::start);
            assertTrue(refusal.getMessage().startsWith("LISTEN_TLS_CERTIFICATE and LISTEN_TLS_KEY must be"), refusal.getMessage());
        }
    }
}
