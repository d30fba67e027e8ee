package sensorpipeline.store;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What the store has done since the program started, for metrics and for the log. Safe for use by many threads. */
public final class StoreFigures {

    private final Counter stored;
    private final Counter repeated;
    private final Counter deadLetters;
    private double reportedStored;
    private double reportedRepeated;
    private double reportedDeadLetters;

    /** @param meters where the figures are published */
    public StoreFigures(MeterRegistry meters) {
        stored = Counter.builder("sensor.pipeline.readings.stored").description("Readings stored").register(meters);
        repeated = Counter.builder("sensor.pipeline.readings.repeated")
                .description("Readings that were stored already and were not counted again").register(meters);
        deadLetters = Counter.builder("sensor.pipeline.dead.letters").description("Records that are no reading").register(meters);
    }

    /**
     * @param batch that is in PostgreSQL now
     * @param readings how many of its readings were new
     */
    public void stored(ReadingBatch batch, int readings) {
        stored.increment(readings);
        repeated.increment(batch.getSize() - readings);
    }

    /** @param batch whose dead letters are on their topic now */
    public void deadLettered(ReadingBatch batch) {
        deadLetters.increment(batch.getDeadLetters().size());
    }

    /** @return one line about the time since the last call */
    public synchronized String report() {
        String line = "Stored %,.0f readings in the last minute (%,.0f repeated, %,.0f dead letters)".formatted(
                stored.count() - reportedStored, repeated.count() - reportedRepeated, deadLetters.count() - reportedDeadLetters);
        reportedStored = stored.count();
        reportedRepeated = repeated.count();
        reportedDeadLetters = deadLetters.count();
        return line;
    }
}
