package sensorpipeline.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/**
 * The embedded Kafka and PostgreSQL of one data folder. The first program starts them and holds the folder's lock;
 * further programs join the running servers. When the program that runs them ends, for whatever reason, one of the
 * joined programs acquires the lock and restarts them on the same ports. Programs that end by themselves do so only if no
 * other program does.
 */
public final class EmbeddedServers implements AutoCloseable {

    static final String LOOPBACK = "127.0.0.1";
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServers.class);
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(500);
    private static final Duration JOIN_LIMIT = Duration.ofMinutes(5);
    private static final Duration JOIN_INTERVAL = Duration.ofMillis(100);
    private static final Duration REPORT_INTERVAL = Duration.ofMinutes(1);

    private final Path folder;
    private final OwnershipClaim claim;
    private final ServerPair servers;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "embedded-servers");
        thread.setDaemon(true);
        return thread;
    });
    /** A signal can arrive while the program is still starting, long before it closes this. */
    private final Thread onSignal = new Thread(this::prepareToClose, "embedded-servers-signal");
    /** Null while another program runs the servers. */
    private volatile FolderLock lock;
    /** The process last known to run the servers, and their ports, which never change. */
    private volatile Announcement addresses;
    private volatile boolean isRunning;
    private volatile boolean isStopping;
    private String reported = "";
    private long reportedAt;

    private EmbeddedServers(Path folder, Settings settings, OwnershipClaim claim, FolderLock lock, Announcement addresses) {
        this.folder = folder;
        this.claim = claim;
        this.servers = new ServerPair(folder, settings.wholeNumber("kafka.partitions", 1, 10_000));
        this.lock = lock;
        this.isRunning = false;
        this.addresses = addresses;
    }

    /**
     * Starts the servers whose address is not configured, or joins those already running on the same data folder. Waits
     * while another program is starting them.
     *
     * @param settings of the program
     * @param endsByItself whether the program ends when its work is done; it then runs the servers only if no other program does
     * @throws CannotStart if a port is taken, or the running servers do not match these settings
     */
    public static EmbeddedServers startOrJoin(Settings settings, boolean endsByItself) throws IOException {
        Path folder = Path.of(settings.text("data.dir")).toAbsolutePath().normalize();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CannotStart("The data folder " + folder + " cannot be made: choose another with DATA_DIR", e);
        }
        OwnershipClaim claim = new OwnershipClaim(folder, endsByItself);
        long end = System.nanoTime() + JOIN_LIMIT.toNanos();
        while (System.nanoTime() < end) {
            Optional<FolderLock> lock = claim.tryAcquire();
            if (lock.isPresent()) {
                return start(folder, settings, claim, lock.get());
            }
            Optional<Announcement> running = Announcement.read(folder);
            if (running.isPresent()) {
                return join(folder, settings, claim, running.get());
            }
            pause();
        }
        throw new CannotStart("Another program has locked " + folder + " but has not started its servers for " + JOIN_LIMIT.toMinutes()
                + " minutes: stop it, or choose another folder with DATA_DIR");
    }

    private static EmbeddedServers start(Path folder, Settings settings, OwnershipClaim claim, FolderLock lock) throws IOException {
        EmbeddedServers embedded = null;
        try {
            embedded = new EmbeddedServers(folder, settings, claim, lock, Announcement.ofThisProcess(0, 0));
            if (!settings.has("db.host")) {
                embedded.servers.stopOrphan();
            }
            embedded.run(Announcement.ofThisProcess(settings.has("kafka.bootstrap.servers") ? 0 : portOf(settings, "embedded.kafka.port"),
                    settings.has("db.host") ? 0 : portOf(settings, "embedded.db.port")));
            embedded.watch();
            return embedded;
        } catch (RuntimeException | IOException e) {
            if (embedded != null) {
                embedded.close();
            }
            lock.close();
            throw e;
        }
    }

    private static int portOf(Settings settings, String key) {
        Ports.requireFree(LOOPBACK, settings, List.of(key));
        int port = settings.port(key);
        return port == 0 ? Ports.anyFree() : port;
    }

    private static EmbeddedServers join(Path folder, Settings settings, OwnershipClaim claim, Announcement running) {
        requireServer(running, settings, "kafka.bootstrap.servers", running.kafkaPort(), "Kafka");
        requireServer(running, settings, "db.host", running.databasePort(), "PostgreSQL");
        EmbeddedServers embedded = new EmbeddedServers(folder, settings, claim, null, running);
        LOG.info("Joined the embedded servers of process {}", running.process());
        embedded.watch();
        return embedded;
    }

    private static void requireServer(Announcement running, Settings settings, String setting, int port, String name) {
        if (!settings.has(setting) && port == 0) {
            throw new CannotStart("Process %d holds the data folder without an embedded %s: start both with the same %s"
                    .formatted(running.process(), name, Settings.environmentName(setting)));
        }
    }

    private static void pause() {
        try {
            Thread.sleep(JOIN_INTERVAL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CannotStart("Interrupted while waiting for the embedded servers of another program", e);
        }
    }

    /** @return true if another program runs these servers */
    public boolean isJoined() {
        return lock == null;
    }

    /** @return the settings with the addresses of these servers where none was set; they remain valid after a takeover */
    public Settings applyTo(Settings settings) {
        Settings changed = settings;
        if (!settings.has("kafka.bootstrap.servers")) {
            changed = changed.with("kafka.bootstrap.servers", LOOPBACK + ":" + addresses.kafkaPort());
        }
        if (!settings.has("db.host")) {
            changed = changed.with("db.host", LOOPBACK).with("db.port", String.valueOf(addresses.databasePort()))
                    .with("db.name", "postgres").with("db.user", "postgres")
                    .with("db.password", "").with("db.password.file", "");
        }
        return changed;
    }

    private void watch() {
        Runtime.getRuntime().addShutdownHook(onSignal);
        watch.scheduleWithFixedDelay(this::look, WATCH_INTERVAL.toMillis(), WATCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Keeps the servers running if they belong to this program, and takes them over if the program that runs them has ended. */
    private void look() {
        try {
            if (isRunning) {
                servers.restartPostgresql(addresses.databasePort());
            } else if (isStopping) {
                release();
            } else {
                takeOver();
            }
            reported = "";
        } catch (IOException | RuntimeException e) {
            report(e);
        }
    }

    private void takeOver() throws IOException {
        if (lock == null) {
            lock = claim.tryAcquire().orElse(null);
            if (lock == null) {
                follow();
                return;
            }
            LOG.info("Process {} has ended; taking over its embedded servers", addresses.process());
        }
        long previous = addresses.process();
        servers.stopOrphan();
        run(Announcement.ofThisProcess(addresses.kafkaPort(), addresses.databasePort()));
        LOG.info("Took over the embedded servers of process {}", previous);
    }

    private void run(Announcement own) throws IOException {
        servers.start(own);
        own.write(folder);
        addresses = own;
        isRunning = true;
    }

    /** Detects that another program has taken over the servers. */
    private void follow() throws IOException {
        Optional<Announcement> running = Announcement.read(folder).filter(found -> found.process() != addresses.process());
        if (running.isEmpty()) {
            return;
        }
        Announcement found = running.get();
        if (found.hasPortsOf(addresses)) {
            LOG.info("Process {} runs the embedded servers now", found.process());
        } else {
            LOG.error("Process {} runs the embedded servers now, on other ports: restart this program, which still uses the old ones", found.process());
        }
        addresses = new Announcement(found.process(), addresses.kafkaPort(), addresses.databasePort());
    }

    private void report(Exception problem) {
        if (isStopping) {
            // Kafka refuses to start in a process that is stopping; another program takes over.
            LOG.debug("The embedded servers are not running", problem);
            return;
        }
        long now = System.nanoTime();
        String message = problem instanceof CannotStart ? problem.getMessage() : problem.toString();
        if (!message.equals(reported) || now - reportedAt >= REPORT_INTERVAL.toNanos()) {
            reported = message;
            reportedAt = now;
            LOG.error("The embedded servers are not running; trying again: {}", message);
            LOG.debug("The embedded servers are not running", problem);
        }
    }

    /**
     * Called when the program begins to stop, at the latest on a signal: from now on it leaves takeovers to other programs, so that it does not start
     * servers only to stop them. Servers that it runs continue until {@link #close}.
     */
    public void prepareToClose() {
        isStopping = true;
    }

    /** Stops the servers if this program runs them, Kafka first; a joined program then takes over. Closing again does nothing. */
    @Override
    public void close() throws IOException {
        prepareToClose();
        if (watch.isShutdown()) {
            return;
        }
        removeSignalHook();
        // After a takeover in progress: a lock released before would let another program start its servers beside those that are starting here.
        Future<?> released = watch.submit(() -> {
            release();
            return null;
        });
        watch.shutdown();
        try {
            released.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void removeSignalHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException e) {
            // The process is ending.
            return;
        }
    }

    private void release() throws IOException {
        FolderLock held = lock;
        if (held == null) {
            return;
        }
        try {
            Announcement.withdraw(folder);
            servers.close();
        } finally {
            isRunning = false;
            lock = null;
            held.close();
        }
    }
}
