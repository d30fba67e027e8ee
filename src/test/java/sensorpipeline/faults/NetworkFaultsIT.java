package sensorpipeline.faults;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sensorpipeline.support.Chaos;
import sensorpipeline.support.Installation;
import sensorpipeline.support.TcpProxy;
import sensorpipeline.support.Trial;

/** Network faults under load: every acknowledged record is stored once, and the store recovers without intervention. */
class NetworkFaultsIT {

    /** A server that the program connects to. */
    enum Hop {
        KAFKA, POSTGRESQL;

        TcpProxy proxy(Installation installation) {
            return this == KAFKA ? installation.kafkaProxy() : installation.postgresqlProxy();
        }
    }

    @ParameterizedTest
    @EnumSource
    void storesEveryAcknowledgedReadingOnceWhenConnectionsAreCut(Hop hop) {
        try (Trial trial = Trial.shared()) {
            TcpProxy proxy = hop.proxy(trial.installation());
            for (int cut = 0; cut < Chaos.times(10, 200); cut++) {
                proxy.cut();
                Chaos.last(Duration.ofMillis(37 * cut % 300));
            }
            trial.awaitRecovery();
            trial.settle();
        }
    }

    @ParameterizedTest
    @EnumSource
    void storesEveryAcknowledgedReadingOnceWhenConnectionsAreRefused(Hop hop) {
        try (Trial trial = Trial.shared()) {
            TcpProxy proxy = hop.proxy(trial.installation());
            proxy.refuse();
            trial.awaitUnhealthy();
            Chaos.last(Duration.ofSeconds(1), 120);
            proxy.mend();
            trial.awaitRecovery();
            trial.settle();
        }
    }

    @ParameterizedTest
    @EnumSource
    void storesEveryAcknowledgedReadingOnceWhenEverythingIsDelayed(Hop hop) {
        try (Trial trial = Trial.shared()) {
            TcpProxy proxy = hop.proxy(trial.installation());
            proxy.delay(Duration.ofMillis(Chaos.times(50, 200)));
            trial.awaitMoreReadings();
            Chaos.last(Duration.ofSeconds(1), 120);
            proxy.mend();
            trial.awaitRecovery();
            trial.settle();
        }
    }

    /** The connections stall for longer than the maximum poll interval; then the delayed data is delivered. */
    @ParameterizedTest
    @EnumSource
    void storesEveryAcknowledgedReadingOnceWhenNothingComesThrough(Hop hop) {
        try (Trial trial = Trial.shared()) {
            TcpProxy proxy = hop.proxy(trial.installation());
            proxy.blackhole();
            Chaos.last(Duration.ofSeconds(5), 30);
            trial.awaitUnhealthy();
            proxy.mend();
            trial.awaitRecovery();
            trial.settle();
        }
    }

    /** A commit in PostgreSQL, or of offsets in Kafka, succeeds, but the store gets no response. */
    @ParameterizedTest
    @EnumSource
    void storesEveryAcknowledgedReadingOnceWhenAnswersAreLost(Hop hop) {
        try (Trial trial = Trial.shared()) {
            TcpProxy proxy = hop.proxy(trial.installation());
            for (int round = 0; round < Chaos.times(3, 50); round++) {
                proxy.holdAnswers();
                Chaos.last(Duration.ofMillis(100 + 70 * round % 400));
                proxy.cut();
                proxy.mend();
                trial.awaitMoreReadings();
            }
            trial.awaitRecovery();
            trial.settle();
        }
    }
}
