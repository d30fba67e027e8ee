package sensorpipeline.alerts;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Evaluation and checkpoints, which may take long, do not wait for each other. */
class AlertLanesTest {

    @Test
    void aConsumerThatKeepsItsPartitionsDoesNotWaitForACheckpoint() throws Exception {
        AlertLanes lanes = new AlertLanes(null, null, null, Duration.ofSeconds(1));
        // As a checkpoint does while the database does not answer.
        synchronized (lanes) {
            CompletableFuture.runAsync(() -> lanes.leave(List.of())).get(30, TimeUnit.SECONDS);
        }
    }
}
