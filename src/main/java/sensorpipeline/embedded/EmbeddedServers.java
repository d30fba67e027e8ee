package sensorpipeline.embedded;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/**
 * The embedded Kafka and PostgreSQL of one data folder. The first program of a folder starts them and holds the folder's
 * lock as long as it lives; further programs join the servers that run.
 */
public final class EmbeddedServers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServers.class);
    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration GUARD_INTERVAL = Duration.ofSeconds(2);
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(60);

    private final FileLock lock;
    private final Properties addresses;
    private EmbeddedKafka kafka;
    private EmbeddedPostgresql postgresql;
    private final ScheduledExecutorService guard = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "postgresql-guard");
        thread.setDaemon(true);
        return thread;
    });

    private EmbeddedServers(FileLock lock, Properties addresses) {
        this.lock = lock;
        this.addresses = addresses;
    }

    /**
     * Refuses TLS or a login for an embedded server: whoever wants them has a server of their own, and only forgot to say where it is.
     *
     * @param settings of the program
     * @param usesKafka whether it talks to Kafka
     * @param usesDatabase whether it talks to PostgreSQL
     * @throws Settings.InvalidSetting if the settings ask for it
     */
    public static void requirePlain(Settings settings, boolean usesKafka, boolean usesDatabase) {
        String protocol = settings.text("kafka.security.protocol");
        if (usesKafka && !settings.has("kafka.bootstrap.servers") && !"PLAINTEXT".equals(protocol)) {
            throw new Settings.InvalidSetting("kafka.security.protocol", protocol,
                    "PLAINTEXT with the embedded broker; KAFKA_BOOTSTRAP_SERVERS says where another one is");
        }
        String mode = settings.text("db.tls.mode");
        if (usesDatabase && !settings.has("db.host") && mode.matches("require|verify-.*")) {
            throw new Settings.InvalidSetting("db.tls.mode", mode, "disable or prefer with the embedded PostgreSQL; DB_HOST says where another one is");
        }
    }

    /**
     * @param settings of the program
     * @param usesKafka whether it talks to Kafka
     * @param usesDatabase whether it talks to PostgreSQL
     * @return true if the settings do not say where to find one that it talks to
     */
    public static boolean areNeeded(Settings settings, boolean usesKafka, boolean usesDatabase) {
        return usesKafka && !settings.has("kafka.bootstrap.servers") || usesDatabase && !settings.has("db.host");
    }

    /**
     * Starts the servers that the settings do not name, or joins those that run already on the same data folder.
     *
     * @throws CannotStart if a port is taken, or the servers that run are not those that these settings need
     */
    public static EmbeddedServers startOrJoin(Settings settings) throws IOException {
        Path folder = Path.of(settings.text("data.dir")).toAbsolutePath().normalize();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CannotStart("The data folder " + folder + " cannot be made: choose another with DATA_DIR", e);
        }
        Path file = folder.resolve("servers.properties");
        FileLock lock = lock(folder.resolve("lock"));
        if (lock == null) {
            return new EmbeddedServers(null, join(file, settings));
        }
        Files.deleteIfExists(file);
        EmbeddedServers servers = new EmbeddedServers(lock, new Properties());
        try {
            servers.start(folder, settings);
            servers.announce(file);
            servers.guardPostgresql(folder.resolve("postgresql"));
            return servers;
        } catch (RuntimeException | IOException e) {
            servers.close();
            throw e;
        }
    }

    /** @return true if another program runs these servers */
    public boolean isJoined() {
        return lock == null;
    }

    /** @return the settings with the addresses of these servers where they had none */
    public Settings applyTo(Settings settings) {
        Settings changed = settings;
        if (!settings.has("kafka.bootstrap.servers")) {
            changed = changed.with("kafka.bootstrap.servers", LOOPBACK + ":" + addresses.getProperty("kafka.port"));
        }
        if (!settings.has("db.host")) {
            changed = changed.with("db.host", LOOPBACK).with("db.port", addresses.getProperty("db.port"))
                    .with("db.name", "postgres").with("db.user", "postgres")
                    .with("db.password", "").with("db.password.file", "");
        }
        return changed;
    }

    private static FileLock lock(Path file) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new CannotStart("The data folder " + file.getParent() + " cannot be written: choose another with DATA_DIR", e);
        }
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                channel.close();
            }
            return lock;
        } catch (OverlappingFileLockException e) {
            channel.close();
            return null;
        }
    }

    private void start(Path folder, Settings settings) throws IOException {
        boolean startsKafka = !settings.has("kafka.bootstrap.servers");
        boolean startsPostgresql = !settings.has("db.host");
        Path postgresqlFolder = folder.resolve("postgresql");
        if (startsPostgresql) {
            EmbeddedPostgresql.stopOrphan(postgresqlFolder);
        }
        int kafkaPort = startsKafka ? portOf(settings, "embedded.kafka.port") : 0;
        int postgresqlPort = startsPostgresql ? portOf(settings, "embedded.db.port") : 0;
        CompletableFuture<Void> kafkaStart = CompletableFuture.runAsync(() -> {
            if (startsKafka) {
                kafka = unchecked(() ->
                        EmbeddedKafka.start(folder.resolve("kafka"), kafkaPort, settings.wholeNumber("kafka.partitions", 1, 10_000)));
                addresses.put("kafka.port", String.valueOf(kafkaPort));
            }
        });
        CompletableFuture<Void> postgresqlStart = CompletableFuture.runAsync(() -> {
            if (startsPostgresql) {
                postgresql = unchecked(() -> EmbeddedPostgresql.start(postgresqlFolder, postgresqlPort));
                addresses.put("db.port", String.valueOf(postgresqlPort));
            }
        });
        try {
            CompletableFuture.allOf(kafkaStart, postgresqlStart).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof CannotStart cannot ? cannot
                    : new CannotStart("The embedded servers did not start in " + folder + ": " + e.getCause(), e.getCause());
        }
    }

    /** Starts PostgreSQL again if its process is killed; Kafka lives and dies with this program. */
    private void guardPostgresql(Path folder) {
        if (postgresql == null) {
            return;
        }
        int port = Integer.parseInt(addresses.getProperty("db.port"));
        guard.scheduleWithFixedDelay(() -> {
            try {
                if (!EmbeddedPostgresql.isRunning(folder)) {
                    LOG.warn("The embedded PostgreSQL has ended; starting it again");
                    postgresql = EmbeddedPostgresql.start(folder, port);
                }
            } catch (IOException | RuntimeException e) {
                LOG.error("The embedded PostgreSQL does not start; trying again", e);
            }
        }, GUARD_INTERVAL.toMillis(), GUARD_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static int portOf(Settings settings, String key) {
        int port = Ports.requireFree(LOOPBACK, settings, key);
        return port == 0 ? Ports.anyFree() : port;
    }

    /** Tells joining programs where the servers are; in one step, so that they never read half of it. */
    private void announce(Path file) throws IOException {
        addresses.put("process", String.valueOf(ProcessHandle.current().pid()));
        Path written = file.resolveSibling("servers.properties.new");
        try (Writer writer = Files.newBufferedWriter(written)) {
            addresses.store(writer, "The embedded servers that run on this folder");
        }
        Files.move(written, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Properties join(Path file, Settings settings) throws IOException {
        Properties addresses = new Properties();
        long end = System.nanoTime() + JOIN_LIMIT.toNanos();
        while (!Files.exists(file)) {
            if (System.nanoTime() > end) {
                throw new CannotStart("Another program holds " + file.getParent() + " but its servers do not start: "
                        + "stop it, or choose another folder with DATA_DIR");
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CannotStart("Interrupted while waiting for the embedded servers of another program", e);
            }
        }
        try (Reader reader = Files.newBufferedReader(file)) {
            addresses.load(reader);
        }
        requireServer(addresses, settings, "kafka.bootstrap.servers", "kafka.port", "Kafka");
        requireServer(addresses, settings, "db.host", "db.port", "PostgreSQL");
        LOG.info("Joined the embedded servers of process {}", addresses.getProperty("process"));
        return addresses;
    }

    private static void requireServer(Properties addresses, Settings settings, String setting, String address, String name) {
        if (!settings.has(setting) && !addresses.containsKey(address)) {
            throw new CannotStart("Process %s holds the data folder without an embedded %s: start both with the same %s"
                    .formatted(addresses.getProperty("process"), name, Settings.environmentName(setting)));
        }
    }

    /** Stops the servers, Kafka first; those that were joined go on. */
    @Override
    public void close() throws IOException {
        guard.shutdownNow();
        if (kafka != null) {
            kafka.close();
        }
        if (postgresql != null) {
            postgresql.close();
        }
        if (lock != null) {
            lock.release();
            lock.channel().close();
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
