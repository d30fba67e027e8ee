package sensorpipeline.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/** The speed of a bare COPY: one connection, rows like those of readings, encoded beforehand, into a table without key, index or partitions. */
final class CopyLimit {

    private static final long MOST_ROWS = 2_000_000;
    private static final int ROWS_A_COPY = 5000;
    /** Reused: without an index, the content of rows does not matter. */
    private static final int DIFFERENT_COPIES = 20;
    private static final int TRIES = 3;
    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int FLOAT8 = 701;
    private static final long MICROS_TO_2000 = 946_684_800_000_000L;

    private final Connection connection;
    private final long rows;
    private final List<byte[]> copies = new ArrayList<>();

    CopyLimit(Connection connection, IngestOptions options) {
        this.connection = connection;
        this.rows = Math.min(MOST_ROWS, options.events);
        for (int number = 0; number < DIFFERENT_COPIES; number++) {
            copies.add(copy(number, options));
        }
    }

    private static byte[] copy(int number, IngestOptions options) {
        ByteBuffer bytes = ByteBuffer.allocate(64 + ROWS_A_COPY * (100 + 12 * options.metrics));
        bytes.put(SIGNATURE).putInt(0).putInt(0);
        long at = System.currentTimeMillis() * 1000 - MICROS_TO_2000;
        for (int row = 0; row < ROWS_A_COPY; row++) {
            bytes.putShort((short) 6);
            bytes.putInt(4).putInt(row % options.sensors);
            bytes.putInt(8).putLong(number);
            bytes.putInt(8).putLong(at + row);
            bytes.putInt(8).putLong(at);
            bytes.putInt(20 + 12 * options.metrics).putInt(1).putInt(0).putInt(FLOAT8).putInt(options.metrics).putInt(1);
            for (int metric = 0; metric < options.metrics; metric++) {
                bytes.putInt(8).putDouble((row + metric) / 100.0);
            }
            bytes.putInt(-1);
        }
        bytes.putShort((short) -1);
        byte[] copy = new byte[bytes.position()];
        bytes.flip().get(copy);
        return copy;
    }

    /** @return rows per second, the best of three tries */
    double measure() throws SQLException {
        execute("CREATE TABLE copy_limit (series_id integer NOT NULL, batch_id bigint NOT NULL, at timestamptz NOT NULL,"
                + " received_at timestamptz NOT NULL, \"values\" float8[] NOT NULL, attributes jsonb)");
        CopyManager manager = connection.unwrap(PGConnection.class).getCopyAPI();
        double best = 0;
        for (int tried = 0; tried < TRIES; tried++) {
            execute("TRUNCATE copy_limit");
            long start = System.nanoTime();
            long copied = 0;
            for (int number = 0; copied < rows; number++) {
                byte[] copy = copies.get(number % DIFFERENT_COPIES);
                CopyIn into = manager.copyIn("COPY copy_limit FROM STDIN (FORMAT binary)");
                into.writeToCopy(copy, 0, copy.length);
                copied += into.endCopy();
            }
            best = Math.max(best, copied / ((System.nanoTime() - start) / 1e9));
        }
        Output.say("Bare COPY of such rows: %,.0f per second", best);
        return best;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
