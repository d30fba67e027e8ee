package sensorpipeline.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.logging.log4j.LogManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.CannotStart;

/** The Kafka broker and the PostgreSQL server that this process runs on a data folder. The caller holds the folder's lock. Not thread-safe. */
final class ServerPair implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServerPair.class);

    private final Path folder;
    private final int partitions;
    private volatile EmbeddedKafka kafka;
    private volatile EmbeddedPostgresql postgresql;

    /**
     * @param folder data folder
     * @param partitions partitions of auto-created topics
     */
    ServerPair(Path folder, int partitions) {
        this.folder = folder;
        this.partitions = partitions;
    }

    /** Stops a PostgreSQL server left running by a killed program, which would keep its port. */
    void stopOrphan() throws IOException {
        if (postgresql == null) {
            EmbeddedPostgresql.stopOrphan(postgresqlFolder());
        }
    }

    /**
     * Starts the servers that are not running; they accept clients when this returns. Can be called again after a failure.
     *
     * @param ports to listen on, 0 for a server that is not needed
     * @throws CannotStart if a port is taken, or a server does not start
     */
    void start(Announcement ports) {
        CompletableFuture<Void> kafkaStart = CompletableFuture.runAsync(() -> {
            if (ports.kafkaPort() != 0 && kafka == null) {
                requireFree(ports.kafkaPort());
                EmbeddedKafka.whenItFails(this::endProgram);
                kafka = unchecked(() -> EmbeddedKafka.start(folder.resolve("kafka"), ports.kafkaPort(), partitions));
            }
        });
        CompletableFuture<Void> postgresqlStart = CompletableFuture.runAsync(() -> {
            if (ports.databasePort() != 0 && postgresql == null) {
                requireFree(ports.databasePort());
                postgresql = unchecked(() -> EmbeddedPostgresql.start(postgresqlFolder(), ports.databasePort()));
            }
        });
        try {
            CompletableFuture.allOf(kafkaStart, postgresqlStart).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof CannotStart cannot ? cannot
                    : new CannotStart("The embedded servers did not start in %s (%d MB free): %s"
                            .formatted(folder, folder.toFile().getUsableSpace() / 1_000_000, e.getCause()), e.getCause());
        }
    }

    private static void requireFree(int port) {
        if (!Ports.isFree(EmbeddedServers.LOOPBACK, port)) {
            throw new CannotStart("Port %d on %s is taken by another program: stop it".formatted(port, EmbeddedServers.LOOPBACK));
        }
    }

    /** Without an orderly stop, because closing clients of a failed broker takes longer than a stop may take. */
    private void endProgram() {
        LOG.error("The embedded Kafka has failed, for the reason above, and the program ends. Start it again when the reason is gone, such as a"
                + " full disk; whatever Kafka has acknowledged is kept");
        try {
            close();
        } catch (IOException e) {
            LOG.warn("The embedded PostgreSQL did not stop: {}", e.toString());
        } finally {
            LogManager.shutdown();
            Runtime.getRuntime().halt(1);
        }
    }

    /** Restarts PostgreSQL if its process has ended; Kafka runs inside this process. */
    void restartPostgresql(int port) throws IOException {
        if (postgresql != null && !EmbeddedPostgresql.isRunning(postgresqlFolder())) {
            LOG.warn("The embedded PostgreSQL has ended; starting it again");
            postgresql = EmbeddedPostgresql.start(postgresqlFolder(), port);
        }
    }

    private Path postgresqlFolder() {
        return folder.resolve("postgresql");
    }

    /** Stops the running servers, Kafka first. */
    @Override
    public void close() throws IOException {
        if (kafka != null) {
            kafka.close();
            kafka = null;
        }
        if (postgresql != null) {
            postgresql.close();
            postgresql = null;
        }
    }

    private interface Starter<T> {
        T start() throws IOException;
    }

    private static <T> T unchecked(Starter<T> starter) {
        try {
            return starter.start();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
