package sensorpipeline.kafka;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Set;
import sensorpipeline.settings.Settings;

/**
 * Finds out why brokers are unreachable. Kafka clients do not tell: an unknown host, a stopped broker and a firewall are
 * all time-outs to them. Stateless.
 */
final class BrokerProbe {

    private static final int MOST_BROKERS = 3;
    private static final int LIMIT_MILLISECONDS = 500;

    private BrokerProbe() {
    }

    /**
     * @param settings {@code kafka.bootstrap.servers}
     * @return the result of connecting to each of them, to follow "Kafka at ..."; identical results appear once
     */
    static String describe(Settings settings) {
        Set<String> found = new LinkedHashSet<>();
        settings.servers("kafka.bootstrap.servers", true).stream().limit(MOST_BROKERS)
                .forEach(broker -> found.add(connect(broker.replaceFirst("^\\w+://", ""), settings)));
        return String.join("; ", found);
    }

    private static String connect(String broker, Settings settings) {
        String host = broker.substring(0, broker.lastIndexOf(':'));
        try (Socket socket = new Socket()) {
            InetSocketAddress server = new InetSocketAddress(host, Integer.parseInt(broker.substring(host.length() + 1)));
            if (server.isUnresolved()) {
                throw new UnknownHostException(host);
            }
            socket.connect(server, LIMIT_MILLISECONDS);
            return "does not answer, though it accepts connections: it is starting, its advertised listeners are not reachable from here, "
                    + "or it expects another protocol (KAFKA_SECURITY_PROTOCOL is %s)".formatted(settings.text("kafka.security.protocol"));
        } catch (UnknownHostException e) {
            return "cannot be found: the host name %s is unknown (KAFKA_BOOTSTRAP_SERVERS)".formatted(host);
        } catch (SocketTimeoutException e) {
            return "does not answer within the time limit (KAFKA_BOOTSTRAP_SERVERS)";
        } catch (ConnectException e) {
            return String.valueOf(e.getMessage()).contains("refused")
                    ? "refuses the connection: it is not running, or it listens elsewhere (KAFKA_BOOTSTRAP_SERVERS)" : unreachable(e);
        } catch (IOException e) {
            return unreachable(e);
        }
    }

    private static String unreachable(IOException e) {
        return "cannot be reached (KAFKA_BOOTSTRAP_SERVERS): " + e.getMessage();
    }
}
