package sensorpipeline.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import sensorpipeline.settings.CannotStart;

/** A Kafka broker and its KRaft controller in this process, listening on 127.0.0.1, with its log in a folder. */
final class EmbeddedKafka implements AutoCloseable {

    private static final String LOOPBACK = "127.0.0.1";
    /** Set when Kafka has given up; its server cannot shut down any more. */
    private static volatile boolean hasFailed;

    private final KafkaRaftServer server;

    private EmbeddedKafka(KafkaRaftServer server) {
        this.server = server;
    }

    /**
     * By default, Kafka ends the process without a word if it cannot continue, for example on a full disk.
     *
     * @param end ends the process instead, in a thread of Kafka
     */
    static void whenItFails(Runnable end) {
        Exit.setHaltProcedure((status, message) -> {
            hasFailed = true;
            end.run();
        });
    }

    /**
     * Starts the broker; it accepts clients when this returns.
     *
     * @param folder of its log; created if absent
     * @param port a free port of 127.0.0.1
     * @param partitions partitions of auto-created topics
     */
    static EmbeddedKafka start(Path folder, int port, int partitions) throws IOException {
        Properties configuration = configuration(folder, port, partitions);
        if (!Files.exists(folder.resolve("meta.properties"))) {
            format(folder, configuration);
        }
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(configuration, false), Time.SYSTEM);
        EmbeddedKafka kafka = new EmbeddedKafka(server);
        try {
            server.startup();
        } catch (RuntimeException e) {
            // Otherwise the part that did start keeps its port and folder, and a second attempt would fail.
            kafka.close();
            throw e;
        }
        return kafka;
    }

    private static Properties configuration(Path folder, int port, int partitions) {
        // The controller's address is not persisted, so its port can differ at each start.
        int controllerPort = Ports.anyFree();
        Properties configuration = new Properties();
        configuration.put("process.roles", "broker,controller");
        configuration.put("node.id", "1");
        configuration.put("controller.quorum.voters", "1@" + LOOPBACK + ":" + controllerPort);
        configuration.put("controller.listener.names", "CONTROLLER");
        configuration.put("listeners",
                "PLAINTEXT://" + LOOPBACK + ":" + port + ",CONTROLLER://" + LOOPBACK + ":" + controllerPort);
        configuration.put("log.dirs", folder.toString());
        configuration.put("num.partitions", String.valueOf(partitions));
        // Also of a tenant's topic, which its first producer creates.
        configuration.put("log.message.timestamp.type", "LogAppendTime");
        configuration.put("offsets.topic.replication.factor", "1");
        configuration.put("offsets.topic.num.partitions", "1");
        configuration.put("transaction.state.log.replication.factor", "1");
        configuration.put("transaction.state.log.min.isr", "1");
        configuration.put("transaction.state.log.num.partitions", "1");
        configuration.put("share.coordinator.state.topic.replication.factor", "1");
        configuration.put("share.coordinator.state.topic.min.isr", "1");
        configuration.put("share.coordinator.state.topic.num.partitions", "1");
        configuration.put("group.initial.rebalance.delay.ms", "0");
        // After a kill, a start waits until the session of the killed broker expires, by default 9 seconds.
        configuration.put("broker.session.timeout.ms", "3000");
        configuration.put("broker.heartbeat.interval.ms", "500");
        // Kafka's default of 128 MB is meant for dedicated brokers.
        configuration.put("log.cleaner.dedupe.buffer.size", "2097152");
        return configuration;
    }

    private static void format(Path folder, Properties configuration) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve("server.properties");
        // To a stream, because Kafka reads ISO 8859-1 with escapes.
        try (OutputStream output = Files.newOutputStream(file)) {
            configuration.store(output, "Written once, to format this folder");
        }
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        int status = StorageTool.execute(
                new String[] {"format", "--ignore-formatted", "--cluster-id", Uuid.randomUuid().toString(),
                    "--config", file.toString()},
                new PrintStream(output, true, StandardCharsets.UTF_8));
        if (status != 0) {
            throw new CannotStart("The embedded Kafka could not format " + folder + ": "
                    + output.toString(StandardCharsets.UTF_8).strip());
        }
    }

    @Override
    public void close() {
        if (hasFailed) {
            return;
        }
        server.shutdown();
        server.awaitShutdown();
    }
}
