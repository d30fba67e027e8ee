package sensorpipeline.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A program that is sent notifications, and answers as it is told. */
public final class WebhookReceiver implements AutoCloseable {

    private static final int SILENT = 0;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A message that it was sent.
     *
     * @param id of the message
     * @param timestamp of the attempt
     * @param signature of both and the body
     * @param text body as sent
     * @param status that it answered
     */
    public record Message(String id, String timestamp, String signature, String text, int status) {

        /** @return what it tells */
        public JsonNode data() {
            try {
                return JSON.readTree(text).path("data");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** @return the events in it, as "event sensor" */
        public List<String> events() {
            return data().path("alerts").findParents("event").stream().map(alert -> alert.path("event").asText() + " " + alert.path("sensor_id").asText()).toList();
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Message> messages = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile int status = 204;

    public WebhookReceiver() {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::receive);
        server.setExecutor(threads);
        server.start();
    }

    private void receive(HttpExchange exchange) throws IOException {
        String text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        int answer = status;
        messages.add(new Message(exchange.getRequestHeaders().getFirst("webhook-id"), exchange.getRequestHeaders().getFirst("webhook-timestamp"),
                exchange.getRequestHeaders().getFirst("webhook-signature"), text, answer));
        if (answer == SILENT) {
            hang();
            exchange.close();
        } else {
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
        }
    }

    /** Sends no response until the receiver is closed. */
    private void hang() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From now on, there is no response. */
    public void beSilent() {
        status = SILENT;
    }

    /** @return where messages have to be posted */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/alerts";
    }

    /** @param answer to messages from now on */
    public void answer(int answer) {
        status = answer;
    }

    /** @return all messages so far, also those that it did not accept */
    public List<Message> messages() {
        return List.copyOf(messages);
    }

    /** @return the events of the messages that it accepted, in their order */
    public List<String> events() {
        return messages.stream().filter(message -> message.status() < 300).flatMap(message -> message.events().stream()).toList();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
