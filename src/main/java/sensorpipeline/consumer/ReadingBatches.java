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

/** Sorts the records of a poll into readings and dead letters. Safe for use by many threads. */
public final class ReadingBatches {

    private static final Logger LOG = LoggerFactory.getLogger(ReadingBatches.class);
    /** A single device can send that many at once, of whatever kind they are. */
    private static final int ALWAYS_REFUSABLE = 10;

    private final ReadingParser parser = new ReadingParser();
    private final Topics topics;
    private final DeadLetters deadLetters;
    private final Retention retention;
    private final int mostRefusals;

    /**
     * @param topics to name the tenant of a record
     * @param deadLetters to make the dead letters
     * @param retention what is too old to be stored
     * @param mostRefusals percent of a batch that PostgreSQL may refuse; more is a fault of the database, not of the readings
     */
    public ReadingBatches(Topics topics, DeadLetters deadLetters, Retention retention, int mostRefusals) {
        this.topics = topics;
        this.deadLetters = deadLetters;
        this.retention = retention;
        this.mostRefusals = mostRefusals;
    }

    /**
     * @param polled what Kafka delivered
     * @return its readings and dead letters, every record in one of both
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
                // A fault of ours must not stop the readings behind this record; the dead letter keeps it until it is mended.
                LOG.error("A record could not be read for a reason of our own", e);
                refused.add(deadLetters.of(record, "the program failed to read it: " + e));
            }
        }
        return new ReadingBatch(readable, readings, refused);
    }

    /**
     * Makes dead letters of readings, for the batch that they are part of.
     *
     * @param batch whose readings PostgreSQL refuses
     * @param cause what it said
     * @throws IllegalStateException if it has refused so many that the fault is not theirs; then they are tried again
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
