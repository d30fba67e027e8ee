package sensorpipeline.faults;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sensorpipeline.support.Chaos;
import sensorpipeline.support.Trial;

/** Broker faults under load: every acknowledged record is stored once, and the store recovers without intervention. */
class BrokerFaultsIT {

    @Test
    void storesEveryAcknowledgedReadingOnceWhenTheBrokerRestarts() {
        try (Trial trial = Trial.shared()) {
            for (int round = 0; round < Chaos.times(1, 5); round++) {
                trial.installation().broker().stop();
                trial.awaitUnhealthy();
                Chaos.last(Duration.ofMillis(500), 60);
                trial.installation().broker().start();
                trial.awaitRecovery();
            }
            trial.settle();
        }
    }

    @Test
    void storesEveryAcknowledgedReadingOnceWhenTheBrokerIsKilled() {
        try (Trial trial = Trial.shared()) {
            for (int round = 0; round < Chaos.times(1, 10); round++) {
                trial.installation().broker().kill();
                trial.installation().broker().start();
                trial.awaitRecovery();
            }
            trial.settle();
        }
    }

    @Test
    void storesEveryAcknowledgedReadingOnceWhenTheBrokerHangs() {
        try (Trial trial = Trial.shared()) {
            trial.installation().broker().freeze();
            trial.awaitUnhealthy();
            Chaos.last(Duration.ofSeconds(2), 60);
            trial.installation().broker().thaw();
            trial.awaitRecovery();
            trial.settle();
        }
    }
}
