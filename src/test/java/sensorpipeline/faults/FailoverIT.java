package sensorpipeline.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.support.Installation;
import sensorpipeline.support.PostgresqlServer;
import sensorpipeline.support.Trial;

/** Failover to PostgreSQL's synchronous standby under load: every acknowledged record is stored once, without a restart. */
class FailoverIT {

    @Test
    void storesEveryAcknowledgedReadingOnceWhenTheStandbyTakesOver() {
        try (Installation installation = Installation.own()) {
            PostgresqlServer standby = installation.startStandby();
            try (Trial trial = new Trial(installation)
                    .with("db.host", "127.0.0.1:%d,127.0.0.1:%d".formatted(installation.standbyPort(), installation.postgresqlPort()))) {
                trial.database().run("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
                trial.database().run("SELECT pg_reload_conf()");
                Awaitility.await("a synchronous standby").ignoreExceptions()
                        .until(() -> "sync".equals(trial.database().ask("SELECT sync_state FROM pg_stat_replication")));
                trial.underLoad();
                installation.postgresql().kill();
                trial.awaitUnhealthy();
                standby.promote();
                assertEquals("f", trial.database().ask("SELECT pg_is_in_recovery()"));
                trial.awaitRecovery();
                trial.settle();
            }
        }
    }
}
