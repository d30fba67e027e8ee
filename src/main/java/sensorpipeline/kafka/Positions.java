package sensorpipeline.kafka;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * How far partitions are stored, recorded in the same database as their records. Unlike the offsets that Kafka keeps, they are restored
 * with the database. Thread-safe.
 */
public interface Positions {

    /**
     * Records that Kafka deleted before they were stored.
     *
     * @param partition they were in
     * @param first offset
     * @param last offset
     */
    record Lost(TopicPartition partition, long first, long last) {

        /** @return how many they were at most: offsets of compacted records and of markers of transactions are among them */
        public long count() {
            return last - first + 1;
        }
    }

    /**
     * @param partitions to look up
     * @return the offset of the first record that is not stored, for each partition that the database knows
     * @throws SQLException if the database fails
     */
    Map<TopicPartition, Long> read(Set<TopicPartition> partitions) throws SQLException;

    /**
     * Adds partitions.
     *
     * @param first offset from which they will be stored, for each
     * @throws SQLException if the database fails, or knows one of them
     */
    void add(Map<TopicPartition, Long> first) throws SQLException;

    /**
     * Advances partitions once their records are stored, and records those that are lost, in one transaction.
     *
     * @param from positions in the database as far as the caller knows; at least those of all partitions in {@code to}
     * @param to offsets of the first records that are not stored
     * @param lost records before them that cannot be stored any more
     * @throws SQLException if the database fails or has other positions: another consumer has the partition, or the database is another one; nothing is
     *     then changed
     */
    void advance(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to, List<Lost> lost) throws SQLException;

    /**
     * Tells which positions can be committed in Kafka. By default, advanced positions can at once; others may be saved later.
     *
     * @param advanced positions that have just been, possibly none
     * @return those that are in the database, and have not been returned before
     */
    default Map<TopicPartition, Long> committable(Map<TopicPartition, Long> advanced) {
        return advanced;
    }

    /** @param partitions that the consumer does not read any more */
    default void leave(Collection<TopicPartition> partitions) {
    }
}
