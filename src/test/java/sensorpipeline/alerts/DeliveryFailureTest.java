package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.icegreen.greenmail.configuration.GreenMailConfiguration;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sensorpipeline.rules.NotificationChannel;
import sensorpipeline.rules.Severity;
import sensorpipeline.support.TestCertificate;
import sensorpipeline.support.WebhookReceiver;

/** Whatever keeps a message from being delivered is told in words that people know. */
class DeliveryFailureTest {

    private static final String REFUSING = "127.0.0.1:1";
    private static DefaultCamelContext camel;
    private static Webhook webhook;

    @BeforeAll
    static void start() {
        camel = new DefaultCamelContext();
        camel.start();
        webhook = new Webhook(List.of("*"));
    }

    @AfterAll
    static void stop() {
        camel.stop();
    }

    private static String ofWebhook(String url) {
        NotificationChannel channel = new NotificationChannel("c", "webhook", Map.of("url", url), Severity.INFO, null, null, null, null, null, true, List.of(), null);
        DueChannel due = new DueChannel(1, "default", channel, null, false);
        ChannelMessage message = new ChannelMessage("id", "{}", "", "", "0", null);
        return plain(DeliveryFailure.reason(assertThrows(Exception.class, () -> webhook.post(due, message)), due.server("")));
    }

    private static String ofRoute(String uri, String server) {
        Exchange exchange = camel.createFluentProducerTemplate().withBody("text").withHeader("To", "a@example.org").to(uri).send();
        assertNotNull(exchange.getException());
        return plain(DeliveryFailure.reason(exchange.getException(), server));
    }

    private static String plain(String reason) {
        assertTrue(!reason.matches("(?s).*(\\w+Exception|\\b(java|javax|jakarta|org)\\.|\\R).*"), reason);
        return reason;
    }

    @Test
    void aServerThatRefusesConnections() {
        String expected = "connection refused by " + REFUSING;
        assertEquals(expected, ofWebhook("http://" + REFUSING + "/"));
        assertEquals(expected, ofRoute("http://" + REFUSING, REFUSING));
        assertEquals(expected, ofRoute("smtp:" + REFUSING, REFUSING));
    }

    @Test
    void aRouteThatIsNotRunning() {
        assertEquals("the route \"notify-chat\" is not running", ofRoute("direct:notify-chat?block=false", "the server"));
    }

    @Test
    void aHostThatDoesNotExist() {
        assertEquals("unknown host: nowhere.invalid", ofWebhook("http://nowhere.invalid/"));
        assertEquals("unknown host: nowhere.invalid", ofRoute("http://nowhere.invalid", "nowhere.invalid"));
        assertEquals("unknown host: nowhere.invalid:25", ofRoute("smtp:nowhere.invalid:25", "nowhere.invalid:25"));
    }

    @Test
    void aServerThatDoesNotRespond() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String server = "127.0.0.1:" + silent.getLocalPort();
            String expected = "timed out: " + server + " did not respond";
            assertEquals(expected, ofWebhook("http://" + server + "/"));
            assertEquals(expected, ofRoute("http://" + server + "?responseTimeout=300&soTimeout=300", server));
            assertEquals(expected, ofRoute("smtp:" + server + "?additionalJavaMailProperties.mail.smtp.timeout=300", server));
        }
    }

    @Test
    void aServerThatClosesTheConnection() throws Exception {
        answering(DeliveryFailureTest::reset, server -> {
            String expected = server + " closed the connection without a response";
            assertEquals(expected, ofWebhook("http://" + server + "/"));
            assertEquals(expected, ofRoute("http://" + server, server));
            assertEquals(expected, ofRoute("smtp:" + server, server));
        });
    }

    @Test
    void aServerThatDoesNotSpeakHttp() throws Exception {
        answering(DeliveryFailureTest::greet, server -> assertEquals(server + " sent a response that is not HTTP", ofWebhook("http://" + server + "/")));
    }

    /** As a mail server does; the request is read to its end, because closing the connection before would discard the greeting. */
    private static void greet(Socket socket) throws IOException {
        int next = socket.getInputStream().read();
        while (next != '}') {
            next = socket.getInputStream().read();
        }
        socket.getOutputStream().write("220 mail.example.org ready\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(false, 0);
    }

    /** Has a server answer each connection in this way while a test calls it. */
    private static void answering(Answer answer, Consumer<String> test) throws Exception {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> answerAll(server, answer));
        thread.start();
        try {
            test.accept("127.0.0.1:" + server.getLocalPort());
        } finally {
            server.close();
            thread.join();
        }
    }

    private interface Answer {
        void send(Socket socket) throws IOException;
    }

    private static void answerAll(ServerSocket server, Answer answer) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                answer.send(socket);
            } catch (IOException e) {
                // The test is over, or has closed its connection.
            }
        }
    }

    @Test
    void aServerThatAnswersWithAnError() {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            receiver.answer(500);
            String server = receiver.url().replaceAll("http://|/alerts", "");
            assertEquals(server + " answered 500 Internal Server Error", ofWebhook(receiver.url()));
            assertEquals("the server answered 500 Internal Server Error", ofRoute(receiver.url(), "the server"));
            receiver.answer(404);
            assertEquals(server + " answered 404 Not Found", ofWebhook(receiver.url()));
        }
    }

    @Test
    void aServerWhoseCertificateNobodyKnowsAndOneWithoutTls(@TempDir Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.make(folder, "ip:127.0.0.1");
        Vertx vertx = Vertx.vertx();
        GreenMail plain = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        plain.start();
        try {
            HttpServer server = vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setSsl(true)
                    .setKeyCertOptions(new PemKeyCertOptions().setCertPath(certificate.certificate().toString()).setKeyPath(certificate.key().toString())))
                    .requestHandler(request -> request.response().end()).listen(0).toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
            String name = "127.0.0.1:" + server.actualPort();
            String expected = "the certificate of " + name + " is not trusted, or is for another host";
            assertTrue(ofWebhook("https://" + name + "/").startsWith(expected), ofWebhook("https://" + name + "/"));
            assertTrue(ofRoute("https://" + name, name).startsWith(expected), ofRoute("https://" + name, name));
            String withoutTls = ofWebhook("https://127.0.0.1:" + plain.getSmtp().getPort() + "/");
            assertTrue(withoutTls.startsWith("no TLS connection to 127.0.0.1:"), withoutTls);
        } finally {
            plain.stop();
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aMailServerThatRefusesTheLogIn() {
        GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP)).withConfiguration(GreenMailConfiguration.aConfig().withUser("alerts", "right"));
        mail.start();
        try {
            String server = "127.0.0.1:" + mail.getSmtp().getPort();
            String reason = ofRoute("smtp:" + server + "?username=alerts&password=wrong&additionalJavaMailProperties.mail.smtp.auth=true", server);
            assertTrue(reason.startsWith("login refused by " + server + ": 535"), reason);
        } finally {
            mail.stop();
        }
    }

    @Test
    void namesOfClassesAndLineBreaksAreLeftOut() {
        assertEquals("the disk is full", DeliveryFailure.reason(new IllegalStateException(new IOException("the disk\nis full")), "s"));
        assertEquals("the route failed without saying why", DeliveryFailure.reason(new IllegalStateException(), "s"));
        assertEquals("the route failed without saying why", DeliveryFailure.reason(new IllegalStateException(new NullPointerException()), "s"));
        assertEquals(500, DeliveryFailure.reason(new IllegalStateException("x".repeat(1000)), "s").length());
    }
}
