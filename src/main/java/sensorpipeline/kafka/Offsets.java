package sensorpipeline.kafka;

/** The last step of a batch. Used by the thread that polls. */
public final class Offsets {

    private final Outage outage;

    /** @param outage that is over once a batch is committed */
    public Offsets(Outage outage) {
        this.outage = outage;
    }

    /**
     * Commits a batch that is processed completely; until then Kafka delivers it again.
     *
     * @param polled what Kafka delivered
     */
    public void commit(PolledRecords polled) {
        polled.commit();
        outage.over();
    }
}
