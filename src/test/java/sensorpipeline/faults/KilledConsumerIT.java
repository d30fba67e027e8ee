package sensorpipeline.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.support.Chaos;
import sensorpipeline.support.HurtRoutes;
import sensorpipeline.support.ProgramProcess;
import sensorpipeline.support.Trial;

/** The consumer process is killed or suspended: every acknowledged record is stored once. */
class KilledConsumerIT {

    private static ProgramProcess start(Trial trial, Map<String, String> more) {
        Map<String, String> environment = trial.environment();
        environment.putAll(more);
        return ProgramProcess.start(environment, "consumer");
    }

    private static ProgramProcess start(Trial trial) {
        return start(trial, Map.of());
    }

    @Test
    void storesEveryAcknowledgedReadingOnceWhenKilledBetweenDatabaseAndOffsets() {
        Map<String, String> halting = Map.of("ROUTES_DIR", HurtRoutes.haltingBefore("consumer/store-readings.camel.yaml", "commit-offsets").toString());
        try (Trial trial = new Trial()) {
            trial.createTopics();
            for (int kill = 0; kill < Chaos.times(2, 10); kill++) {
                trial.fleet().sendMixed(500, 100);
                try (ProgramProcess program = start(trial, halting)) {
                    // New records the first time, then those that were stored but whose offsets were not committed.
                    long batches = trial.batches();
                    Awaitility.await("stored, in a transaction that is committed").atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(20))
                            .until(() -> trial.batches() > batches && trial.database().readings() > 0);
                    program.kill();
                }
                trial.fleet().giveUpConsumers();
                assertTrue(trial.fleet().lag() >= 505 * (kill + 1), "offsets were committed, so this test proves nothing");
                trial.fleet().assertNothingPassedBy();
            }
            try (ProgramProcess program = start(trial)) {
                program.awaitOutput("Running");
                trial.settle();
            }
        }
    }

    @Test
    void storesEveryAcknowledgedReadingOnceWhenKilledAtAnyMoment() {
        Random random = new Random();
        try (Trial trial = new Trial()) {
            trial.createTopics();
            trial.fleet().startLoad(3000);
            for (int kill = 0; kill < Chaos.times(2, 40); kill++) {
                try (ProgramProcess program = start(trial)) {
                    trial.awaitMoreReadings();
                    Chaos.last(Duration.ofMillis(random.nextInt(1000)));
                    program.kill();
                }
                trial.fleet().giveUpConsumers();
                trial.fleet().assertNothingPassedBy();
            }
            try (ProgramProcess program = start(trial)) {
                program.awaitOutput("Running");
                trial.settle();
            }
        }
    }

    /** While the consumer is suspended, its partitions are reassigned. When it resumes, it does not know that yet. */
    @Test
    void storesEveryAcknowledgedReadingOnceWhenAConsumerIsFrozenAndAnotherTakesOver() {
        try (Trial trial = new Trial(); ProgramProcess first = start(trial)) {
            first.awaitOutput("Running");
            trial.startConsumer();
            trial.fleet().startLoad(1000);
            for (int round = 0; round < Chaos.times(1, 5); round++) {
                trial.awaitMembers(4);
                first.freeze();
                try {
                    trial.awaitMembers(2);
                    trial.awaitMoreReadings();
                } finally {
                    first.thaw();
                }
                trial.awaitMembers(4);
            }
            trial.settle();
        }
    }
}
