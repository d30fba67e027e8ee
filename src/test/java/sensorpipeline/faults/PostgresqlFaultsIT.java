package sensorpipeline.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Chaos;
import sensorpipeline.support.SmallDisk;
import sensorpipeline.support.Trial;

/** PostgreSQL faults under load: every acknowledged record is stored once, and the store recovers without intervention. */
class PostgresqlFaultsIT {

    /** Exceeds the maximum poll interval, after which Kafka removes a waiting consumer from the group. */
    private static final Duration LONG = Duration.ofSeconds(7);

    @Test
    void storesEveryAcknowledgedReadingOnceWhenPostgresqlRestarts() {
        try (Trial trial = Trial.shared()) {
            for (int round = 0; round < Chaos.times(1, 5); round++) {
                trial.installation().postgresql().stop();
                trial.awaitUnhealthy();
                Chaos.last(Duration.ofMillis(500), 60);
                trial.installation().postgresql().start();
                trial.awaitRecovery();
            }
            trial.settle();
        }
    }

    @Test
    void storesEveryAcknowledgedReadingOnceWhenThePostmasterIsKilled() {
        try (Trial trial = Trial.shared()) {
            for (int round = 0; round < Chaos.times(1, 20); round++) {
                trial.installation().postgresql().kill();
                trial.installation().postgresql().start();
                trial.awaitRecovery();
            }
            trial.settle();
        }
    }

    @Test
    void storesEveryAcknowledgedReadingOnceWhenABackendIsKilledInATransaction() {
        try (Trial trial = Trial.shared()) {
            for (int round = 0; round < Chaos.times(1, 20); round++) {
                // PostgreSQL closes all connections, including this query's, and may not accept new ones immediately.
                long backend = Awaitility.await("a transaction of the store").pollInterval(Duration.ofMillis(5)).ignoreExceptions()
                        .until(() -> Long.parseLong(trial.database().ask("""
                                SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                                  AND backend_type = 'client backend' AND xact_start IS NOT NULL LIMIT 1""")), pid -> pid > 0);
                trial.installation().postgresql().killBackend(backend);
                trial.awaitRecovery();
            }
            trial.settle();
        }
    }

    @Test
    void storesEveryAcknowledgedReadingOnceWhenPostgresqlHangsForLongerThanThePollInterval() {
        try (Trial trial = Trial.shared()) {
            trial.installation().postgresql().freeze();
            Chaos.last(LONG, 10);
            trial.awaitUnhealthy();
            trial.installation().postgresql().thaw();
            trial.awaitRecovery();
            trial.settle();
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "chaos", matches = "true", disabledReason = "each build has a hang and a restart")
    void storesEveryAcknowledgedReadingOnceWhenPostgresqlIsAwayForLongerThanThePollInterval() {
        try (Trial trial = Trial.shared()) {
            trial.installation().postgresql().stop();
            Chaos.last(LONG, 10);
            trial.awaitUnhealthy();
            trial.installation().postgresql().start();
            trial.awaitRecovery();
            trial.settle();
        }
    }

    @Test
    void storesEveryAcknowledgedReadingOnceWhenTheServerIsReadOnlyForAWhile() {
        try (Trial trial = Trial.shared()) {
            trial.database().run("ALTER SYSTEM SET default_transaction_read_only = on");
            trial.database().run("SELECT pg_reload_conf()");
            trial.awaitUnhealthy();
            Chaos.last(Duration.ofSeconds(1), 60);
            trial.database().run("ALTER SYSTEM RESET default_transaction_read_only");
            trial.database().run("SELECT pg_reload_conf()");
            trial.awaitRecovery();
            trial.settle();
        }
    }

    /** A session keeps the defaults that it started with, so the store has to reconnect. */
    @Test
    void storesEveryAcknowledgedReadingOnceWhenItsSessionsBeganReadOnly() throws SQLException {
        try (Trial trial = new Trial().with("store.consumers", 1).with("store.connections", 2).underLoad()) {
            String database = trial.settings().text("db.name");
            try (Connection administrator = trial.connect(); Statement statement = administrator.createStatement()) {
                statement.execute("ALTER DATABASE " + database + " SET default_transaction_read_only = on");
                sendOthersAway(statement);
                trial.awaitUnhealthy();
                Chaos.last(Duration.ofSeconds(1), 60);
                statement.execute("ALTER DATABASE " + database + " RESET default_transaction_read_only");
            }
            trial.awaitRecovery();
            trial.settle();
        }
    }

    @Test
    void storesEveryAcknowledgedReadingOnceWhenTheDiskIsFullForAWhile() {
        try (SmallDisk disk = new SmallDisk(48); Trial trial = new Trial(disk.folder()).underLoad()) {
            for (int round = 0; round < Chaos.times(1, 5); round++) {
                disk.fill();
                trial.awaitStandstill();
                Chaos.last(Duration.ofSeconds(1), 30);
                disk.free();
                // Not before: PostgreSQL cannot start sessions while it cannot write its catalog cache file.
                trial.fleet().assertNothingPassedBy();
                trial.awaitRecovery();
            }
            trial.settle();
        }
    }

    /** The store's transaction and another one deadlock, whichever table the store locks first; the store's is aborted. */
    @Test
    void storesEveryAcknowledgedReadingOnceWhenItIsTheVictimOfADeadlock() {
        try (Trial trial = Trial.shared()) {
            for (int round = 0; round < Chaos.times(1, 10); round++) {
                long before = deadlocks(trial);
                // Copying and merging lock the tables in different orders, and either may come first.
                Awaitility.await("a deadlock").atMost(Duration.ofMinutes(1)).until(() -> {
                    lockInTurn(trial, "batch", "reading");
                    lockInTurn(trial, "reading", "batch");
                    return deadlocks(trial) > before;
                });
                trial.awaitRecovery();
            }
            trial.settle();
        }
    }

    private static long deadlocks(Trial trial) {
        return Long.parseLong(trial.database().ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
    }

    private static void lockInTurn(Trial trial, String first, String second) {
        try (Connection other = trial.connect(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SET deadlock_timeout = '1h'");
            statement.execute("LOCK TABLE " + first + " IN EXCLUSIVE MODE");
            trial.database().awaitWaitingForLocks();
            statement.execute("LOCK TABLE " + second + " IN EXCLUSIVE MODE");
            other.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest(name = "table {0}")
    @ValueSource(strings = {"reading", "batch"})
    void storesEveryAcknowledgedReadingOnceWhenATableIsLockedForLongerThanAnAnswerMayTake(String table) {
        try (Trial trial = Trial.shared()) {
            whileLocked(trial, table, () -> {
                trial.awaitUnhealthy();
                // Exceeds db.answer.timeout: the store abandons its session, whose statement keeps waiting.
                Chaos.last(Duration.ofSeconds(3), 20);
            });
            trial.awaitRecovery();
            trial.settle();
        }
    }

    @Test
    void storesEveryAcknowledgedReadingOnceWhenItsLocksTimeOut() {
        try (Trial trial = Trial.shared()) {
            String database = trial.settings().text("db.name");
            trial.database().run("ALTER DATABASE " + database + " SET lock_timeout = '200ms'");
            try (Connection administrator = trial.connect(); Statement statement = administrator.createStatement()) {
                sendOthersAway(statement);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            trial.awaitRecovery();
            whileLocked(trial, "reading", () -> {
                trial.awaitStandstill();
                Chaos.last(Duration.ofSeconds(1), 60);
            });
            trial.awaitRecovery();
            trial.settle();
        }
    }

    private static void whileLocked(Trial trial, String table, Runnable fault) {
        try (Connection other = trial.connect(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SET lock_timeout = 0");
            statement.execute("LOCK TABLE " + table + " IN EXCLUSIVE MODE");
            fault.run();
            other.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void storesEveryAcknowledgedReadingOnceWhenAllConnectionsAreTaken() {
        try (Trial trial = Trial.shared()) {
            List<Connection> taken = new ArrayList<>();
            try (Connection administrator = trial.connect(); Statement statement = administrator.createStatement()) {
                // A connection that is just being opened has no name yet, and would stay.
                Awaitility.await("the store has no connection, and says so").atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(10)).until(() -> {
                    takeAll(trial, taken);
                    sendStoreAway(statement);
                    takeAll(trial, taken);
                    return storeSessions(statement, trial.settings().text("db.name")) == 0 && trial.isUnhealthy();
                });
                Chaos.last(Duration.ofSeconds(1), 60);
            } finally {
                for (Connection connection : taken) {
                    connection.close();
                }
            }
            trial.awaitRecovery();
            trial.settle();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void takeAll(Trial trial, List<Connection> taken) {
        try {
            while (taken.size() < 1000) {
                Settings settings = trial.installation().direct(trial.settings());
                taken.add(DriverManager.getConnection("jdbc:postgresql://%s:%s/postgres?ApplicationName=taken".formatted(
                        settings.text("db.host"), settings.text("db.port")), settings.text("db.user"), ""));
            }
        } catch (SQLException e) {
            assertEquals("53300", e.getSQLState());
        }
    }

    private static void sendStoreAway(Statement statement) throws SQLException {
        statement.execute("SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE application_name LIKE 'sensor-pipeline%'");
    }

    private static int storeSessions(Statement statement, String database) throws SQLException {
        try (var rows = statement.executeQuery("""
                SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'sensor-pipeline%%' AND datname = '%s'""".formatted(database))) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"ROLE", "DATABASE"})
    void storesEveryAcknowledgedReadingOnceWhenItsConnectionsAreForbiddenForAWhile(String what) {
        try (Trial trial = new Trial().withRole("pipeline_" + what.toLowerCase(Locale.ROOT)).underLoad()) {
            String name = trial.settings().text(what.equals("ROLE") ? "db.user" : "db.name");
            try (Connection administrator = trial.connect(); Statement statement = administrator.createStatement()) {
                statement.execute("ALTER %s %s CONNECTION LIMIT 0".formatted(what, name));
                sendOthersAway(statement);
                trial.awaitStandstill();
                Chaos.last(Duration.ofSeconds(1), 60);
                statement.execute("ALTER %s %s CONNECTION LIMIT -1".formatted(what, name));
            }
            trial.awaitRecovery();
            trial.settle();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void sendOthersAway(Statement statement) throws SQLException {
        statement.execute("SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }
}
