package sensorpipeline.consumer;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.kafka.DeadLetters;
import sensorpipeline.kafka.PolledRecords;
import sensorpipeline.kafka.Topics;
import sensorpipeline.reading.PlausibleValues;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.reading.RefusedReading;

/** Sorts the records of a poll into readings and dead letters. Thread-safe. */
public final class ReadingBatches {

    private static final Logger LOG = LoggerFactory.getLogger(ReadingBatches.class);
    private static final byte[] GOOD_RECORD = "{\"sensor_id\":\"probe\",\"probe\":0,\"timestamp\":\"2025-01-15T10:30:00Z\"}".getBytes(StandardCharsets.UTF_8);

    private final ReadingParser parser = new ReadingParser();
    private final Topics topics;
    private final DeadLetters deadLetters;
    private final Retention retention;
    private final PlausibleRanges plausibleRanges;

    /**
     * @param topics map a record to its tenant
     * @param deadLetters create the dead letters
     * @param retention decides which readings are too old to be stored
     * @param plausibleRanges decide which values are measurements
     */
    public ReadingBatches(Topics topics, DeadLetters deadLetters, Retention retention, PlausibleRanges plausibleRanges) {
        this.topics = topics;
        this.deadLetters = deadLetters;
        this.retention = retention;
        this.plausibleRanges = plausibleRanges;
    }

    /**
     * @param polled what Kafka delivered
     * @return its readings and dead letters; every record is in one of them
     * @throws IllegalStateException if this program cannot read even a good record; the batch is then retried
     */
    public ReadingBatch read(PolledRecords polled) {
        ReadingBatch batch = new ReadingBatch(polled.records().size(), deadLetters);
        Instant now = Instant.now();
        String topic = null;
        String tenant = null;
        Retention.CutOff cutOff = null;
        PlausibleValues plausible = null;
        for (ConsumerRecord<byte[], byte[]> record : polled.records()) {
            if (!record.topic().equals(topic)) {
                topic = record.topic();
                tenant = topics.tenantOf(topic);
                cutOff = retention.cutOff(tenant, now);
                plausible = plausibleRanges.of(tenant);
            }
            try {
                Reading reading = parser.parse(tenant, record.value(), now);
                if (reading.at() < cutOff.at()) {
                    batch.refuse(record, cutOff.reason(tenant, reading.at()));
                    continue;
                }
                batch.add(record, plausible == null ? reading : plausible.check(reading));
            } catch (RefusedReading e) {
                batch.refuse(record, e.getMessage());
            } catch (RuntimeException e) {
                requireGoodRecord(now, e);
                // A bug of this program must not block the readings behind this record; the dead letter keeps it until the bug is fixed.
                LOG.error("A record could not be read because of a fault of the program", e);
                batch.refuse(record, "the program failed to read it: " + e);
            }
        }
        return batch;
    }

    private void requireGoodRecord(Instant now, RuntimeException failure) {
        try {
            parser.parse("probe", GOOD_RECORD, now);
        } catch (RefusedReading | RuntimeException e) {
            failure.addSuppressed(e);
            throw new IllegalStateException("The program cannot read any record", failure);
        }
    }

    /**
     * Turns readings into dead letters of the batch that they belong to.
     *
     * @param batch whose readings cannot be stored, while {@linkplain StoreProbe a good one} can
     * @param cause error of PostgreSQL or of this program
     */
    public void refuse(ReadingBatch batch, Exception cause) {
        String reason = StoreProbe.causes(cause).filter(SQLException.class::isInstance).findFirst()
                .map(refusal -> "PostgreSQL refuses it: " + refusal.getMessage().lines().findFirst().orElse(""))
                .orElse("the program failed to store it: " + cause);
        for (ConsumerRecord<byte[], byte[]> record : batch.records()) {
            batch.refuse(record, reason);
        }
    }
}
