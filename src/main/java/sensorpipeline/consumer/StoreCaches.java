package sensorpipeline.consumer;

import com.zaxxer.hikari.HikariDataSource;

/**
 * What a store keeps in memory of its database. All of it is dropped when the database fails, because another one, such as a
 * restored backup, may take its place. Safe for use by many threads.
 */
final class StoreCaches {

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

    /** Drops what was read from, or is to be written to, the database. */
    void drop() {
        seriesNumbers.forget();
        rollups.forget();
    }

    /** Drops the connections too: a session that began while the database was read-only stays so. */
    void dropWithConnections() {
        drop();
        if (database.getHikariPoolMXBean() != null) {
            database.getHikariPoolMXBean().softEvictConnections();
        }
    }
}
