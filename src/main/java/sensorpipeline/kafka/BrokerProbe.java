package sensorpipeline.kafka;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sensorpipeline.settings.Settings;

/**
 * Finds out why brokers are unreachable. Kafka clients do not tell: an unknown host, a stopped broker and a firewall are
 * all time-outs to them. Stateless.
 */
final class BrokerProbe {

    private static final Pattern ADDRESS = Pattern.compile("\\[?(.+?)]?:(\\d{1,5})");
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
        Stream.of(settings.text("kafka.bootstrap.servers").split(",")).map(String::strip).limit(MOST_BROKERS)
                .forEach(broker -> found.add(connect(broker, settings)));
        return String.join("; ", found);
    }

    private static String connect(String broker, Settings settings) {
        Matcher address = ADDRESS.matcher(broker);
        if (!address.matches() || Integer.parseInt(address.group(2)) > 65_535) {
            return "cannot be reached: '%s' is not an address such as kafka:9092 (KAFKA_BOOTSTRAP_SERVERS)".formatted(broker);
        }
        try (Socket socket = new Socket()) {
            InetSocketAddress server = new InetSocketAddress(address.group(1), Integer.parseInt(address.group(2)));
            if (server.isUnresolved()) {
                throw new UnknownHostException(address.group(1));
            }
            socket.connect(server, LIMIT_MILLISECONDS);
            return "does not answer, though it accepts connections: it is starting, its advertised listeners are not reachable from here, "
                    + "or it expects another protocol (KAFKA_SECURITY_PROTOCOL is %s)".formatted(settings.text("kafka.security.protocol"));
        } catch (UnknownHostException e) {
            return "cannot be found: the host name %s is unknown (KAFKA_BOOTSTRAP_SERVERS)".formatted(address.group(1));
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
