package sensorpipeline.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.CannotStart;

/**
 * A PostgreSQL server in a child process, listening on 127.0.0.1 with trust authentication, with its data in a folder.
 * Fully durable: committed data survives a kill of the program, of the server, and of the machine.
 */
final class EmbeddedPostgresql implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgresql.class);
    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

    private final EmbeddedPostgres server;

    private EmbeddedPostgresql(EmbeddedPostgres server) {
        this.server = server;
    }

    /**
     * Starts the server; it accepts clients when this returns. The first start also unpacks and initialises it.
     *
     * @param folder of binaries and data; created if absent; {@link #stopOrphan} was called for it
     * @param port a free port of 127.0.0.1
     */
    static EmbeddedPostgresql start(Path folder, int port) throws IOException {
        Path data = data(folder);
        Path initialised = folder.resolve("initialised");
        if (!Files.exists(initialised)) {
            // A kill during the very first start leaves an incomplete database, in which nothing was ever stored.
            delete(data);
        }
        createPrivately(folder);
        endSessionsLeftBehind(folder);
        // Its server does not run, but PostgreSQL would take it for running while another process has its number, or its parent has not reaped it; as process 1, Java never does.
        Files.deleteIfExists(data.resolve("postmaster.pid"));
        // The library's own lock, which stays in this process after a failed start; callers hold their own lock.
        Files.deleteIfExists(data.resolve("epg-lock"));
        Path programs = programs(folder);
        deleteHalfUnpacked(programs);
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(programs.toFile())
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(START_LIMIT)
                .setPort(port)
                // The library is made for tests and turns durability off.
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("max_connections", "100")
                // A statement locks each partition that it may look at, and its indexes: a year of hourly ones are 8,760.
                .setServerConfig("max_locks_per_transaction", "512")
                // Fewer checkpoints, because after each one the first change of a page writes the full page to the WAL.
                .setServerConfig("shared_buffers", "256MB")
                .setServerConfig("max_wal_size", "4GB")
                .setServerConfig("checkpoint_timeout", "15min")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("unix_socket_directories", "")
                .setLocaleConfig("locale", "C")
                .start();
        if (!Files.exists(initialised)) {
            Files.createFile(initialised);
        }
        return new EmbeddedPostgresql(server);
    }

    /**
     * Stops the server that a killed program left running in this folder, if any.
     *
     * @param folder as given to {@link #start}
     */
    static void stopOrphan(Path folder) throws IOException {
        Optional<ProcessHandle> orphan = runningServer(folder);
        if (orphan.isEmpty()) {
            return;
        }
        LOG.info("Stopping the PostgreSQL (process {}) that a killed program left behind", orphan.get().pid());
        // SIGINT is PostgreSQL's "fast" shutdown; Java's destroy would wait for clients that may never disconnect.
        for (String signal : List.of("-INT", "-QUIT")) {
            try {
                new ProcessBuilder("kill", signal, String.valueOf(orphan.get().pid())).start().waitFor();
                orphan.get().onExit().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
                return;
            } catch (TimeoutException e) {
                LOG.warn("PostgreSQL (process {}) did not stop on {}", orphan.get().pid(), signal);
            } catch (InterruptedException | ExecutionException e) {
                Thread.currentThread().interrupt();
                throw new CannotStart("Interrupted while a left-behind PostgreSQL was stopping", e);
            }
        }
        throw new CannotStart("A PostgreSQL left behind by a killed program does not stop: end process "
                + orphan.get().pid() + " by hand");
    }

    /** A backend that was busy when its server was killed keeps running, and blocks the start of another server meanwhile. */
    private static void endSessionsLeftBehind(Path folder) throws IOException {
        Path programs = programs(folder);
        List<ProcessHandle> sessions = ProcessHandle.allProcesses().filter(process -> runsOneOf(programs, process)).toList();
        sessions.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle session : sessions) {
            try {
                session.onExit().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException | ExecutionException e) {
                throw new IOException("Process " + session.pid() + " of a PostgreSQL that has ended does not end", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("Interrupted while processes of a PostgreSQL that has ended were ending", e);
            }
        }
    }

    /** @return true while the server's process is alive */
    static boolean isRunning(Path folder) throws IOException {
        return runningServer(folder).isPresent();
    }

    private static Optional<ProcessHandle> runningServer(Path folder) throws IOException {
        Path pidFile = data(folder).resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(pidFile);
        if (lines.isEmpty() || !lines.get(0).strip().matches("\\d+")) {
            return Optional.empty();
        }
        // Its process id may since belong to another process, even to another PostgreSQL.
        Path data = data(folder).toRealPath();
        return ProcessHandle.of(Long.parseLong(lines.get(0).strip())).filter(process -> isServerOf(data, process));
    }

    private static boolean isServerOf(Path data, ProcessHandle process) {
        List<String> arguments = process.info().arguments().map(List::of).orElse(List.of());
        int option = arguments.indexOf("-D");
        try {
            return option >= 0 && Path.of(arguments.get(option + 1)).toRealPath().equals(data);
        } catch (IOException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    private static boolean runsOneOf(Path programs, ProcessHandle process) {
        return process.info().command().filter(command -> Path.of(command).startsWith(programs)).isPresent();
    }

    /** @return where the binaries of this folder's servers are, and no others */
    private static Path programs(Path folder) throws IOException {
        return folder.toRealPath().resolve("programs");
    }

    private static Path data(Path folder) {
        return folder.resolve("data");
    }

    /** The library makes the binaries world-writable; this folder denies access to other users. */
    private static void createPrivately(Path folder) throws IOException {
        Files.createDirectories(folder);
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** A kill during unpacking leaves some of the binaries; the library marks a complete folder with ".exists". */
    private static void deleteHalfUnpacked(Path programs) throws IOException {
        if (!Files.exists(programs)) {
            return;
        }
        try (Stream<Path> versions = Files.list(programs)) {
            for (Path version : versions.filter(folder -> !Files.exists(folder.resolve(".exists"))).toList()) {
                delete(version);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
