package sensorpipeline.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A subscriber of the live stream that keeps all alerts that it is sent. */
public final class AlertListener implements AutoCloseable {

    private final Socket socket;
    private final List<JsonNode> alerts = new CopyOnWriteArrayList<>();

    /** @param port of the REST API */
    public AlertListener(int port) {
        try {
            socket = new Socket("127.0.0.1", port);
            socket.getOutputStream().write("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line = lines.readLine();
            while (line != null && !line.startsWith("retry:")) {
                line = lines.readLine();
            }
            Thread reader = new Thread(() -> read(lines), "alert-listener");
            reader.setDaemon(true);
            reader.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(BufferedReader lines) {
        ObjectMapper json = new ObjectMapper();
        String kind = "";
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event: ")) {
                    kind = line.substring(7);
                } else if (line.startsWith("data: ") && kind.equals("alert")) {
                    alerts.add(json.readTree(line.substring(6)));
                }
            }
        } catch (IOException e) {
            // Closed by the test.
        }
    }

    /** @return all alerts so far, in the order in which they came */
    public List<JsonNode> alerts() {
        return List.copyOf(alerts);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
