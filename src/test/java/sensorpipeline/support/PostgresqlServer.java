package sensorpipeline.support;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A PostgreSQL that belongs to a test, to be stopped, killed and frozen; nobody starts it again but the test. */
public final class PostgresqlServer implements AutoCloseable {

    private static final Path PROGRAMS = Path.of("target/test-servers/postgresql-programs").toAbsolutePath();

    private final Path data;
    private final int port;
    private final int connections;
    private final List<String> options = new ArrayList<>();

    /**
     * @param data folder for its data; made if absent
     * @param port to listen on
     * @param connections as {@code max_connections}
     */
    public PostgresqlServer(Path data, int port, int connections) {
        this.data = data;
        this.port = port;
        this.connections = connections;
    }

    /** Adds a setting of its own, for starts from now on. */
    public PostgresqlServer with(String name, Object value) {
        options.add("-c " + name + "=" + value);
        return this;
    }

    /** @return its folder, which {@link #start} makes */
    public Path data() {
        return data;
    }

    /** Starts it, for the first time or again; it answers clients when this returns. */
    public void start() {
        if (!Files.exists(data)) {
            initialise();
        }
        control("start", "--log=" + data.resolveSibling("postgresql.log"), "--options=" + String.join(" ",
                "-p " + port, "-c max_connections=" + connections, "-c listen_addresses=127.0.0.1", "-c unix_socket_directories=",
                String.join(" ", options)));
    }

    /** Stops it in order ("fast": clients are sent away), and returns when it is gone. */
    public void stop() {
        control("stop", "--mode=fast");
    }

    private void initialise() {
        try {
            EmbeddedPostgres.builder().setOverrideWorkingDirectory(PROGRAMS.toFile()).setDataDirectory(data).setCleanDataDirectory(false)
                    .setPGStartupWait(Duration.ofMinutes(1)).setLocaleConfig("locale", "C").start().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void control(String... arguments) {
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            // PostgreSQL does not run as root, so it is told that it does not.
            command.addAll(List.of("unshare", "-U"));
        }
        try (Stream<Path> versions = Files.list(PROGRAMS)) {
            command.add(versions.map(version -> version.resolve("bin/pg_ctl")).filter(Files::exists).findFirst().orElseThrow().toString());
            command.addAll(List.of("--wait", "--timeout=60", "--pgdata=" + data));
            command.addAll(List.of(arguments));
            Path output = data.resolveSibling("pg_ctl.log");
            // A file, because the server inherits it and would hold a pipe open.
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

    /** Sends SIGKILL to the postmaster, and returns when its children have followed it. */
    public void kill() {
        ProcessHandle postmaster = postmaster();
        var children = postmaster.descendants().toList();
        postmaster.destroyForcibly();
        awaitEnd(postmaster);
        // They notice by themselves; a new postmaster does not start before.
        children.forEach(PostgresqlServer::awaitEnd);
    }

    /** Sends SIGKILL to the process that serves one client; PostgreSQL then sends all clients away and recovers. */
    public void killBackend(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    /** Stops all of it where it is (SIGSTOP). */
    public void freeze() {
        Signals.freeze(postmaster());
    }

    /** Lets it go on. */
    public void thaw() {
        Signals.thaw(postmaster());
    }

    /** @return true if the postmaster lives */
    public boolean isAlive() {
        return Files.exists(pidFile()) && ProcessHandle.of(pid()).filter(ProcessHandle::isAlive).isPresent();
    }

    /** Makes it run again, whatever was done to it. */
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
