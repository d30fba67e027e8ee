package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Recount;
import sensorpipeline.support.Servers;

/** A range of all sensors that begins within an hour of the last days is a sum of minutes, and so are the points of a chart, as long as these have all readings of the hour. */
class PartsOfHoursTest {

    private static final Instant HOUR = Instant.now().minus(Duration.ofHours(24)).truncatedTo(ChronoUnit.HOURS);
    private static final Instant FROM = HOUR.plusSeconds(10 * 60 + 30);
    private static final String OF_LATER_MINUTES = "at >= '" + HOUR.plusSeconds(11 * 60) + "' AND at < '" + HOUR.plusSeconds(3600) + "'";

    private final Settings settings = Servers.settings().with("rollup.interval", 100).with("api.answers.bytes", 0);
    private final String topic = settings.text("topic.name");
    private final Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER, Services.API));
    private final Database database = new Database(settings);
    private Readings devices;
    private Http api;

    /** Two hours of two sensors, one of which has no location, every 10 seconds; every third reading has no "b". Another tenant has readings too. */
    @BeforeEach
    void start() throws Exception {
        pipeline.start();
        devices = new Readings(settings);
        api = new Http(pipeline.port("api.port"));
        List<String> readings = new ArrayList<>();
        for (int i = 0; i < 720; i++) {
            for (String sensor : List.of("\"s1\",\"location\":\"hall\"", "\"s2\"")) {
                readings.add("{\"sensor_id\":%s,\"timestamp\":\"%s\",\"a\":%d%s}".formatted(sensor, HOUR.plusSeconds(10 * i), i, i % 3 == 0 ? "" : ",\"b\":" + 2 * i));
            }
        }
        devices.sendTo(topic, readings);
        devices.sendTo(topic + ".acme", readings.subList(0, 100));
        awaitTotals(1540);
    }

    @AfterEach
    void stop() {
        pipeline.close();
        devices.close();
    }

    private void awaitTotals(int readings) {
        database.awaitReadings(readings);
        Awaitility.await().until(() -> database.ask("SELECT (SELECT count(*) FROM pending_total) + (SELECT count(*) FROM batch WHERE NOT rolled_up)").equals("0"));
    }

    private JsonNode overall(Instant from) throws Exception {
        return new Contract(api).valid(api.get("/data/stats?from=" + from), "Stats").path("data").path("overall");
    }

    private void assertEqualRecount(Instant from) throws Exception {
        JsonNode told = overall(from);
        assertEquals(database.ask("""
                SELECT concat_ws(' ', count(*), count("values"[1]), sum("values"[1]), count("values"[2]), sum("values"[2]), min("values"[1]), max("values"[2]), iso_8601(min(at)), iso_8601(max(at)))
                FROM reading JOIN series USING (series_id) WHERE tenant = 'default' AND at >= '%s'""".formatted(from)),
                String.join(" ", told.path("total_events").asText(), told.path("count_a").asText(), sum(told, "a"), told.path("count_b").asText(), sum(told, "b"),
                        told.path("min_a").asText(), told.path("max_b").asText(), told.path("first_reading").asText(), told.path("last_reading").asText()));
        assertPointsEqualRecount("a", from);
        assertPointsEqualRecount("b", from);
    }

    /** The chart begins with the interval of that time. */
    private void assertPointsEqualRecount(String metric, Instant from) throws Exception {
        StringBuilder told = new StringBuilder();
        for (JsonNode point : chart(metric, "5m", from).path("data").path(0).path("points")) {
            if (point.path("count").asInt() > 0) {
                told.append("%s %d %d %d %d\n".formatted(point.path("time").asText(), point.path("count").asInt(), Math.round(point.path("count").asInt() * point.path("avg").asDouble()),
                        point.path("min").asInt(), point.path("max").asInt()));
            }
        }
        assertEquals(database.ask("""
                SELECT string_agg(concat_ws(' ', iso_8601(interval_start), count, sum, min, max) || E'\\n', '' ORDER BY interval_start) FROM (
                    SELECT date_bin('5 minutes', at, '2000-01-01') AS interval_start, count(*), sum("values"[%2$s]), min("values"[%2$s]), max("values"[%2$s])
                    FROM reading JOIN series USING (series_id) WHERE tenant = 'default' AND at >= date_bin('5 minutes', '%1$s', '2000-01-01') AND "values"[%2$s] IS NOT NULL
                    GROUP BY 1
                ) AS counted""".formatted(from, "array_position(metrics, '" + metric + "')")), told.toString());
    }

    private JsonNode chart(String metric, String interval, Instant from) throws Exception {
        return new Contract(api).valid(api.get("/data/series?metric=%s&interval=%s&from=%s".formatted(metric, interval, from)), "Series");
    }

    private long readingsInHour(Instant hour) throws Exception {
        long readings = 0;
        for (JsonNode point : chart("a", "5m", hour).path("data").path(0).path("points")) {
            readings += Instant.parse(point.path("time").asText()).isBefore(hour.plusSeconds(3600)) ? point.path("count").asLong() : 0;
        }
        return readings;
    }

    private long readingsInChart(Instant from) throws Exception {
        long readings = 0;
        for (JsonNode point : chart("a", "5m", from).path("data").path(0).path("points")) {
            readings += point.path("count").asLong();
        }
        return readings;
    }

    private static String sum(JsonNode row, String metric) {
        return String.valueOf(Math.round(row.path("count_" + metric).asLong() * row.path("avg_" + metric).asDouble()));
    }

    @Test
    void equalARecountFromEachSecondOn() throws Exception {
        for (int second = 0; second < 3600; second += 67) {
            assertEqualRecount(HOUR.plusSeconds(second));
            assertEqualRecount(HOUR.plusSeconds(second).plusMillis(1));
        }
        Recount.assertEqual(database);
    }

    /** The readings are deleted by hand, without a recount: what still counts them does not look at them. */
    @Test
    void onlyAMinuteIsAddedUpFromItsReadings() throws Exception {
        int before = overall(FROM).path("total_events").asInt();
        long inChart = readingsInChart(FROM);
        database.run("DELETE FROM reading WHERE " + OF_LATER_MINUTES);
        assertEquals(before, overall(FROM).path("total_events").asInt());
        assertEquals(inChart, readingsInChart(FROM));
        database.run("DELETE FROM reading WHERE at < '" + HOUR.plusSeconds(3600) + "'");
        assertEquals(before - 6, overall(FROM).path("total_events").asInt(), "three of each sensor were in the rest of their minute");
        assertEquals(inChart, readingsInChart(FROM), "points begin with whole minutes");
    }

    /** Each reading counts as a thousand. */
    @Test
    void aChartOfVeryManyReadingsHasShortIntervalsAsLongAsTheirMinutesAreKept() throws Exception {
        for (String table : List.of("rollup_total", "rollup_total_minute")) {
            database.run("UPDATE " + table + " SET readings = 1000 * readings, scaled_total = 1000 * scaled_total");
        }
        JsonNode chart = chart("a", "auto", HOUR);
        assertEquals("5m", chart.path("interval").asText());
        assertEquals(1_440_000, readingsInChart(HOUR));
        for (JsonNode point : chart.path("data").path(0).path("points")) {
            long first = HOUR.until(Instant.parse(point.path("time").asText()), ChronoUnit.SECONDS) / 10;
            assertEquals(first < 720 ? 60_000 : 0, point.path("count").asInt());
            assertEquals(first < 720 ? first + 14.5 : 0, point.path("avg").asDouble(), 1e-9);
        }
        database.run("DELETE FROM rollup_total_minute WHERE minute = '" + HOUR.plusSeconds(600) + "'");
        assertEquals("1h", chart("a", "auto", HOUR).path("interval").asText(), "the first hour would be added up from 720,000 readings");
    }

    @Test
    void aRecountedHourIsAddedUpFromItsReadings() throws Exception {
        database.run("DELETE FROM reading WHERE " + OF_LATER_MINUTES);
        database.run("SELECT recount('" + HOUR + "', '" + HOUR.plusSeconds(3600) + "')");
        assertEqualRecount(FROM);
        devices.send("{\"sensor_id\":\"s1\",\"location\":\"hall\",\"timestamp\":\"" + HOUR.plusSeconds(1801) + "\",\"a\":5}");
        awaitTotals(Integer.parseInt(database.ask("SELECT count(*) FROM reading")) + 1);
        assertEqualRecount(FROM);
        Recount.assertEqual(database);
    }

    /** As of a running program: some minutes are stored, the newest wait. */
    @Test
    void minutesThatAreNotStoredYetCount() throws Exception {
        database.run("""
                INSERT INTO reading SELECT series_id, 0, '%1$s'::timestamptz + interval '35 minutes 1 second', now(), '{7}' FROM series WHERE sensor_id = 's1' AND tenant = 'default';
                SELECT add_totals(ARRAY[ROW(group_id, '%1$s', 'a', 1, 1, '%1$s'::timestamptz + interval '35 minutes 1 second', '%1$s'::timestamptz + interval '35 minutes 1 second', scaled(7), 7, 7, now())::hour_total])
                FROM series_group WHERE location = 'hall' AND tenant = 'default'""".formatted(HOUR));
        assertEqualRecount(FROM);
        database.run("DELETE FROM reading WHERE " + OF_LATER_MINUTES);
        assertEquals(721, readingsInHour(HOUR), "of minutes that are stored, and of one that waits");
    }

    @Test
    void aChartWithPartsOfIntervalsAndOfHoursCountsEachReadingOnce() throws Exception {
        for (String range : List.of("&to=" + HOUR.plusSeconds(5000), "&tz=Asia/Kathmandu&interval=1h", "&interval=10s&to=" + HOUR.plusSeconds(7200), "&interval=15m&agg=sum", "&interval=15m&agg=p95")) {
            JsonNode chart = new Contract(api).valid(api.get("/data/series?metric=b&interval=5m&from=%s%s".formatted(FROM, range).replaceFirst("&interval=5m(.*&interval)", "$1")), "Series");
            long counted = 0;
            for (JsonNode point : chart.path("data").path(0).path("points")) {
                counted += point.path("count").asLong();
            }
            assertEquals(database.ask("SELECT count(\"values\"[2]) FROM reading JOIN series USING (series_id) WHERE tenant = 'default' AND at >= '%s' AND at < '%s'"
                    .formatted(chart.path("from").asText(), chart.path("to").asText())), String.valueOf(counted), range);
        }
    }

    /** As docs/retention.md allows. */
    @Test
    void readingsWhoseHourlyStatisticsWereDroppedStayInCharts() throws Exception {
        for (String partition : database.ask("SELECT string_agg(name, ' ') FROM rollup_partition").split(" ")) {
            database.run("DROP TABLE " + partition);
        }
        database.run("SELECT forget_missing_partitions('rollup_hour')");
        assertPointsEqualRecount("a", FROM);
    }

    @Test
    void deletedReadingsDoNotCount() throws Exception {
        assertEquals(200, api.call("DELETE", "/data/readings?sensor_id=s1&from=" + HOUR.plusSeconds(1200) + "&to=" + HOUR.plusSeconds(1800) + "&dry_run=false").statusCode());
        assertEqualRecount(FROM);
        Recount.assertEqual(database);
    }

    @Test
    void lateAndCompletedReadingsCountInTheirMinute() throws Exception {
        String late = "{\"sensor_id\":\"s1\",\"location\":\"hall\",\"timestamp\":\"%s\",%s}";
        devices.storeInOrder(topic, late.formatted(HOUR.plusSeconds(1205), "\"a\":-7"), late.formatted(HOUR.plusSeconds(1205), "\"b\":1000"), late.formatted(HOUR.plusSeconds(1200), "\"b\":2000"));
        awaitTotals(1541);
        assertEqualRecount(FROM);
        assertEquals(database.ask("SELECT sum(readings) FROM rollup_total"), database.ask("SELECT sum(readings) FROM rollup_total_minute"));
        Recount.assertEqual(database);
    }

    /** As one of an older version, and those of a batch with too many. */
    @Test
    void anHourWithTotalsThatAreNotByMinuteIsAddedUpFromItsReadings() throws Exception {
        database.run("""
                INSERT INTO reading SELECT series_id, 0, '%1$s'::timestamptz + interval '35 minutes 1 second', now(), '{7}' FROM series WHERE sensor_id = 's1' AND tenant = 'default';
                INSERT INTO reading SELECT series_id, 0, '%1$s'::timestamptz + interval '55 minutes 1 second', now(), '{7}' FROM series WHERE sensor_id = 's1' AND tenant = 'default';
                SELECT add_totals(ARRAY[ROW(group_id, '%1$s', 'a', 2, 2, '%1$s'::timestamptz + interval '35 minutes 1 second', '%1$s'::timestamptz + interval '55 minutes 1 second', scaled(14), 7, 7, now())::hour_total])
                FROM series_group WHERE location = 'hall' AND tenant = 'default'""".formatted(HOUR));
        assertEqualRecount(FROM);
        database.run("SELECT add_pending_totals()");
        assertEqualRecount(FROM);
    }

    @Test
    void ofExpiredReadingsAPartOfAnHourCountsNothing() throws Exception {
        database.run("INSERT INTO tenant_retention VALUES ('default', '5 hours', 'infinity')");
        Awaitility.await().until(() -> database.ask("SELECT string_agg(is_done::text, '') FROM delete_expired_rows('1000 years', '1000 years', '1 hour', 10000)") == null);
        assertEquals("100", database.ask("SELECT count(*) FROM reading"), "those of the other tenant");
        assertEquals(720, overall(FROM).path("total_events").asInt(), "the statistics of the hour after it are kept");
        assertEquals("54", database.ask("SELECT count(*) FROM rollup_total_minute JOIN series_group USING (group_id) WHERE tenant = 'acme'"));
    }

    @Test
    void ofReadingsDroppedByHandAPartOfAnHourCountsNothing() throws Exception {
        for (String partition : database.ask("SELECT string_agg(name, ' ') FROM reading_partition").split(" ")) {
            database.run("DROP TABLE " + partition);
        }
        database.run("SELECT forget_missing_partitions('reading')");
        assertEquals(720, overall(FROM).path("total_events").asInt(), "the statistics of the hour after it are kept");
    }

    @Test
    void minutesAreKeptForTwoDaysAndThenTheReadingsAreAddedUp() throws Exception {
        database.run("SELECT delete_minutes(NULL, date_trunc('hour', now() - minutes_kept(), 'UTC'), 1000)");
        assertEquals(database.ask("SELECT sum(readings) FROM rollup_total"), database.ask("SELECT sum(readings) FROM rollup_total_minute"), "the last day stays");
        assertEquals("360", database.ask("SELECT delete_minutes('default', '%s', 1000)".formatted(HOUR.plusSeconds(3600))), "of an hour, two groups and that of all, and two metrics");
        assertEqualRecount(FROM);
        Recount.assertEqual(database);
    }
}
