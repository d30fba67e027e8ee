package sensorpipeline.consumer;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.DoubleSupplier;

/** Publishes the state of the store to Prometheus and JMX; nothing else does. Thread-safe. */
public final class StoreGauges implements StoreMXBean {

    private final StoreFigures figures;
    private final StoreHealthCheck health;
    private final Progress progress;

    /**
     * @param meters where the gauges are registered
     * @param figures counts since the start
     * @param health lag in Kafka
     * @param progress backlog in PostgreSQL
     */
    public StoreGauges(MeterRegistry meters, StoreFigures figures, StoreHealthCheck health, Progress progress) {
        this.figures = figures;
        this.health = health;
        this.progress = progress;
        gauge(meters, "sensor.pipeline.store.lag", "Records in Kafka that are not stored yet", this::getLag);
        gauge(meters, "sensor.pipeline.store.oldest.age.seconds", "Seconds since Kafka received the oldest record that is not stored yet", this::getOldestAgeSeconds);
        gauge(meters, "sensor.pipeline.store.retention.used.ratio", "Age of the oldest record that is not stored yet, relative to the retention of its topic: at 1, Kafka deletes it",
                health::retentionUsed);
        gauge(meters, "sensor.pipeline.rollup.backlog", "Batches of readings whose statistics are not made yet", this::getRollupBacklog);
        gauge(meters, "sensor.pipeline.dead.letters.waiting", "Dead letters that nobody has replayed", this::getDeadLettersWaiting);
        gauge(meters, "sensor.pipeline.sensors.used.ratio", "Of its limit of sensors the largest share that a tenant uses", progress::sensorsUsed);
        gauge(meters, "sensor.pipeline.records.lost", "Records that Kafka deleted before they were stored, until they are acknowledged", progress::recordsLost);
    }

    private static void gauge(MeterRegistry meters, String name, String description, DoubleSupplier figure) {
        Gauge.builder(name, figure::getAsDouble).description(description).register(meters);
    }

    @Override
    public double getReadingsStored() {
        return figures.storedReadings();
    }

    @Override
    public double getRecordsMerged() {
        return figures.mergedRecords();
    }

    @Override
    public double getReadingsRepeated() {
        return figures.repeatedReadings();
    }

    @Override
    public double getDeadLetters() {
        return figures.deadLetters();
    }

    @Override
    public double getLag() {
        return health.isKnown() ? health.lag() : Double.NaN;
    }

    @Override
    public double getOldestAgeSeconds() {
        return health.isKnown() ? health.oldestAge().toMillis() / 1000.0 : Double.NaN;
    }

    @Override
    public double getRollupBacklog() {
        return progress.rollupBacklog();
    }

    @Override
    public double getDeadLettersWaiting() {
        return progress.deadLettersWaiting();
    }
}
