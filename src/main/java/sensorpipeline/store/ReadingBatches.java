package sensorpipeline.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.kafka.DeadLetters;
import sensorpipeline.kafka.Topics;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.reading.RefusedReading;

/** Sorts the records of a poll into readings and dead letters. Safe for use by many threads. */
public final class ReadingBatches {

    private static final Logger LOG = LoggerFactory.getLogger(ReadingBatches.class);

    private final ReadingParser parser = new ReadingParser();
    private final Topics topics;
    private final DeadLetters deadLetters;

    /**
     * @param topics to name the tenant of a record
     * @param deadLetters to make the dead letters
     */
    public ReadingBatches(Topics topics, DeadLetters deadLetters) {
        this.topics = topics;
        this.deadLetters = deadLetters;
    }

    /**
     * @param records one exchange a record, as camel-kafka delivers a batch
     * @return their readings and dead letters, every record in one of both
     */
    public ReadingBatch read(List<Exchange> records) {
        List<Exchange> readable = new ArrayList<>(records.size());
        List<Reading> readings = new ArrayList<>(records.size());
        List<Message> refused = new ArrayList<>();
        Instant now = Instant.now();
        for (Exchange record : records) {
            Message message = record.getMessage();
            try {
                String tenant = topics.tenantOf(message.getHeader(KafkaConstants.TOPIC, String.class));
                readings.add(parser.parse(tenant, message.getBody(byte[].class), now));
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
     * @param batch whose readings PostgreSQL refuses
     * @param cause what it said
     * @return a batch with a dead letter for each of these readings
     */
    public ReadingBatch refuse(ReadingBatch batch, Exception cause) {
        String reason = "PostgreSQL refuses it: " + cause.getMessage().lines().findFirst().orElse("");
        List<Message> refused = batch.records().stream().map(record -> deadLetters.of(record, reason)).toList();
        return new ReadingBatch(List.of(), List.of(), refused);
    }
}
