package sensorpipeline.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** The run's progress as the database has it, read on one connection, whose own work is not counted. Not thread-safe. */
final class Ledger implements AutoCloseable {

    private static final Duration CLIENTS_LIMIT = Duration.ofSeconds(30);

    private static final String PROGRESS = "SELECT coalesce(sum(records), 0), count(*) FILTER (WHERE NOT rolled_up) FROM batch";

    private final Connection connection;
    private final long backend;
    /** Null if the server is on another machine. */
    private final ProcessHandle postmaster;

    Ledger(PipelineSettings settings) throws SQLException {
        connection = settings.connect();
        backend = number("SELECT pg_backend_pid()");
        postmaster = postmaster(settings.database());
        if (postmaster == null) {
            Output.say("PostgreSQL runs on another machine, so its processor time is unknown");
        }
    }

    private ProcessHandle postmaster(String database) {
        try {
            // A process title such as "postgres: postgres bench_... 127.0.0.1(40000) idle"; if PostgreSQL runs elsewhere, the pid is that of another process here.
            boolean isHere = Files.readString(Path.of("/proc/" + backend + "/cmdline")).contains(database);
            return isHere ? ProcessHandle.of(backend).flatMap(ProcessHandle::parent).orElse(null) : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Readings in the ledger, and batches that are not rolled up yet. */
    record State(long stored, long waiting) {
    }

    /** @return the progress of the consumer */
    State read() throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(PROGRESS)) {
            rows.next();
            return new State(rows.getLong(1), rows.getLong(2));
        }
    }

    /** @return the result of a query for one number */
    long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** @return processor seconds of PostgreSQL; NaN if it runs on another machine */
    double processorSeconds() {
        return postmaster == null ? Double.NaN : ProcessorTime.secondsOfFamily(postmaster, backend);
    }

    /** Returns when no other client is connected to the database. */
    void awaitNoOtherClients() throws SQLException, InterruptedException {
        long end = System.nanoTime() + CLIENTS_LIMIT.toNanos();
        while (number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                + " AND backend_type = 'client backend'") > 0) {
            if (System.nanoTime() > end) {
                throw new Failure("The consumer's connections to PostgreSQL did not end within " + CLIENTS_LIMIT.toSeconds() + " s");
            }
            Thread.sleep(50);
        }
    }

    Connection connection() {
        return connection;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
