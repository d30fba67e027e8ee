package sensorpipeline.api;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams any number of readings with little memory; holds a connection to PostgreSQL until it is closed. Read by one
 * thread; any thread may close it, which ends a running query.
 */
final class ReadingExport extends InputStream {

    private static final Logger LOG = LoggerFactory.getLogger(ReadingExport.class);
    private static final int CHUNK = 64 * 1024;

    private final HikariDataSource pool;
    private final Connection connection;
    private final ReadingRows rows;
    private final ReentrantLock reading = new ReentrantLock();
    private final AnswerText text = new AnswerText(CHUNK + CHUNK / 4);
    private int position;
    private boolean isAtEnd;
    private volatile boolean isClosed;

    /**
     * @param pool of the connection
     * @param connection closed with this stream
     * @param rows to write
     * @param head written before the rows
     */
    ReadingExport(HikariDataSource pool, Connection connection, ReadingRows rows, byte[] head) {
        this.pool = pool;
        this.connection = connection;
        this.rows = rows;
        text.add(head);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** @throws IOException if PostgreSQL ends the query or the stream is closed, so that the export is incomplete */
    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        reading.lock();
        try {
            if (position == text.length() && !isAtEnd) {
                fill();
            }
            if (position == text.length()) {
                return -1;
            }
            int copied = Math.min(count, text.length() - position);
            text.copyTo(target, offset, position, copied);
            position += copied;
            return copied;
        } finally {
            if (isClosed) {
                closeConnection();
            }
            reading.unlock();
        }
    }

    private void fill() throws IOException {
        if (isClosed) {
            throw new IOException("The caller has gone");
        }
        text.clear();
        position = 0;
        try {
            while (text.length() < CHUNK && !isAtEnd) {
                if (rows.next()) {
                    rows.write(text);
                } else {
                    isAtEnd = true;
                }
            }
        } catch (SQLException e) {
            if (!isClosed) {
                LOG.warn("An export was cut off: {} (SQLSTATE {})", e.getMessage(), e.getSQLState());
            }
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        isClosed = true;
        if (reading.tryLock()) {
            try {
                closeConnection();
            } finally {
                reading.unlock();
            }
        } else {
            // A query is running. A cancel request could hit the next query of this connection, so the connection is closed and
            // evicted from the pool.
            pool.evictConnection(connection);
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("A connection did not end cleanly", e);
            }
            reading.lock();
            try {
                closeConnection();
            } finally {
                reading.unlock();
            }
        }
    }

    private void closeConnection() {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("A connection did not close cleanly", e);
        }
    }
}
