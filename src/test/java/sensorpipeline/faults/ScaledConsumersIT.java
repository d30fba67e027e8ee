package sensorpipeline.faults;

import org.junit.jupiter.api.Test;
import sensorpipeline.support.Chaos;
import sensorpipeline.support.Trial;

/** Consumers come and go under load: every acknowledged record is stored once. */
class ScaledConsumersIT {

    @Test
    void storesEveryAcknowledgedReadingOnceWhenConsumersBecomeThreeAndOneAgain() {
        try (Trial trial = new Trial().with("store.consumers", 1).underLoad()) {
            for (int round = 0; round < Chaos.times(1, 10); round++) {
                trial.startConsumer();
                trial.startConsumer();
                trial.awaitMembers(3);
                trial.awaitRecovery();
                trial.stopConsumer();
                trial.stopConsumer();
                trial.awaitMembers(1);
                trial.awaitRecovery();
            }
            trial.settle();
        }
    }
}
