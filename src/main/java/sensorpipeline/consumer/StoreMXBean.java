package sensorpipeline.consumer;

/**
 * Counts and backlog of this program's store, for JMX clients: {@code sensorpipeline:type=Store}. The values
 * are those of {@code /observe/metrics}. Counts start with the program; unknown values are NaN. Thread-safe.
 */
public interface StoreMXBean {

    /** @return readings stored by this program */
    double getReadingsStored();

    /** @return records that added metrics or attributes to a reading that another record had made */
    double getRecordsMerged();

    /** @return duplicate readings, which were already stored and not counted again */
    double getReadingsRepeated();

    /** @return records that are not readings, contradict one or are beyond a limit, and were kept as dead letters */
    double getDeadLetters();

    /** @return records in Kafka, of all tenants, that are not stored yet; NaN while Kafka is unreachable */
    double getLag();

    /** @return seconds since Kafka received the oldest record that is not stored yet; 0 if there is none, NaN while Kafka is unreachable */
    double getOldestAgeSeconds();

    /** @return batches whose rollups are yet to be computed from the readings; NaN before the first answer of PostgreSQL */
    double getRollupBacklog();

    /** @return unresolved dead letters of all tenants; NaN before the first answer of PostgreSQL */
    double getDeadLettersWaiting();
}
