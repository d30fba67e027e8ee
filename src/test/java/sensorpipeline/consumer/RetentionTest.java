package sensorpipeline.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sensorpipeline.support.Readings.header;
import static sensorpipeline.support.Readings.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.camel.api.management.ManagedCamelContext;
import org.apache.camel.api.management.mbean.ManagedRouteMBean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Retention on real servers: only expired data is deleted, and nothing is blocked by it. */
class RetentionTest {

    private static final Settings SETTINGS = Servers.settingsWithQuickRetention();
    private static final String TOPIC = SETTINGS.text("topic.name");
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final Database DATABASE = new Database(SETTINGS);
    private static final Duration MOMENT = Duration.ofMinutes(1);
    /** Start of a day that is old enough to expire, and recent enough to have its own partition. */
    private static final Instant DAY = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(10));
    private static final String PARTITION = partition(DAY);

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
        DEVICES.close();
    }

    @BeforeEach
    void empty() {
        // TRUNCATE would lock out the rounds of expiry, and could deadlock with one.
        DATABASE.run("DELETE FROM tenant_retention");
        DATABASE.run("DELETE FROM tenant_expired");
        DATABASE.empty();
    }

    private static String partition(Instant day) {
        return "reading_" + day.toString().substring(0, 10).replace("-", "") + "_00";
    }

    /** Sends readings of a tenant, one per minute from a start time on. */
    private static void send(String tenant, Instant from, int count) {
        DEVICES.sendTo(tenant.equals("default") ? TOPIC : TOPIC + "." + tenant, IntStream.range(0, count)
                .mapToObj(i -> json("sensor", from.plusSeconds(60L * i).toString(), i)).toList());
    }

    /** Stores readings of a tenant and waits until they are in the hourly rollups. */
    private static void store(String tenant, Instant from, int count) {
        long before = DATABASE.readings();
        send(tenant, from, count);
        DATABASE.awaitReadings(before + count);
        Awaitility.await().until(() -> DATABASE.ask("SELECT count(*) FROM batch WHERE NOT rolled_up").equals("0"));
    }

    /** Between two runs, because a run that has already chosen its partitions would delete row by row what the next run could drop. */
    private static void keep(String tenant, String raw, String rollup) {
        try {
            PIPELINE.camel().getRouteController().suspendRoute("expire-data");
            DATABASE.run("INSERT INTO tenant_retention VALUES ('%s', '%s', '%s') ON CONFLICT (tenant) DO UPDATE SET raw = excluded.raw, rollup = excluded.rollup"
                    .formatted(tenant, raw, rollup));
            PIPELINE.camel().getRouteController().resumeRoute("expire-data");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String readingsOf(String tenant) {
        return DATABASE.ask("SELECT count(*) FROM readings WHERE tenant = '" + tenant + "'");
    }

    private static boolean exists(String partition) {
        return DATABASE.ask("SELECT to_regclass('" + partition + "')") != null
                || !DATABASE.ask("SELECT count(*) FROM time_partition WHERE name = '" + partition + "'").equals("0");
    }

    private static void awaitGone(String partition) {
        Awaitility.await(partition + " is gone").atMost(MOMENT).until(() -> !exists(partition));
    }

    /** Waits until a run of this route that started after this call has finished. */
    private static void awaitRound(String route) {
        long before = route(PIPELINE, route).getExchangesTotal();
        Awaitility.await().atMost(MOMENT).until(() -> route(PIPELINE, route).getExchangesTotal() >= before + 2);
    }

    private static ManagedRouteMBean route(Pipeline pipeline, String route) {
        return pipeline.camel().getCamelContextExtension().getContextPlugin(ManagedCamelContext.class).getManagedRoute(route);
    }

    /** @return an open transaction that has read the readings, and so blocks dropping their partitions */
    private static Connection reader() throws SQLException {
        Connection reader = Servers.connect(SETTINGS);
        reader.setAutoCommit(false);
        try (Statement statement = reader.createStatement()) {
            statement.execute("SELECT count(*) FROM reading");
        }
        return reader;
    }

    private static void awaitHalfDetached() {
        Awaitility.await().atMost(MOMENT).until(() -> DATABASE.ask("SELECT count(*) FROM pg_inherits WHERE inhdetachpending").equals("1"));
    }

    private static int total(String query) {
        return Http.json(new Http(PIPELINE.port("api.port")).get("/data/stats" + query)).path("data").path("overall").path("total_events").asInt();
    }

    private static JsonNode report(String query) {
        return Http.json(new Http(PIPELINE.port("management.port")).get("/observe/retention" + query));
    }

    @Test
    void dropsAPartitionOnlyWhenEveryTenantInItHasExpired() {
        store("early", DAY, 50);
        store("late", DAY, 50);
        keep("early", "3 days", "infinity");
        Awaitility.await().atMost(MOMENT).until(() -> readingsOf("early").equals("0"));
        awaitRound("expire-data");
        assertTrue(exists(PARTITION));
        assertEquals("50", readingsOf("late"));
        keep("late", "8 days", "infinity");
        awaitGone(PARTITION);
        assertEquals(0, DATABASE.readings());
    }

    @Test
    void aPartitionThatWasJustMadeForALateReadingIsNotTakenForExpired() {
        store("early", Instant.now(), 1);
        keep("early", "3 days", "infinity");
        Instant day = DAY.minus(Duration.ofDays(1));
        DATABASE.run("SELECT make_reading_partitions(ARRAY['" + day + "'::timestamptz], '24 hours')");
        awaitRound("expire-data");
        awaitRound("drop-partitions");
        assertTrue(exists(partition(day)));
        DATABASE.run("UPDATE reading_partition SET made_at = now() - interval '2 hours'");
        awaitGone(partition(day));
    }

    @Test
    void deletesOneTenantsReadingsAndLeavesTheOthers() {
        store("early", DAY, 350);
        store("early", DAY.plus(Duration.ofDays(9)), 20);
        store("late", DAY, 350);
        keep("early", "3 days", "infinity");
        Awaitility.await().atMost(MOMENT).until(() -> readingsOf("early").equals("20"));
        awaitRound("expire-data");
        assertEquals("20", readingsOf("early"), "what has not expired stays");
        assertEquals("350", readingsOf("late"));
        assertEquals("720", DATABASE.ask("SELECT sum(readings) FROM rollup_hour"), "statistics by hour stay");
    }

    @Test
    void deletesFromAPartitionThatIsWiderThanUsualBeforeAllOfItHasExpired() {
        Instant lastYear = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(1000));
        store("archive", lastYear, 10);
        store("archive", lastYear.plus(Duration.ofDays(2)), 10);
        keep("archive", "999 days", "infinity");
        Awaitility.await().atMost(MOMENT).until(() -> readingsOf("archive").equals("10"));
    }

    @Test
    void statisticsOfWholeHoursStayWhenTheirReadingsHaveGone() {
        store("default", DAY, 180);
        String range = "?from=" + DAY.plus(Duration.ofHours(1)) + "&to=" + DAY.plus(Duration.ofHours(2));
        Http api = new Http(PIPELINE.port("api.port"));
        String all = api.get("/data/stats").body();
        String hour = api.get("/data/stats" + range).body();
        assertEquals(60, total(range));
        keep("default", "3 days", "infinity");
        awaitGone(PARTITION);
        assertEquals(all, api.get("/data/stats").body());
        assertEquals(hour, api.get("/data/stats" + range).body());
        assertEquals(120, total("?from=" + DAY.plus(Duration.ofMinutes(30))), "a part of an hour cannot be told apart any more");
    }

    @Test
    void readingsThatAreNotInTheStatisticsYetStayUntilTheyAre() throws SQLException {
        try (Connection other = Servers.connect(SETTINGS); Statement statement = other.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(hashtext('roll_up_batches'))");
            send("default", DAY, 120);
            DATABASE.awaitReadings(120);
            // Simulates batches with many series.
            DATABASE.run("UPDATE batch SET rolled_up = false; TRUNCATE rollup_hour, rollup_month, series_activity");
            keep("default", "3 days", "infinity");
            awaitRound("expire-data");
            awaitRound("expire-data");
            assertEquals("120", readingsOf("default"));
        }
        // With their partition, or row by row if a round has just looked for partitions.
        Awaitility.await().atMost(MOMENT).until(() -> readingsOf("default").equals("0"));
        assertEquals(120, total(""));
    }

    @Test
    void statisticsByHourGoWhenNoTenantKeepsThem() {
        Instant month = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(200));
        store("early", month, 10);
        store("late", month, 10);
        String partition = DATABASE.ask("SELECT name FROM rollup_partition WHERE from_time <= '%1$s' AND until_time > '%1$s'".formatted(month));
        keep("early", "90 days", "100 days");
        keep("late", "90 days", "365 days");
        Awaitility.await().atMost(MOMENT).until(() -> DATABASE.ask("SELECT count(*) FROM rollup_hour").equals("1"));
        assertEquals("late", DATABASE.ask("SELECT tenant FROM rollup_hour JOIN series USING (series_id)"));
        assertEquals("late", DATABASE.ask("SELECT tenant FROM rollup_month JOIN series USING (series_id)"), "and those of the month go with those of its hours");
        assertEquals("late", DATABASE.ask("SELECT tenant FROM series_activity"), "and a series without any is not active");
        assertEquals("late", DATABASE.ask("SELECT string_agg(DISTINCT tenant, ',') FROM (" + Database.TOTALS + ") AS totals JOIN series_group USING (group_id)"), "and so do those of all sensors");
        keep("late", "90 days", "100 days");
        awaitGone(partition);
        assertEquals("0", DATABASE.ask("SELECT (SELECT count(*) FROM rollup_month) + (SELECT count(*) FROM series_activity) + (SELECT count(*) FROM rollup_total) + (SELECT count(*) FROM rollup_total_month) + (SELECT count(*) FROM pending_total)"));
    }

    @Test
    void aReadingOlderThanItsTenantsRetentionBecomesADeadLetter() {
        keep("acme", "90 days", "infinity");
        awaitRound("read-retention");
        int before = DEVICES.deadLetters().size();
        String old = json("sensor", DAY.minus(Duration.ofDays(90)).toString(), 1);
        DEVICES.sendTo(TOPIC + ".acme", List.of(old, json("sensor", DAY.toString(), 2)));
        send("default", DAY.minus(Duration.ofDays(90)), 1);
        DATABASE.awaitReadings(2);
        Awaitility.await().until(() -> DEVICES.deadLetters().size() > before);
        List<ConsumerRecord<byte[], byte[]>> letters = DEVICES.deadLetters();
        assertEquals(before + 1, letters.size());
        assertEquals(old, new String(letters.get(before).value(), UTF_8));
        assertEquals("expired: older than the 90 days that tenant 'acme' keeps; timestamp " + DAY.minus(Duration.ofDays(90)),
                header(letters.get(before), "dead-letter-reason"));
        assertEquals("1", readingsOf("default"), "another tenant's reading of that time is stored");
    }

    @Test
    void aHalfDetachedPartitionIsFinishedInTheNextRound() throws SQLException {
        store("default", DAY, 50);
        store("default", DAY.plus(Duration.ofDays(1)), 50);
        try (Connection reader = reader()) {
            keep("default", "3 days", "infinity");
            awaitHalfDetached();
            DATABASE.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE reading DETACH%'");
            awaitRound("drop-partitions");
            assertTrue(exists(PARTITION));
            reader.rollback();
        }
        awaitGone(PARTITION);
        awaitGone(partition(DAY.plus(Duration.ofDays(1))));
    }

    @Test
    void aPartitionThatWasDetachedButNotDroppedIsDroppedAndCanBeMadeAgain() {
        store("early", DAY, 10);
        DATABASE.run("UPDATE reading_partition SET leaving = true WHERE name = '" + PARTITION + "'");
        awaitGone(PARTITION);
        DATABASE.run("SELECT make_reading_partitions(ARRAY['" + DAY + "'::timestamptz], '24 hours')");
        DATABASE.run("ALTER TABLE reading DETACH PARTITION " + PARTITION);
        DATABASE.run("UPDATE reading_partition SET leaving = true WHERE name = '" + PARTITION + "'");
        awaitGone(PARTITION);
        store("late", DAY, 10);
        assertEquals("10", readingsOf("late"));
    }

    @Test
    void aLateReadingForAPartitionThatGoesWaitsAndIsStored() throws SQLException {
        store("early", DAY, 50);
        keep("late", "infinity", "infinity");
        int letters = DEVICES.deadLetters().size();
        try (Connection reader = reader()) {
            keep("early", "3 days", "infinity");
            awaitHalfDetached();
            send("late", DAY, 3);
            awaitRound("drop-partitions");
            assertEquals("0", readingsOf("late"));
            reader.rollback();
        }
        Awaitility.await().atMost(MOMENT).until(() -> readingsOf("late").equals("3"));
        assertEquals(letters, DEVICES.deadLetters().size());
        assertEquals("0", readingsOf("early"));
    }

    @Test
    void writersAreNotBlockedWhileAPartitionGoes() throws SQLException {
        store("default", DAY, 50);
        // Lets the consumers discover the tenant's topic before the measurement.
        store("writer", Instant.now(), 1);
        try (Connection reader = reader()) {
            keep("default", "3 days", "infinity");
            awaitHalfDetached();
            // Lasts until the detach times out. Each reading needs a new partition.
            for (int i = 0; i < 30; i++) {
                Instant at = DAY.minus(Duration.ofDays(400 + 31L * i));
                send("writer", at, 1);
                String stored = "SELECT count(*) FROM readings WHERE tenant = 'writer' AND at = '" + at + "'";
                Awaitility.await("reading " + i).atMost(Duration.ofSeconds(2)).pollInterval(Duration.ofMillis(250)).until(() -> DATABASE.ask(stored).equals("1"));
            }
            assertTrue(exists(PARTITION), "it was going all the time");
            reader.rollback();
        }
        awaitGone(PARTITION);
        assertEquals("31", readingsOf("writer"));
    }

    @Test
    void twoCopiesExpireTheSameTableWithoutHarm() throws Exception {
        try (Pipeline other = new Pipeline(SETTINGS.with("store.consumers", 1), Set.of(Services.CONSUMER))) {
            other.start();
            for (int day = 0; day < 5; day++) {
                store("early", DAY.plus(Duration.ofDays(day)), 300);
                if (day % 2 == 0) {
                    store("late", DAY.plus(Duration.ofDays(day)), 20);
                }
            }
            long failures = failures(other);
            keep("early", "3 days", "infinity");
            awaitGone(partition(DAY.plus(Duration.ofDays(1))));
            awaitGone(partition(DAY.plus(Duration.ofDays(3))));
            Awaitility.await().atMost(MOMENT).until(() -> readingsOf("early").equals("0"));
            awaitRound("expire-data");
            assertEquals("60", readingsOf("late"));
            assertEquals(failures, failures(other), "no copy has stumbled over the other");
        }
    }

    private static long failures(Pipeline other) throws Exception {
        long failures = 0;
        for (Pipeline pipeline : List.of(PIPELINE, other)) {
            for (String route : List.of("expire-data", "close-partitions", "delete-expired-rows", "drop-partitions")) {
                failures += route(pipeline, route).getFailuresHandled() + route(pipeline, route).getExchangesFailed();
            }
        }
        return failures;
    }

    @Test
    void theLedgerIsKeptAsLongAsAnyTenantKeepsReadings() {
        store("early", DAY, 10);
        store("late", DAY, 10);
        DATABASE.run("UPDATE batch SET stored_at = last_at");
        // In one statement, because an expiry run may start at any time.
        DATABASE.run("INSERT INTO tenant_retention SELECT tenant, CASE tenant WHEN 'late' THEN '30 days' ELSE '8 days' END::interval FROM tenant");
        Awaitility.await().atMost(MOMENT).until(() -> readingsOf("early").equals("0"));
        awaitRound("expire-data");
        assertEquals("20", DATABASE.ask("SELECT sum(readings) FROM batch"));
        keep("late", "8 days", "infinity");
        Awaitility.await().atMost(MOMENT).until(() -> DATABASE.ask("SELECT count(*) FROM batch").equals("0"));
    }

    @Test
    void theReportSaysWhatWouldGoWithOtherSettingsAndLetsNothingGo() {
        store("default", DAY, 50);
        store("late", DAY, 30);
        store("late", DAY.plus(Duration.ofDays(1)), 30);
        keep("default", "infinity", "infinity");
        JsonNode kept = report("").path("data");
        assertEquals("forever", kept.path("overall").path("readings_kept").asText());
        assertEquals(0, kept.path("partitions_to_drop").size() + kept.path("rows_to_delete").size());
        JsonNode tried = report("?raw=3d&rollup=5y").path("data");
        assertEquals("3 days", tried.path("overall").path("readings_kept").asText());
        assertEquals(partition(DAY.plus(Duration.ofDays(1))), tried.path("partitions_to_drop").get(0).path("partition").asText());
        Awaitility.await("PostgreSQL's own counting").atMost(MOMENT).until(() -> report("?raw=3d").path("data")
                .path("partitions_to_drop").get(0).path("estimated_rows").asInt() == 30);
        assertEquals(1, tried.path("rows_to_delete").size());
        assertEquals("late", tried.path("rows_to_delete").get(0).path("tenant").asText());
        assertEquals(PARTITION, tried.path("rows_to_delete").get(0).path("partition").asText());
        assertEquals(30, tried.path("rows_to_delete").get(0).path("estimated_rows").asInt());
        assertTrue(Instant.parse(tried.path("next_round").asText()).isBefore(Instant.now().plusSeconds(2)));
        assertEquals("raw must be a time such as 12h, 90d, 8w or 5y, or empty (forever); got 'soon'",
                report("?raw=soon").path("error").path("message").asText());
        awaitRound("expire-data");
        assertEquals(110, DATABASE.readings());
    }

    @Test
    void expiredDeadLettersGoFromTheTableAndKafkaKeepsThoseOfTheTopicAsLong() throws Exception {
        DATABASE.run("DELETE FROM dead_letter");
        DEVICES.sendTo(TOPIC, IntStream.range(0, 2500).mapToObj(i -> "bad " + i).toList());
        Awaitility.await().atMost(MOMENT).until(() -> DATABASE.ask("SELECT count(*) FROM dead_letter").equals("2500"));
        DATABASE.run("""
                UPDATE dead_letter SET refused_at = now() - interval '31 days', status = CASE mod(id, 1000) WHEN 7 THEN 'replaying' ELSE 'waiting' END, leased_until = now() + interval '1 hour'
                WHERE id IN (SELECT id FROM dead_letter ORDER BY id LIMIT 2400)""");
        Awaitility.await().atMost(MOMENT).until(() -> DATABASE.ask("SELECT count(*) FILTER (WHERE status = 'waiting') FROM dead_letter").equals("100"));
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM dead_letter WHERE status = 'waiting' AND refused_at < now() - interval '30 days'"));
        assertTrue(Integer.parseInt(DATABASE.ask("SELECT count(*) FROM dead_letter WHERE status = 'replaying'")) >= 2, "those that are being replayed stay");
        try (Admin admin = Topics.admin(SETTINGS, Duration.ofSeconds(10))) {
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC + "-dlq");
            Awaitility.await().atMost(MOMENT).until(() -> admin.describeConfigs(List.of(topic)).all().get().get(topic).get("retention.ms").value()
                    .equals(String.valueOf(Duration.ofDays(30).toMillis())));
        }
        DATABASE.run("DELETE FROM dead_letter");
    }

    @ParameterizedTest
    @CsvSource({"12h, 12 hours", "90d, 90 days", "8w, 56 days", "5y, 5 years", "'', infinity"})
    void takesHoursDaysWeeksAndYears(String setting, String inSql) {
        Settings settings = Settings.load(Map.of("RETENTION_RAW", setting));
        Retention retention = new Retention(settings);
        assertEquals(inSql, retention.raw());
        Instant now = Instant.parse("2026-03-01T10:30:00Z");
        long cutOff = retention.cutOff("anyone", now).at();
        assertEquals(setting.isEmpty() ? Long.MIN_VALUE : Long.parseLong(DATABASE.ask(("""
                SELECT (extract(epoch FROM date_trunc('hour', timestamptz '%s' - interval '%s', 'UTC')) * 1000000)::bigint""").formatted(now, inSql))), cutOff);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0d", "90", "-1d", "1.5d", "90 d", "12m", "6mo", "100000d", "1000y"})
    void refusesWhatIsNoTime(String setting) {
        assertThrows(Settings.InvalidSetting.class, () -> new Retention(Settings.load(Map.of("RETENTION_RAW", setting))));
    }

    @Test
    void refusesToKeepStatisticsShorterThanReadings() {
        assertEquals("RETENTION_ROLLUP must be at least as long as RETENTION_RAW, which is forever; got '5y'",
                assertThrows(Settings.InvalidSetting.class, () -> new Retention(Settings.load(Map.of("RETENTION_ROLLUP", "5y")))).getMessage());
        assertEquals("infinity", new Retention(Settings.load(Map.of("RETENTION_RAW", "90d"))).rollup());
        assertEquals("84 days", new Retention(Settings.load(Map.of("RETENTION_RAW", "84d", "RETENTION_ROLLUP", "12w"))).rollup());
    }

    /** Not only after the next refresh of the retention periods. */
    @Test
    void aSeriesOfWhichNothingIsLeftIsDeletedAndMadeAgainWhenItSends() {
        store("left", DAY, 10);
        String before = DATABASE.ask("SELECT series_id FROM series WHERE tenant = 'left'");
        DATABASE.run("UPDATE series SET created_at = '2025-01-01' WHERE tenant = 'left'");
        awaitRound("expire-data");
        assertEquals("1", DATABASE.ask("SELECT series FROM tenant WHERE tenant = 'left'"), "it has readings");
        DATABASE.empty();
        Awaitility.await().atMost(MOMENT).until(() -> DATABASE.ask("SELECT series FROM tenant WHERE tenant = 'left'").equals("0"));
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM series WHERE tenant = 'left'"));
        store("left", DAY, 10);
        assertEquals("10", readingsOf("left"));
        assertEquals("1", DATABASE.ask("SELECT count(*) FROM series WHERE tenant = 'left' AND series_id > " + before));
    }

    /** The consumer knows all of them, and stores readings of some while others are deleted. */
    @Test
    void aReadingIsStoredForItsOwnSensorThoughItsSeriesWasJustDeleted() {
        int sensors = 3000;
        DEVICES.sendTo(TOPIC, IntStream.range(0, sensors).mapToObj(i -> json("sensor-" + i, DAY.toString(), i)).toList());
        DATABASE.awaitReadings(sensors);
        Awaitility.await().until(() -> DATABASE.ask("SELECT count(*) FROM batch WHERE NOT rolled_up").equals("0"));
        DATABASE.empty();
        String deletions = DATABASE.ask("SELECT deletions FROM series_counter");
        DATABASE.run("UPDATE series SET created_at = '2025-01-01'");
        AtomicInteger sent = new AtomicInteger();
        AtomicInteger second = new AtomicInteger();
        Awaitility.await("deletions").atMost(MOMENT).until(() -> {
            sent.addAndGet(sendOfEach(sensors / 2, second.incrementAndGet()));
            return !DATABASE.ask("SELECT deletions FROM series_counter").equals(deletions);
        });
        sent.addAndGet(sendOfEach(sensors, 0));
        DATABASE.awaitReadings(sent.get());
        assertEquals(sent.get(), Integer.parseInt(DATABASE.ask("SELECT count(*) FROM readings WHERE sensor_id = 'sensor-' || \"values\"[1]")));
    }

    /** @return the number of readings, one of each of these sensors, whose value is the number of its sensor */
    private static int sendOfEach(int sensors, int second) {
        for (int i = 0; i < sensors; i += 100) {
            DEVICES.sendTo(TOPIC, IntStream.range(i, Math.min(i + 100, sensors)).mapToObj(sensor -> json("sensor-" + sensor, DAY.plusSeconds(second).toString(), sensor)).toList());
        }
        return sensors;
    }

    @Test
    void aTenantsOwnTimeHoldsForTheFirstReadingsAfterAStart() throws Exception {
        Settings settings = Servers.settings().with("retention.raw", "5d").with("retention.refresh.interval", "1h");
        Database database = new Database(settings);
        String topic = settings.text("topic.name");
        Instant now = Instant.now();
        try (Readings devices = new Readings(settings)) {
            try (Pipeline consumer = new Pipeline(settings, Set.of(Services.CONSUMER))) {
                consumer.start();
                database.run("INSERT INTO tenant_retention VALUES ('default', '1 day', '1 year'), ('longer', '20 days', '1 year')");
            }
            devices.sendTo(topic, List.of(json("sensor", now.toString(), 1), json("sensor", now.minus(2, ChronoUnit.DAYS).toString(), 1)));
            devices.sendTo(topic + ".longer", List.of(json("sensor", now.minus(10, ChronoUnit.DAYS).toString(), 1)));
            try (Pipeline consumer = new Pipeline(settings, Set.of(Services.CONSUMER))) {
                consumer.start();
                Awaitility.await("all is done").atMost(MOMENT).until(() -> database.ask("SELECT (SELECT count(*) FROM reading) + count(*) FROM dead_letter").equals("3"));
                assertEquals("1 default", database.ask("SELECT count(*) || ' ' || min(tenant) FROM dead_letter"));
                assertEquals("1", database.ask("SELECT count(*) FROM readings WHERE tenant = 'longer'"));
            }
        }
    }
}
