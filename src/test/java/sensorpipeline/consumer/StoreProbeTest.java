package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.builder.AdviceWith;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Guarantees about readings that the program itself fails to store. */
class StoreProbeTest {

    @Test
    void aReadingThatTheProgramFailsToStoreBecomesADeadLetterAndItsBatchIsStored() throws Exception {
        Settings settings = Servers.settings();
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings devices = new Readings(settings)) {
            pipeline.start();
            AdviceWith.adviceWith(pipeline.camel(), "make-partitions", route -> route.weaveById("partitions-in-postgres").before().process(exchange -> {
                ReadingBatch batch = exchange.getMessage().getBody(ReadingBatch.class);
                if (batch.getReadings().stream().anyMatch(reading -> reading.series().sensorId().equals("sensor-57"))) {
                    // As Camel does with an error in an expression.
                    throw new RuntimeCamelException(new IndexOutOfBoundsException("no place for sensor-57"));
                }
            }));
            devices.sendTo(settings.text("topic.name"), IntStream.range(0, 100)
                    .mapToObj(i -> Readings.json("sensor-" + i, Instant.parse("2025-01-15T10:30:00Z").toString(), i)).toList());
            new Database(settings).awaitReadings(99);
            Awaitility.await().until(() -> devices.deadLetters().size() == 1);
            String reason = Readings.header(devices.deadLetters().get(0), "dead-letter-reason");
            assertTrue(reason.startsWith("the program failed to store it: ") && reason.contains("no place for sensor-57"), reason);
        }
    }

    @Test
    void onlyErrorsThatARecordCanCauseMakeItSuspect() {
        for (Throwable failure : List.of(new SQLException("value", "22003"), new SQLException("constraint", "23514"), new SQLException("row too large", "54000"),
                new NullPointerException(), new ArithmeticException(), new IllegalArgumentException())) {
            assertTrue(StoreProbe.mayBeFaultOfData(failure), failure.toString());
        }
        for (Throwable failure : List.of(new SQLException("exhausted sequence", "2200H"), new SQLException("disk full", "53100"), new SQLException("permission", "42501"),
                new SQLException("no connection"), new IllegalStateException("stopping"), new RejectedExecutionException())) {
            assertFalse(StoreProbe.mayBeFaultOfData(failure), failure.toString());
        }
    }
}
