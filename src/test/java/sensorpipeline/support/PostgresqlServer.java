package sensorpipeline.support;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.Awaitility;

/** A PostgreSQL that a test can stop, kill and suspend. Only the test restarts it. */
public final class PostgresqlServer implements AutoCloseable {

    private static final Path PROGRAMS = Path.of("target/test-servers/postgresql-programs").toAbsolutePath();
    /** Where the programs are: unpacked once a process, for whichever server came first. */
    private static volatile Path control;

    /** Excluded from a base backup by PostgreSQL's manual. */
    private static final Set<String> EMPTY_IN_A_BACKUP = Set.of("pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans");
    private static final Set<String> NOT_IN_A_BACKUP = Set.of("postmaster.pid", "postmaster.opts");

    private final Path data;
    private final int port;
    private final int connections;
    private final List<String> options = new ArrayList<>();

    /**
     * @param data directory; created if absent
     * @param port to listen on
     * @param connections as {@code max_connections}
     */
    public PostgresqlServer(Path data, int port, int connections) {
        this.data = data;
        this.port = port;
        this.connections = connections;
    }

    /** Adds a configuration parameter, from the next start on. */
    public PostgresqlServer with(String name, Object value) {
        options.add("-c " + name + "=" + value);
        return this;
    }

    /** @return its data directory, which {@link #start} creates */
    public Path data() {
        return data;
    }

    /** Starts or restarts it, and waits until it accepts clients. */
    public void start() {
        if (!Files.exists(data)) {
            initialise();
        }
        control("start", "--log=" + data.resolveSibling("postgresql.log"), "--options=" + String.join(" ",
                "-p " + port, "-c max_connections=" + connections, "-c listen_addresses=127.0.0.1", "-c unix_socket_directories=",
                String.join(" ", options)));
    }

    /** Shuts it down in fast mode, and waits until it has stopped. */
    public void stop() {
        control("stop", "--mode=fast");
    }

    private void initialise() {
        try {
            EmbeddedPostgres.builder().setOverrideWorkingDirectory(PROGRAMS.toFile()).setDataDirectory(data).setCleanDataDirectory(false)
                    .setPGStartupWait(Duration.ofMinutes(1)).setLocaleConfig("locale", "C").start().close();
            // The command line of the server: its program, then quoted options.
            control = Path.of(Files.readString(data.resolve("postmaster.opts")).split(" \"")[0]).resolveSibling("pg_ctl");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void control(String... arguments) {
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            // PostgreSQL refuses to run as root, so it runs in a user namespace.
            command.addAll(List.of("unshare", "-U"));
        }
        try {
            command.add(control.toString());
            command.addAll(List.of("--wait", "--timeout=60", "--pgdata=" + data));
            command.addAll(List.of(arguments));
            Path output = data.resolveSibling("pg_ctl.log");
            // Not a pipe: the server inherits it and would keep it open.
            Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
            if (process.waitFor() != 0) {
                throw new AssertionError(command + ": " + Files.readString(output));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Takes an online base backup, including the WAL that it needs. The embedded binaries do not include pg_basebackup.
     *
     * @param backup folder; must not exist
     */
    public void backUp(Path backup) {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            // Retains the WAL until it is copied.
            statement.execute("SELECT pg_create_physical_replication_slot('backup', true)");
            statement.execute("SELECT pg_backup_start('drill', true)");
            copy(data, backup, EMPTY_IN_A_BACKUP);
            try (ResultSet rows = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
                rows.next();
                Files.writeString(backup.resolve("backup_label"), rows.getString(1));
            }
            copy(data.resolve("pg_wal"), backup.resolve("pg_wal"), Set.of());
            statement.execute("SELECT pg_drop_replication_slot('backup')");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies a folder whose files may change meanwhile; copies folders with the given names without their content. */
    private static void copy(Path from, Path to, Set<String> empty) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Path copy = to.resolve(from.relativize(folder).toString());
                if (!Files.exists(copy)) {
                    Files.copy(folder, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
                return empty.contains(folder.getFileName().toString()) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!NOT_IN_A_BACKUP.contains(file.getFileName().toString())) {
                    try {
                        Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
                    } catch (NoSuchFileException e) {
                        return FileVisitResult.CONTINUE;
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem) throws IOException {
                if (problem instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw problem;
            }
        });
    }

    /** Kills it, and deletes its data. */
    public void lose() {
        kill();
        try {
            Utils.delete(data.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Restores a backup after {@link #lose}, and starts the server. */
    public void restore(Path backup) {
        try {
            copy(backup, data, Set.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    /**
     * @param folder data directory of the standby; must not exist
     * @param standbyPort to listen on
     * @return a running hot standby of this server, with {@code application_name=standby}
     */
    public PostgresqlServer startStandby(Path folder, int standbyPort) {
        backUp(folder);
        PostgresqlServer standby = new PostgresqlServer(folder, standbyPort, connections);
        try {
            Files.createFile(folder.resolve("standby.signal"));
            Files.writeString(folder.resolve("postgresql.auto.conf"),
                    "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres application_name=standby'%n".formatted(port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        standby.start();
        return standby;
    }

    /** Promotes a standby, and waits until it accepts writes. */
    public void promote() {
        control("promote");
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres".formatted(port));
    }

    /** Sends SIGKILL to the postmaster, and waits until its children have ended. */
    public void kill() {
        ProcessHandle postmaster = postmaster();
        var children = postmaster.descendants().toList();
        postmaster.destroyForcibly();
        awaitEnd(postmaster);
        // They detect the postmaster's death. A new postmaster does not start before they have ended.
        children.forEach(PostgresqlServer::awaitEnd);
    }

    /** Sends SIGKILL to a backend; PostgreSQL then closes all connections and recovers. */
    public void killBackend(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    /** Suspends all its processes (SIGSTOP). */
    public void freeze() {
        Signals.freeze(postmaster());
    }

    /** Resumes it. */
    public void thaw() {
        Signals.thaw(postmaster());
    }

    /** @return true if the postmaster is running */
    public boolean isAlive() {
        return Files.exists(pidFile()) && ProcessHandle.of(pid()).filter(ProcessHandle::isAlive).isPresent();
    }

    /** Resumes or restarts it, as needed. */
    public void mend() {
        if (isAlive()) {
            thaw();
        } else {
            start();
        }
    }

    private Path pidFile() {
        return data.resolve("postmaster.pid");
    }

    private long pid() {
        try {
            return Long.parseLong(Files.readAllLines(pidFile()).get(0).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessHandle postmaster() {
        return ProcessHandle.of(pid()).orElseThrow();
    }

    private static void awaitEnd(ProcessHandle process) {
        Awaitility.await("end of process " + process.pid()).atMost(30, TimeUnit.SECONDS).pollInterval(Duration.ofMillis(10))
                .until(() -> !process.isAlive());
    }

    @Override
    public void close() {
        if (isAlive()) {
            thaw();
            stop();
        }
    }
}
