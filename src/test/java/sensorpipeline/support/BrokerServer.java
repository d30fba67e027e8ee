package sensorpipeline.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.Awaitility;

/**
 * A Kafka broker as a separate process, so that it can be killed and suspended. It has two listeners: a direct one, and one
 * that advertises the port of a {@link TcpProxy}. Topics are not created automatically.
 */
public final class BrokerServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";

    private final Path folder;
    private final int port;
    private final int behindProxy;
    private final int proxyPort;
    private Process process;

    /**
     * @param folder for its log and its output
     * @param port of the direct listener
     * @param behindProxy port of the listener that the proxy connects to
     * @param proxyPort port of the proxy
     */
    public BrokerServer(Path folder, int port, int behindProxy, int proxyPort) {
        this.folder = folder;
        this.port = port;
        this.behindProxy = behindProxy;
        this.proxyPort = proxyPort;
    }

    /** Starts or restarts it, and waits until it accepts clients. */
    public void start() {
        try {
            Files.createDirectories(folder);
            process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx384m", "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), BrokerServer.class.getName(),
                    folder.toString(), String.valueOf(port), String.valueOf(behindProxy), String.valueOf(proxyPort),
                    String.valueOf(SteadyPorts.anyFree()))
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("output.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await("broker").atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(50)).failFast(() -> !process.isAlive())
                .until(() -> isListening(port) && isListening(behindProxy));
    }

    private static boolean isListening(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(HOST, port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Shuts it down, and waits until it has ended. */
    public void stop() {
        process.destroy();
        awaitEnd();
    }

    /** Sends SIGKILL, and waits until it has ended. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Kills it, and deletes its data: the next start creates a new, empty Kafka. */
    public void lose() {
        kill();
        try {
            Utils.delete(folder.resolve("log").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Suspends it (SIGSTOP). */
    public void freeze() {
        Signals.freeze(process.toHandle());
    }

    /** Resumes it. */
    public void thaw() {
        Signals.thaw(process.toHandle());
    }

    /** Resumes or restarts it, as needed. */
    public void mend() {
        if (process.isAlive()) {
            thaw();
        } else {
            start();
        }
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                throw new AssertionError("The broker does not stop");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }

    /** Main method of the broker's process, which ends when its parent does. */
    public static void main(String[] arguments) throws Exception {
        Path log = Path.of(arguments[0], "log");
        Properties configuration = configuration(log, arguments[1], arguments[2], arguments[3], arguments[4]);
        if (!Files.exists(log.resolve("meta.properties"))) {
            Path file = log.resolveSibling("server.properties");
            try (var writer = Files.newBufferedWriter(file)) {
                configuration.store(writer, null);
            }
            StorageTool.execute(new String[] {"format", "--ignore-formatted", "--cluster-id", Uuid.randomUuid().toString(),
                "--config", file.toString()}, System.out);
        }
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(configuration, false), Time.SYSTEM);
        server.startup();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.shutdown();
            server.awaitShutdown();
        }));
        while (System.in.read() >= 0) {
            continue;
        }
        Runtime.getRuntime().halt(0);
    }

    private static Properties configuration(Path log, String port, String behindProxy, String proxyPort, String controllerPort) {
        Properties configuration = new Properties();
        String controller = HOST + ":" + controllerPort;
        configuration.put("process.roles", "broker,controller");
        configuration.put("node.id", "1");
        configuration.put("controller.quorum.voters", "1@" + controller);
        configuration.put("controller.listener.names", "CONTROLLER");
        configuration.put("inter.broker.listener.name", "DIRECT");
        configuration.put("listener.security.protocol.map", "DIRECT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT");
        configuration.put("listeners", "DIRECT://%s:%s,PROXIED://%s:%s,CONTROLLER://%s".formatted(HOST, port, HOST, behindProxy, controller));
        configuration.put("advertised.listeners", "DIRECT://%s:%s,PROXIED://%s:%s".formatted(HOST, port, HOST, proxyPort));
        configuration.put("log.dirs", log.toString());
        configuration.put("auto.create.topics.enable", "false");
        // After a kill, the controller rejects the restarted broker as a duplicate until this timeout.
        configuration.put("broker.session.timeout.ms", "3000");
        configuration.put("broker.heartbeat.interval.ms", "500");
        configuration.put("group.initial.rebalance.delay.ms", "0");
        configuration.put("log.cleaner.dedupe.buffer.size", "2097152");
        Stream.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic").forEach(topic -> {
            configuration.put(topic + ".replication.factor", "1");
            configuration.put(topic + ".num.partitions", "1");
        });
        configuration.put("transaction.state.log.min.isr", "1");
        configuration.put("share.coordinator.state.topic.min.isr", "1");
        return configuration;
    }
}
