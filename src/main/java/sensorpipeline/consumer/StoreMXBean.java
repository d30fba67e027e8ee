package sensorpipeline.consumer;

/**
 * What the store of this program has done and what it has yet to do, for JMX clients: {@code sensorpipeline:type=Store}. The figures are those of
 * {@code /observe/metrics}. Counts begin with the program; what is not known at present is NaN. Safe for use by many threads.
 */
public interface StoreMXBean {

    /** @return readings stored by this program */
    double getReadingsStored();

    /** @return readings that were stored already and were not counted again */
    double getReadingsRepeated();

    /** @return records that are no reading and were kept as dead letters */
    double getDeadLetters();

    /** @return records in Kafka, of all tenants, that are not stored yet; NaN while Kafka does not answer */
    double getLag();

    /** @return seconds since Kafka received the oldest record that is not stored yet; 0 if there is none, NaN while Kafka does not answer */
    double getOldestAgeSeconds();

    /** @return batches of readings whose statistics are made from the readings, and not yet made; NaN before PostgreSQL has answered */
    double getRollupBacklog();

    /** @return dead letters of all tenants that wait for somebody to look at them; NaN before PostgreSQL has answered */
    double getDeadLettersWaiting();
}
