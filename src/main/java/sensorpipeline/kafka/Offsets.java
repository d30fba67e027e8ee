package sensorpipeline.kafka;

import java.sql.SQLException;

/** The last step of a batch. Used by the polling thread. */
public final class Offsets {

    /**
     * Commits a batch that is completely processed; until then it is redelivered.
     *
     * @param polled as delivered by Kafka
     * @throws SQLException if the database fails, or is another one than before
     */
    public void commit(PolledRecords polled) throws SQLException {
        polled.commit();
    }
}
