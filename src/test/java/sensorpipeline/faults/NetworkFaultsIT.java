package sensorpipeline.faults;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sensorpipeline.support.Chaos;
import sensorpipeline.support.Installation;
import sensorpipeline.support.TcpProxy;
import sensorpipeline.support.Trial;

/** Whatever happens to the cables under load: every acknowledged record is stored once, and the store heals alone. */
class NetworkFaultsIT {

    /** What the program is connected to. */
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

    /** The connections hear nothing for longer than the trial's poll interval, and then what was said meanwhile. */
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

    /** What was asked for is done, and the store does not learn of it: a commit in PostgreSQL, or of offsets in Kafka. */
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
