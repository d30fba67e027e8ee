package sensorpipeline.kafka;

/** The last step of a batch. Used by the polling thread. */
public final class Offsets {

    private final Outage outage;

    /** @param outage that ends when a batch is committed */
    public Offsets(Outage outage) {
        this.outage = outage;
    }

    /**
     * Commits a batch that is completely processed; until then it is redelivered.
     *
     * @param polled as delivered by Kafka
     */
    public void commit(PolledRecords polled) {
        polled.commit();
        outage.over();
    }
}
