package sensorpipeline.faults;

import org.junit.jupiter.api.Test;
import sensorpipeline.support.Chaos;
import sensorpipeline.support.Trial;

/** Devices send invalid records or duplicates: all other readings are stored once. */
class RecordFaultsIT {

    @Test
    void oneBadRecordIn3000AtFullSpeedHurtsOnlyItself() {
        try (Trial trial = new Trial()) {
            trial.createTopics();
            trial.fleet().sendMixed(Chaos.times(90_000, 1_500_000), 3000);
            trial.startConsumer();
            trial.settle();
        }
    }

    @Test
    void allRecordsAreDeadLettersWhenNoneIsAReading() {
        try (Trial trial = new Trial()) {
            trial.createTopics();
            trial.fleet().sendNoReadings(Chaos.times(6_000, 100_000));
            trial.startConsumer();
            trial.settle();
        }
    }

    @Test
    void storesEachReadingOnceWhenEverythingIsSentAgainTwice() {
        try (Trial trial = new Trial()) {
            trial.startConsumer();
            trial.fleet().send(Chaos.times(20_000, 500_000));
            trial.fleet().sendAllAgain();
            trial.fleet().awaitDone();
            trial.fleet().sendAllAgain();
            trial.settle();
        }
    }
}
