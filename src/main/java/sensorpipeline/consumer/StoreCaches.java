package sensorpipeline.consumer;

import com.zaxxer.hikari.HikariDataSource;
import java.util.EnumSet;
import java.util.Set;
import sensorpipeline.database.SqlFault;

/**
 * What the store caches of its database. All caches are dropped when the database fails, because another
 * one, such as a restored backup, may take its place. Thread-safe.
 */
final class StoreCaches {

    private static final Set<SqlFault> AWAY = EnumSet.of(SqlFault.UNREACHABLE, SqlFault.STARTING, SqlFault.LOGIN_REFUSED, SqlFault.READ_ONLY);

    private final SeriesNumbers seriesNumbers;
    private final Rollups rollups;
    private final HikariDataSource database;

    /**
     * @param seriesNumbers series ids
     * @param rollups hourly rollups that are not written yet
     * @param database connections
     */
    StoreCaches(SeriesNumbers seriesNumbers, Rollups rollups, HikariDataSource database) {
        this.seriesNumbers = seriesNumbers;
        this.rollups = rollups;
        this.database = database;
    }

    /** Drops what was read from the database, and what is yet to be written. */
    void drop() {
        seriesNumbers.forget();
        rollups.forget();
    }

    /**
     * Also drops the connections: a session that began while the database was read-only stays read-only.
     *
     * @param failure of a batch; unless the database was away, the caches stay, because other tenants' batches succeed
     */
    void dropAfter(Throwable failure) {
        if (!AWAY.contains(SqlFault.of(failure))) {
            return;
        }
        drop();
        if (database.getHikariPoolMXBean() != null) {
            database.getHikariPoolMXBean().softEvictConnections();
        }
    }
}
