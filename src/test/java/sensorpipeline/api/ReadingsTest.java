package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.Warnings;

/** Guarantees for reading many readings: pages have no gaps, and exports are complete or recognisably incomplete. */
class ReadingsTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private static final int COUNT = 3000;
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        try (Readings devices = new Readings(SETTINGS)) {
            List<String> readings = new ArrayList<>();
            for (int i = 0; i < COUNT; i++) {
                // Three sensors with the same timestamps, in steps of 25 s; some readings are years old.
                readings.add(Readings.json("s" + i % 3, NOW.minusSeconds(i >= COUNT - 30 ? 300_000_000L : 0).minusSeconds(25L * (i / 3)).toString(), i));
            }
            readings.add("{\"sensor_id\":\"=1+1\",\"location\":\"a \\\"b\\\", c\",\"co2\":400,\"unit\":\"ppm\",\"timestamp\":\"" + NOW.minusSeconds(7) + "\"}");
            Collections.shuffle(readings, new Random(1));
            devices.sendTo(SETTINGS.text("topic.name"), readings);
            devices.sendTo(SETTINGS.text("topic.name") + ".acme", List.of(Readings.json("secret", NOW.toString(), 1)));
            new Database(SETTINGS).awaitReadings(COUNT + 2);
        }
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static List<JsonNode> walk(String query) {
        List<JsonNode> readings = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = contract.valid(api.get("/data/readings?" + query + cursor), "Readings");
            assertEquals(page.path("count").asInt(), page.path("data").size());
            page.path("data").forEach(readings::add);
            cursor = page.path("next").isNull() ? null : "&cursor=" + page.path("next").asText();
        } while (cursor != null);
        return readings;
    }

    private static List<String> times(List<JsonNode> readings) {
        return readings.stream().map(reading -> reading.path("timestamp").asText()).toList();
    }

    /** Other load on the machine can delay some of the requests, but not all. */
    @ParameterizedTest
    @ValueSource(strings = {"/data/readings?", "/data/readings?order=desc&", "/data/readings?from=2001-01-01T00:00:00Z&", "/data/latest?", "/data/stats?", "/sensors?"})
    void aSensorThatDoesNotExistIsAnsweredAtOnceAlthoughReadingsAreYearsApart(String call) {
        Duration best = Duration.ofDays(1);
        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            // Another one each time: the answer to the same request would be remembered.
            assertEquals(200, api.get(call + "sensor_id=nobody-" + i).statusCode());
            Duration time = Duration.ofNanos(System.nanoTime() - start);
            best = time.compareTo(best) < 0 ? time : best;
        }
        assertTrue(best.toMillis() < 100, best.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, 2999, 10_000})
    void pagesHoldEveryReadingOnceInTheOrderOfTheirTimes(int limit) {
        String filter = limit == 1 ? "&sensor_id=s1&from=" + NOW.minusSeconds(500) : "";
        List<JsonNode> ascending = walk("limit=" + limit + filter);
        assertEquals(limit == 1 ? 21 : COUNT + 1, ascending.size());
        assertEquals(ascending.size(), Set.copyOf(ascending).size());
        assertEquals(times(ascending).stream().sorted().toList(), times(ascending));
        List<JsonNode> descending = new ArrayList<>(walk("order=desc&limit=" + limit + filter));
        Collections.reverse(descending);
        assertEquals(ascending, descending);
    }

    @Test
    void filtersNameSeveralSensorsAndLocationsAndOneMetric() {
        assertEquals(2 * COUNT / 3, walk("sensor_id=s0&sensor_id=s2&limit=1000").size());
        assertEquals(COUNT + 1, walk("location=hall&location=a%20%22b%22%2C%20c&limit=5000").size());
        List<JsonNode> co2 = walk("metric=co2");
        assertEquals(1, co2.size());
        assertEquals(400, co2.get(0).path("co2").asInt());
        assertEquals(0, walk("metric=nothing").size());
        assertEquals(12, walk("sensor_id=s0&sensor_id=s1&sensor_id=s2&from=" + NOW.minusSeconds(100) + "&to=" + NOW).size(),
                "a time range holds its start and not its end");
        assertEquals(walk("from=" + NOW.minusSeconds(86_400)).size(), walk("from=-24h").size());
    }

    @Test
    void aWalkSeesEveryReadingThatWasThereWhileOthersCome() {
        List<JsonNode> before = walk("limit=1000");
        List<JsonNode> seen = new ArrayList<>();
        String cursor = "";
        try (Readings devices = new Readings(SETTINGS)) {
            for (int i = 0; cursor != null; i++) {
                devices.send(Readings.json("new", NOW.minusSeconds(20_000 - i * 100L).toString(), i), Readings.json("new", NOW.minusSeconds(i).toString(), i));
                JsonNode page = Http.json(api.get("/data/readings?limit=200" + cursor));
                page.path("data").forEach(seen::add);
                cursor = page.path("next").isNull() ? null : "&cursor=" + page.path("next").asText();
            }
            devices.awaitDone();
        } finally {
            new Database(SETTINGS).forget("new");
        }
        assertEquals(seen.size(), Set.copyOf(seen).size(), "nothing twice");
        assertTrue(seen.containsAll(before), "nothing left out");
    }

    @Test
    void exportsAllReadingsAsCsv() {
        HttpResponse<String> answer = api.get("/data/readings", "Accept", "text/csv");
        assertEquals("text/csv; charset=utf-8; header=present", answer.headers().firstValue("content-type").orElse(""));
        List<String> lines = List.of(answer.body().split("\r\n"));
        assertEquals("sensor_id,location,timestamp,received_at,co2,temperature,attributes", lines.get(0));
        assertEquals(COUNT + 2, lines.size());
        String formula = lines.stream().filter(line -> line.contains("1+1")).findFirst().orElseThrow();
        assertTrue(formula.startsWith("\"'=1+1\",\"a \"\"b\"\", c\","), formula);
        assertTrue(formula.endsWith(",400,,\"{\"\"unit\"\": \"\"ppm\"\"}\""), formula);
        assertFalse(answer.body().contains("secret"), "a tenant sees nothing of another");
        assertEquals("", api.call("HEAD", "/data/readings?format=csv").body());
    }

    @Test
    void exportsTheSameReadingsAsLinesOfJson() throws Exception {
        HttpResponse<String> answer = api.get("/data/readings?format=ndjson&order=desc");
        assertEquals("application/x-ndjson", answer.headers().firstValue("content-type").orElse(""));
        List<JsonNode> readings = new ArrayList<>();
        for (String line : answer.body().split("\n")) {
            readings.add(new ObjectMapper().readTree(line));
        }
        assertEquals(walk("order=desc"), readings);
        HttpResponse<String> five = api.get("/data/readings?format=ndjson&limit=5");
        assertEquals(5, five.body().split("\n").length);
        String next = five.headers().firstValue("link").orElseThrow();
        assertTrue(next.matches("<readings\\?format=ndjson&limit=5&cursor=[0-9_]+>; rel=\"next\""), next);
        assertEquals(List.of(api.get("/data/readings?format=ndjson&limit=10").body().split("\n")).subList(5, 10),
                List.of(api.get("/data/" + next.substring(1, next.indexOf('>'))).body().split("\n")));
    }

    @Test
    void whoAcceptsNoneOfTheFormatsIsToldWhichThereAre() {
        assertEquals("not_acceptable", contract.error(api.get("/data/readings", "Accept", "image/png"), 406).path("code").asText());
        assertEquals(200, api.get("/data/readings?limit=1", "Accept", "text/html, */*;q=0.8").statusCode());
        for (String accept : new String[] {"application/json;q=0, text/*", "*/*, application/x-ndjson;q=0, application/json; q=0.0", "application/json;q=0, application/x-ndjson;q=0, */*"}) {
            assertEquals("text/csv; charset=utf-8; header=present", api.get("/data/readings?limit=1", "Accept", accept).headers().firstValue("Content-Type").orElse(""), accept);
        }
    }

    /** Readings of a batch with a short time range are looked up by series; one with a long range is scanned. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void readingsThatAreNotInTheStatisticsYetAreThereAsWell(int hours) throws Exception {
        Database database = new Database(SETTINGS);
        try (Connection other = Servers.connect(SETTINGS); Statement statement = other.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(hashtext('roll_up_batches'))");
            store(database, 2000);
            database.run("UPDATE batch SET last_at = first_at + interval '%d hours' WHERE NOT rolled_up".formatted(hours));
            assertEquals("1", database.ask("SELECT count(*) FROM batch WHERE NOT rolled_up"));
            assertEquals(2000, walk("sensor_id=many&limit=300").size());
            List<JsonNode> all = walk("limit=1000&order=desc");
            assertEquals(COUNT + 1 + 2000, all.size());
            assertEquals(times(all).stream().sorted(Comparator.reverseOrder()).toList(), times(all));
            assertEquals(5, Http.json(api.get("/data/latest?sensor_id=many&limit=5")).path("count").asInt());
        } finally {
            awaitRolledUp(database);
            database.forget("many");
        }
    }

    @Test
    void aSmallPartOfABusyHourHoldsItsReadingsAndNoOthers() {
        Database database = new Database(SETTINGS);
        fill(database, 20_000);
        try {
            Instant start = Instant.parse(Http.json(api.get("/data/readings?sensor_id=many&limit=1")).path("data").get(0).path("timestamp").asText());
            Random random = new Random(6);
            for (int i = 0; i < 60; i++) {
                Instant from = start.plusMillis(random.nextInt(i % 2 == 0 ? 100 : 20_000)).plusNanos(1000L * random.nextInt(1000));
                Instant to = from.plusNanos(1_000_000L * random.nextInt(1, 200));
                String range = "sensor_id=many&from=" + from + "&to=" + to;
                List<JsonNode> ascending = walk(range + "&limit=" + (i % 3 == 0 ? 7 : 100));
                List<JsonNode> descending = new ArrayList<>(walk(range + "&order=desc&limit=" + (i % 3 == 0 ? 7 : 100)));
                Collections.reverse(descending);
                assertEquals(ascending, descending, range);
                assertEquals(Math.min(20_000, millis(start, to)) - Math.min(20_000, millis(start, from)), ascending.size(), range);
                JsonNode first = Http.json(api.get("/data/readings?limit=1&order=desc&" + range)).path("data").path(0);
                assertEquals(ascending.isEmpty() ? null : ascending.get(ascending.size() - 1), first.isMissingNode() ? null : first, range);
            }
        } finally {
            database.forget("many");
        }
    }

    /** @return number of readings before a time, at one per millisecond from the start on */
    private static long millis(Instant start, Instant time) {
        return (java.time.Duration.between(start, time).toNanos() + 999_999) / 1_000_000;
    }

    @Test
    void anExportThatIsCutOffDoesNotEndAsAWholeOneDoes() throws Exception {
        Database database = new Database(SETTINGS);
        try (Pipeline hurried = new Pipeline(SETTINGS, Set.of(Services.API))) {
            hurried.start();
            fill(database, 400_000);
            try (Socket caller = slowCaller(hurried)) {
                assertEquals(2000, caller.getInputStream().readNBytes(2000).length);
                database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sensor-pipeline export' AND state <> 'idle'");
                byte[] rest = readAll(caller.getInputStream());
                String end = new String(rest, Math.max(0, rest.length - 7), Math.min(7, rest.length), StandardCharsets.UTF_8);
                assertFalse(end.endsWith("\r\n0\r\n\r\n"), end);
            }
        } finally {
            database.forget("many");
        }
    }

    private static byte[] readAll(InputStream in) {
        try {
            return in.readAllBytes();
        } catch (IOException reset) {
            return new byte[0];
        }
    }

    @Test
    void aCallerWhoGoesFreesTheDatabaseAtOnce() throws Exception {
        Database database = new Database(SETTINGS);
        fill(database, 400_000);
        try (Warnings warnings = new Warnings()) {
            for (int i = 0; i < 20; i++) {
                try (Socket caller = slowCaller(PIPELINE)) {
                    assertEquals(2000, caller.getInputStream().readNBytes(2000).length);
                    assertEquals("1", openExports(database));
                }
                Awaitility.await().until(() -> openExports(database).equals("0"));
            }
            assertEquals(List.of(), warnings.messages());
        } finally {
            database.forget("many");
        }
    }

    private static String openExports(Database database) {
        return database.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sensor-pipeline export' AND state <> 'idle'");
    }

    /** A client that requests all readings and then hardly reads the response. */
    private static Socket slowCaller(Pipeline pipeline) throws IOException {
        Socket caller = new Socket();
        caller.setReceiveBufferSize(4096);
        caller.connect(new java.net.InetSocketAddress("127.0.0.1", pipeline.port("api.port")));
        caller.setSoTimeout(20_000);
        caller.getOutputStream().write("GET /data/readings?format=csv&sensor_id=many HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return caller;
    }

    private static void fill(Database database, int count) {
        store(database, count);
        awaitRolledUp(database);
    }

    private static void awaitRolledUp(Database database) {
        Awaitility.await().until(() -> database.ask("SELECT count(*) FROM batch WHERE NOT rolled_up").equals("0"));
    }

    private static void store(Database database, int count) {
        database.run("""
                SELECT number_series('[{"position":0,"tenant":"default","sensor_id":"many","location":"hall","metrics":["temperature"]}]', 1000, 10);
                WITH start AS (SELECT date_trunc('hour', now()) - interval '1 hour' AS at),
                new_batch AS (INSERT INTO batch (offsets, records, readings, first_at, last_at)
                              SELECT '{}', %1$d, %1$d, at, at + interval '1 hour' FROM start RETURNING batch_id),
                made AS (SELECT make_reading_partitions(ARRAY[at], interval '24 hours') FROM start)
                INSERT INTO reading SELECT series_id, batch_id, at + i * interval '1 ms', now(), ARRAY[i]::float8[], NULL
                FROM made, new_batch, start, series, generate_series(1, %1$d) AS i WHERE sensor_id = 'many'""".formatted(count));
    }

    @Test
    void theNewestReadingsAreThoseOfManyDaysIfItTakesThem() {
        try (Readings devices = new Readings(SETTINGS)) {
            for (int day = 0; day < 5; day++) {
                devices.send(Readings.json("daily", NOW.minusSeconds(86_400L * day).toString(), day), Readings.json("daily", NOW.minusSeconds(86_400L * day + 60).toString(), day));
            }
            devices.awaitDone();
            for (int limit : new int[] {1, 2, 3, 7, 10, 50}) {
                List<String> times = contract.valid(api.get("/data/latest?sensor_id=daily&limit=" + limit), "Latest").path("data").findValuesAsText("timestamp");
                assertEquals(Math.min(limit, 10), times.size());
                assertEquals(times.stream().sorted(Comparator.reverseOrder()).toList(), times);
                assertEquals(NOW.minusSeconds(86_400L * ((times.size() - 1) / 2) + 60 * ((times.size() - 1) % 2)), Instant.parse(times.get(times.size() - 1)));
            }
        } finally {
            new Database(SETTINGS).forget("daily");
        }
    }

    @Test
    void anAnswerThatTheCallerHasIsNotSentAgain() {
        HttpResponse<String> first = api.get("/data/latest?sensor_id=s1");
        String tag = first.headers().firstValue("etag").orElseThrow();
        HttpResponse<String> second = api.get("/data/latest?sensor_id=s1", "If-None-Match", tag);
        assertEquals(304, second.statusCode());
        assertEquals("", second.body());
        assertEquals(tag, second.headers().firstValue("etag").orElseThrow());
        assertEquals(200, api.get("/data/latest?sensor_id=s2", "If-None-Match", tag).statusCode());
    }

    @Test
    void whoAsksTooOftenIsToldWhenToComeAgain() throws Exception {
        try (Pipeline limited = new Pipeline(SETTINGS.with("api.rate.limit", 5), Set.of(Services.API))) {
            limited.start();
            Http caller = new Http(limited.port("api.port"));
            List<Integer> answers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                answers.add(caller.get("/openapi.json").statusCode());
            }
            assertEquals(List.of(200, 200, 200, 200, 200, 200, 200, 200, 200, 200), answers.subList(0, 10));
            HttpResponse<String> refused = caller.get("/openapi.json");
            assertEquals("too_many_requests", contract.error(refused, 429).path("code").asText());
            assertEquals("1", refused.headers().firstValue("retry-after").orElse(""));
            Awaitility.await().until(() -> caller.get("/openapi.json").statusCode() == 200);
        }
    }

    @Test
    void everyAnswerNamesItsRequest() {
        assertEquals("abc-1", api.get("/data/latest", "X-Request-Id", "abc-1").headers().firstValue("x-request-id").orElse(""));
        assertTrue(api.get("/nothing", "X-Request-Id", "no spaces").headers().firstValue("x-request-id").orElse("").matches("[0-9a-f-]{36}"));
    }
}
