package sensorpipeline.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Guarantees of schema creation and migration. */
class SchemaTest {

    @Test
    void severalProgramsAtATimeMakeTheTablesOnce() {
        Settings settings = Servers.settingsWithEmptyDatabase();
        CompletableFuture.allOf(IntStream.range(0, 4).mapToObj(i -> CompletableFuture.runAsync(() -> {
            try (HikariDataSource database = Databases.schema(settings)) {
                new Schema(database).migrate();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        })).toArray(CompletableFuture[]::new)).join();
        assertEquals("0", new Database(settings).ask("SELECT count(*) FROM flyway_schema_history WHERE NOT success"));
        assertTrue(Integer.parseInt(new Database(settings).ask("SELECT count(*) FROM flyway_schema_history")) > 5);
    }

    @Test
    void aDatabaseOfAChangedProgramIsNotUsed() throws SQLException {
        Settings settings = Servers.settings();
        new Database(settings).run("UPDATE flyway_schema_history SET checksum = 1 WHERE version = '2'");
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER))) {
            CannotStart refusal = assertThrows(CannotStart.class, pipeline::start);
            assertTrue(refusal.getMessage().startsWith("The tables of this database were not made by this program, or by a changed one: use another DB_NAME"), refusal.getMessage());
        }
    }

    @Test
    void aProgramStartsBesideTheSchemaOfANewerOne() throws Exception {
        Settings settings = Servers.settings();
        new Database(settings).run("""
                INSERT INTO flyway_schema_history SELECT max(installed_rank) + 1, '999', 'of a newer program', 'SQL', 'V999__of_a_newer_program.sql', 1, 'postgres', now(), 1, true
                FROM flyway_schema_history""");
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings readings = new Readings(settings)) {
            pipeline.start();
            readings.send(Readings.json("s1", "2025-01-15T10:30:00Z", 21.5));
            new Database(settings).awaitReadings(1);
        }
    }

    @Test
    void aChangeDoesNotWaitLongForALockBecauseEverybodyElseWouldWaitBehindIt() throws Exception {
        try (HikariDataSource database = Databases.schema(Servers.settings()); Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            var rows = statement.executeQuery("SHOW lock_timeout");
            rows.next();
            assertEquals("10s", rows.getString(1));
            assertEquals(0, connection.getNetworkTimeout(), "and may take as long as it needs");
        }
    }
}
