package sensorpipeline.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
                new Schema(settings, database).migrate();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        })).toArray(CompletableFuture[]::new)).join();
        assertEquals("0", new Database(settings).ask("SELECT count(*) FROM flyway_schema_history WHERE NOT success"));
        assertTrue(Integer.parseInt(new Database(settings).ask("SELECT count(*) FROM flyway_schema_history")) > 5);
    }

    /** Databases have run these: to change the schema, add a migration, and its checksum here. */
    @Test
    void releasedMigrationsNeverChange() {
        assertEquals("1 -2019888344, 2 -1164169756, 3 -1718779835, 4 -2120261205, 5 1653788683, 6 2101853353, 7 1018214698, 8 -1152958579, 9 -1116467086, 10 1808835823, 11 775652204, 12 -1030627044, 13 -1521874841, 14 -1826390922, 15 837579707, 16 -1213328209, 17 -2109811469, 18 866225185, 19 -1999779105, 20 -1915538913, 21 950129214, 22 663874838, 23 414754304, 24 -1461246821, 25 1436907706, 26 -350592006", new Database(Servers.settings()).ask("""
                SELECT string_agg(version || ' ' || checksum, ', ' ORDER BY installed_rank) FROM flyway_schema_history WHERE version > '0'"""));
    }

    @Test
    void migrationsKeepWhatTheReleasesBeforeStored() throws IOException {
        Settings settings = Servers.settingsWithEmptyDatabase();
        Database database = new Database(settings);
        List<Path> migrations = migrations();
        migrations.stream().limit(8).forEach(file -> database.run(read(file)));
        database.run("""
                INSERT INTO tenant VALUES ('default', 1);
                INSERT INTO series (series_id, tenant, sensor_id, location, metrics, group_id, is_further) VALUES (1, 'default', 's', 'hall', '{temperature}', 1, false);
                INSERT INTO text_for_number VALUES (1, 1, 7, now(), now());
                INSERT INTO metric_declaration (tenant, metric, unit, kind) VALUES ('default', 'energy', 'kWh', 'counter')""");
        migrations.stream().skip(8).forEach(file -> database.run(read(file)));
        assertEquals("7 false", database.ask("SELECT readings || ' ' || is_implausible FROM text_for_number"));
        assertEquals("energy kWh counter", database.ask("SELECT concat_ws(' ', metric, unit, kind, min_plausible, max_plausible) FROM metric_declaration"));
    }

    @Test
    void aFallbackKeepsForHowLongTheOtherChannelMustHaveFailed() throws IOException {
        Settings settings = Servers.settingsWithEmptyDatabase();
        Database database = new Database(settings);
        migrations().stream().limit(20).forEach(file -> database.run(read(file)));
        database.run("""
                INSERT INTO alert_channel (tenant, name, definition, severity, tells_cleared, delay, fallback_for) VALUES
                    ('default', 'escalation', '{"name":"escalation","after":"10m"}', 'info', true, '10 min', NULL),
                    ('default', 'usual', '{"name":"usual","fallback_for":["escalation"]}', 'info', true, '30 s', '{escalation}'),
                    ('other', 'patient', '{"name":"patient","after":"2m","fallback_for":["escalation"],"repeat":"5m"}', 'info', true, '2 min', '{escalation}')""");
        migrations().stream().skip(20).forEach(file -> database.run(read(file)));
        assertEquals("""
                {"name":"escalation","after":"10m"} 00:10:00
                {"name":"patient","fallback_after":"2m","fallback_for":["escalation"],"repeat":"5m"} 00:02:00
                {"name":"usual","fallback_for":["escalation"]} 00:00:30""",
                database.ask("SELECT string_agg(replace(definition::text, ' ', '') || ' ' || delay, E'\n' ORDER BY name) FROM alert_channel"));
    }

    @Test
    void alertsThatCameBackBeforeTheirTimeWasStoredHaveItFromTheirHistory() throws IOException {
        Settings settings = Servers.settingsWithEmptyDatabase();
        Database database = new Database(settings);
        List<Path> migrations = migrations();
        int place = migrations.indexOf(Path.of("resources/schema/V23__alerts_that_came_back.sql"));
        migrations.stream().limit(place).forEach(file -> database.run(read(file)));
        database.run("""
                INSERT INTO alert (alert_id, tenant, rule_id, rule, severity, sensor_id, state, late, flapping, started_at, fired_at, message, revision)
                SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'default', 1, 'Warm', 'info', 's-' || n, 'firing', false, false, now(), now(), 'warm', 9 FROM generate_series(1, 3) AS n;
                INSERT INTO alert_event (alert_id, event_id, tenant, kind, at, revision)
                SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, kind || minute, 'default', kind, timestamptz '2025-01-15T10:00:00Z' + minute * interval '1 minute', minute
                FROM (VALUES (1, 'fired', 1), (1, 'cleared', 2), (1, 'reopened', 3), (1, 'cleared', 4), (1, 'reopened', 5), (2, 'fired', 1), (2, 'latched', 2), (2, 'resumed', 3), (3, 'fired', 1), (3, 'changed', 2))
                    AS given (n, kind, minute)""");
        migrations.stream().skip(place).forEach(file -> database.run(read(file)));
        assertEquals("s-1 10:05, s-2 10:03, s-3 never", database.ask("""
                SELECT string_agg(sensor_id || ' ' || coalesce(to_char(came_back_at AT TIME ZONE 'UTC', 'HH24:MI'), 'never'), ', ' ORDER BY sensor_id) FROM alert"""));
    }

    @Test
    void aChannelThatFailedToDeliverOnlyATestFailsNoMore() throws IOException {
        Settings settings = Servers.settingsWithEmptyDatabase();
        Database database = new Database(settings);
        List<Path> migrations = migrations();
        int place = migrations.indexOf(Path.of("resources/schema/V22__tests_of_channels.sql"));
        migrations.stream().limit(place).forEach(file -> database.run(read(file)));
        database.run("""
                INSERT INTO alert_channel (tenant, name, definition, severity, tells_cleared, failing_since, error) SELECT 'default', name, '{}', 'info', true, now(), 'refused' FROM unnest('{tested,told}'::text[]) AS name;
                INSERT INTO alert_notice (channel_id, tenant, event_id, kind) VALUES (1, 'default', 'test-1', 'test');
                INSERT INTO alert_notice (channel_id, tenant, alert_id, event_id, kind) VALUES (2, 'default', gen_random_uuid(), 'e', 'fired');
                INSERT INTO alert_message (channel_id, tenant, body) VALUES
                    (1, 'default', '{"data":{"test":true,"count":0}}'), (2, 'default', '{"data":{"test":true,"count":1}}')""");
        migrations.stream().skip(place).forEach(file -> database.run(read(file)));
        assertEquals("1 t f f, 2 f t t", database.ask("""
                SELECT string_agg(concat_ws(' ', channel_id, is_test, failing_since IS NOT NULL AND channel.error IS NOT NULL, failed_at IS NOT NULL), ', ' ORDER BY channel_id)
                FROM alert_channel AS channel JOIN alert_message AS message USING (channel_id)"""));
        assertEquals("fired", database.ask("SELECT string_agg(kind, ' ') FROM alert_notice"));
    }

    /** @return the versioned migrations, in their order */
    private static List<Path> migrations() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("resources/schema"))) {
            return files.filter(file -> file.getFileName().toString().matches("V\\d+__.*"))
                    .sorted(Comparator.comparingInt(file -> Integer.parseInt(file.getFileName().toString().replaceFirst("^V(\\d+)__.*", "$1")))).toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aDatabaseOfAChangedProgramIsNotUsed() throws SQLException {
        Settings settings = Servers.settings();
        new Database(settings).run("UPDATE flyway_schema_history SET checksum = 1 WHERE version = '2'");
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER))) {
            CannotStart refusal = assertThrows(CannotStart.class, pipeline::start);
            assertTrue(refusal.getMessage().startsWith("The tables of this database were not made by this program, or by a changed one: use another DB_NAME"), refusal.getMessage());
            assertTrue(refusal.getMessage().endsWith("made them. Migration checksum mismatch for migration version 2"), refusal.getMessage());
        }
    }

    @Test
    void aFunctionThatHasChangedIsDefinedAnewBesideTheData() throws Exception {
        Settings settings = Servers.settings();
        Database stored = new Database(settings);
        store(settings, "s1");
        stored.run("CREATE OR REPLACE FUNCTION iso_8601(at timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT 'of an older program' $$");
        stored.run("UPDATE flyway_schema_history SET checksum = 1 WHERE script = 'functions/R__iso_8601.sql'");
        store(settings, "s2");
        assertEquals("2025-01-15T10:30:00.000000Z", stored.ask("SELECT iso_8601(max(at)) FROM reading"));
        assertEquals("2", stored.ask("SELECT count(*) FROM reading"));
    }

    @Test
    void aProgramStartsBesideTheSchemaOfANewerOneAndPutsNoFunctionOfItsOwnBack() throws Exception {
        Settings settings = Servers.settings();
        Database stored = new Database(settings);
        stored.run("""
                INSERT INTO flyway_schema_history SELECT max(installed_rank) + 1, '999', 'of a newer program', 'SQL', 'V999__of_a_newer_program.sql', 1, 'postgres', now(), 1, true
                FROM flyway_schema_history""");
        stored.run("CREATE OR REPLACE FUNCTION iso_8601(at timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT 'of a newer program' $$");
        stored.run("UPDATE flyway_schema_history SET checksum = 1 WHERE script = 'functions/R__iso_8601.sql'");
        store(settings, "s1");
        assertEquals("of a newer program", stored.ask("SELECT iso_8601(now())"));
    }

    /** Starts a consumer, and stores one more reading. */
    private static void store(Settings settings, String sensor) throws Exception {
        Database stored = new Database(settings);
        int before = Integer.parseInt(stored.ask("SELECT count(*) FROM reading"));
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings readings = new Readings(settings)) {
            pipeline.start();
            readings.send(Readings.json(sensor, "2025-01-15T10:30:00Z", 21.5));
            stored.awaitReadings(before + 1);
        }
    }

    @Test
    void eachFunctionAndViewIsDefinedOnceAndOpensWithItsIntent() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("resources/schema/functions"))) {
            for (Path file : files.toList()) {
                String sql = Files.readString(file);
                String name = file.getFileName().toString().replaceFirst("^R__(\\w+)\\.sql$", "$1");
                assertTrue(sql.startsWith("-- "), file + " does not begin with its intent");
                assertEquals(Set.of(name), Pattern.compile("CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE|VIEW) (\\w+)").matcher(sql).results()
                        .map(found -> found.group(1)).collect(Collectors.toSet()), file.toString());
            }
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
