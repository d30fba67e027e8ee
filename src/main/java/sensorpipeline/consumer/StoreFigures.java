package sensorpipeline.consumer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import sensorpipeline.kafka.PolledRecords;

/** Counts what the store has done since the program started, for metrics and the log. Thread-safe. */
public final class StoreFigures {

    private final Counter stored;
    private final Counter merged;
    private final Counter repeated;
    private final Counter textsForNumbers;
    private final Counter implausible;
    private final Counter deadLetters;
    private final Counter replayed;
    private final DistributionSummary batches;
    private final Timer delay;
    private long reportedAt = System.nanoTime();
    private double reportedStored;
    private double reportedMerged;
    private double reportedRepeated;
    private double reportedDeadLetters;

    /** @param meters where the figures are published */
    public StoreFigures(MeterRegistry meters) {
        stored = Counter.builder("sensor.pipeline.readings.stored").description("Readings stored").register(meters);
        merged = Counter.builder("sensor.pipeline.readings.merged")
                .description("Records that added metrics or attributes to a reading that another record had made").register(meters);
        repeated = Counter.builder("sensor.pipeline.readings.repeated")
                .description("Records that added nothing to a reading that was stored already, and were not counted again").register(meters);
        textsForNumbers = Counter.builder("sensor.pipeline.texts.for.numbers")
                .description("Fields of stored readings that are text although the sensor has sent numbers under their name").register(meters);
        implausible = Counter.builder("sensor.pipeline.values.implausible")
                .description("Values of stored readings that are attributes because they are outside of the plausible range of their metric").register(meters);
        deadLetters = Counter.builder("sensor.pipeline.dead.letters").description("Records that are no reading, contradict one, or are beyond a limit of their tenant").register(meters);
        replayed = Counter.builder("sensor.pipeline.dead.letters.replayed").description("Dead letters sent to their topic again").register(meters);
        batches = DistributionSummary.builder("sensor.pipeline.batch.records").description("Records of a batch from Kafka, once all of it is safe")
                .serviceLevelObjectives(1, 10, 100, 1000, 5000, 10_000, 20_000).register(meters);
        delay = Timer.builder("sensor.pipeline.store.delay")
                .description("Time from Kafka's receiving the oldest record of a batch until all of the batch is safe").register(meters);
    }

    /** @param count what became of the records of a batch that is now in PostgreSQL */
    void stored(StoreResults.Count count) {
        stored.increment(count.of(NumberedReading.Outcome.STORED));
        merged.increment(count.of(NumberedReading.Outcome.MERGED));
        repeated.increment(count.of(NumberedReading.Outcome.REPEATED));
        textsForNumbers.increment(count.textsForNumbers());
        implausible.increment(count.implausible());
    }

    /** @param batch whose dead letters are now in their topic and in PostgreSQL */
    public void deadLettered(ReadingBatch batch) {
        deadLetters.increment(batch.getDeadLetters().size());
    }

    /** @param polled whose records are stored or dead letters, and whose offsets are committed */
    public void done(PolledRecords polled) {
        List<ConsumerRecord<byte[], byte[]>> records = polled.records();
        batches.record(records.size());
        long oldest = Long.MAX_VALUE;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            oldest = Math.min(oldest, PolledRecords.receivedAt(record));
        }
        delay.record(Math.max(0, System.currentTimeMillis() - oldest), TimeUnit.MILLISECONDS);
    }

    /** Counts a dead letter that was sent to Kafka again. */
    public void replayed() {
        replayed.increment();
    }

    /** @return readings stored since the program started */
    public double storedReadings() {
        return stored.count();
    }

    /** @return records that added to readings since the program started */
    public double mergedRecords() {
        return merged.count();
    }

    /** @return repeated readings since the program started */
    public double repeatedReadings() {
        return repeated.count();
    }

    /** @return dead letters since the program started */
    public double deadLetters() {
        return deadLetters.count();
    }

    /** @return one line about the time since the last call, or since the start */
    public synchronized String report() {
        long now = System.nanoTime();
        double added = merged.count() - reportedMerged;
        String line = "Stored %,.0f readings in %d s (%s%,.0f repeated, %,.0f dead letters)".formatted(
                stored.count() - reportedStored, TimeUnit.NANOSECONDS.toSeconds(now - reportedAt),
                added == 0 ? "" : "%,.0f merged, ".formatted(added), repeated.count() - reportedRepeated, deadLetters.count() - reportedDeadLetters);
        reportedAt = now;
        reportedStored = stored.count();
        reportedMerged = merged.count();
        reportedRepeated = repeated.count();
        reportedDeadLetters = deadLetters.count();
        return line;
    }
}
