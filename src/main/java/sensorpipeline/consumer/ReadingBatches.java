package sensorpipeline.consumer;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.kafka.DeadLetter;
import sensorpipeline.kafka.DeadLetters;
import sensorpipeline.kafka.PolledRecords;
import sensorpipeline.kafka.Topics;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.reading.RefusedReading;

/** Sorts the records of a poll into readings and dead letters. Thread-safe. */
public final class ReadingBatches {

    private static final Logger LOG = LoggerFactory.getLogger(ReadingBatches.class);
    /** A single device can send this many at once, whatever its batches look like. */
    private static final int ALWAYS_REFUSABLE = 10;

    private final ReadingParser parser = new ReadingParser();
    private final Topics topics;
    private final DeadLetters deadLetters;
    private final Retention retention;
    private final int mostRefusals;

    /**
     * @param topics map a record to its tenant
     * @param deadLetters create the dead letters
     * @param retention decides which readings are too old to be stored
     * @param mostRefusals maximum percentage of a batch that PostgreSQL may reject; more indicates a fault of the database, not of the readings
     */
    public ReadingBatches(Topics topics, DeadLetters deadLetters, Retention retention, int mostRefusals) {
        this.topics = topics;
        this.deadLetters = deadLetters;
        this.retention = retention;
        this.mostRefusals = mostRefusals;
    }

    /**
     * @param polled what Kafka delivered
     * @return its readings and dead letters; every record is in one of them
     */
    public ReadingBatch read(PolledRecords polled) {
        int size = polled.records().size();
        List<ConsumerRecord<byte[], byte[]>> readable = new ArrayList<>(size);
        List<Reading> readings = new ArrayList<>(size);
        List<DeadLetter> refused = new ArrayList<>();
        Instant now = Instant.now();
        String topic = null;
        String tenant = null;
        Retention.CutOff cutOff = null;
        for (ConsumerRecord<byte[], byte[]> record : polled.records()) {
            try {
                if (!record.topic().equals(topic)) {
                    topic = record.topic();
                    tenant = topics.tenantOf(topic);
                    cutOff = retention.cutOff(tenant, now);
                }
                Reading reading = parser.parse(tenant, record.value(), now);
                if (reading.at() < cutOff.at()) {
                    refused.add(deadLetters.of(record, cutOff.reason(tenant, reading.at())));
                    continue;
                }
                readings.add(reading);
                readable.add(record);
            } catch (RefusedReading e) {
                refused.add(deadLetters.of(record, e.getMessage()));
            } catch (RuntimeException e) {
                // A bug of this program must not block the readings behind this record; the dead letter keeps it until the bug is fixed.
                LOG.error("A record could not be read for a reason of our own", e);
                refused.add(deadLetters.of(record, "the program failed to read it: " + e));
            }
        }
        return new ReadingBatch(readable, readings, refused);
    }

    /**
     * Turns readings into dead letters of the batch that they belong to.
     *
     * @param batch whose readings PostgreSQL rejects
     * @param cause error of PostgreSQL
     * @throws IllegalStateException if so many were rejected that the readings are not at fault; the batch is then retried
     */
    public void refuse(ReadingBatch batch, Exception cause) {
        String reason = "PostgreSQL refuses it: " + cause.getMessage().lines().findFirst().orElse("");
        for (ConsumerRecord<byte[], byte[]> record : batch.records()) {
            batch.getDeadLetters().add(deadLetters.of(record, reason));
        }
        batch.refusals().add(batch.getSize());
        if (batch.refusals().refused() > ALWAYS_REFUSABLE && batch.refusals().percent() > mostRefusals) {
            throw new IllegalStateException(("PostgreSQL refuses more than %d %% of a batch: that is no fault of the readings; mend the database, "
                    + "or set STORE_REFUSALS higher to make them dead letters. The last one: %s").formatted(mostRefusals, reason));
        }
    }
}
