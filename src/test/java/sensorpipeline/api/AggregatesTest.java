package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.http.RequestError;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Every aggregate of a chart equals a recount of the readings, or is null where it cannot be computed. */
class AggregatesTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    /** Spans the DST change in Berlin, at 01:00 UTC. */
    private static final Instant START = Instant.parse("2026-03-28T05:07:00Z");
    private static final Duration SHORTEST_LOOK_BACK = Duration.ofHours(1);
    private static final String ALL = "first,last,sum,median,p05,p95,stddev,rate";
    private static final List<Sent> SENT = new ArrayList<>();
    private static Http api;
    private static Contract contract;
    private static Database database;

    private record Sent(String sensor, Instant at, double value) {
    }

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        database = new Database(SETTINGS);
        Random random = new Random(7);
        double[] counters = new double[3];
        for (int i = 0; i < 900; i++) {
            int sensor = random.nextInt(3);
            counters[sensor] = random.nextInt(40) == 0 ? random.nextInt(3) : counters[sensor] + random.nextInt(20) / 4.0;
            SENT.add(new Sent("meter-" + sensor, START.plus(Duration.ofSeconds(211L * i + (i > 500 ? 40_000 : 0))), counters[sensor]));
        }
        try (Readings devices = new Readings(SETTINGS)) {
            devices.sendTo(SETTINGS.text("topic.name"), SENT.stream().map(AggregatesTest::json).toList());
            devices.sendTo(SETTINGS.text("topic.name"), List.of(
                    json(new Sent("huge", START, 1.7e308)), json(new Sent("huge", START.plusSeconds(1), -1.7e308)), json(new Sent("huge", START.plusSeconds(2), 1.7e308)),
                    json(new Sent("huge", START.plusSeconds(3), 1.7e308)), json(new Sent("huge", START.plusSeconds(4), 1.7e308)),
                    json(new Sent("forgotten", START, 1)), json(new Sent("forgotten", START.plusSeconds(1), 2)), json(new Sent("forgotten", START.plusSeconds(2), 3))));
            devices.sendTo(SETTINGS.text("topic.name"), IntStream.range(0, 9).mapToObj(i -> json(new Sent("equal", START.plusSeconds(i), 7.1))).toList());
            database.awaitReadings(SENT.size() + 17);
        }
    }

    private static String json(Sent sent) {
        return "{\"sensor_id\":\"%s\",\"location\":\"%s\",\"humidity\":50,\"energy\":%s,\"timestamp\":\"%s\"}"
                .formatted(sent.sensor, "meter-0".equals(sent.sensor) ? "north" : "south", sent.value, sent.at);
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static JsonNode series(String query) {
        return contract.valid(api.get("/data/series?metric=energy&" + query), "Series");
    }

    private static JsonNode meters(String query) {
        return series("sensor_id=meter-0&sensor_id=meter-1&sensor_id=meter-2&" + query);
    }

    @ParameterizedTest
    @CsvSource({"30m,UTC,all", "30m,UTC,sensor", "1h,UTC,all", "1h,Asia/Kathmandu,location", "6h,Europe/Berlin,sensor", "1d,Europe/Berlin,all", "1d,Europe/Berlin,location"})
    void everyAggregateEqualsARecount(String interval, String zone, String by) {
        for (String from : List.of("2026-03-27T00:00:00Z", "2026-03-29T00:00:00Z")) {
            JsonNode answer = meters("from=" + from + "&to=2026-04-02T00:00:00Z&interval=" + interval + "&tz=" + zone + "&by=" + by + "&agg=" + ALL);
            int points = 0;
            for (JsonNode line : answer.path("data")) {
                List<Sent> ofLine = SENT.stream().filter(sent -> !line.has("sensor_id") || sent.sensor.equals(line.path("sensor_id").asText()))
                        .filter(sent -> !line.has("location") || ("meter-0".equals(sent.sensor) ? "north" : "south").equals(line.path("location").asText())).toList();
                points += requireRecount(ofLine, line.path("points"), Instant.parse(answer.path("to").asText()));
            }
            assertTrue(points > 1, answer.toString());
        }
    }

    /** @return the number of points with readings */
    private static int requireRecount(List<Sent> sent, JsonNode points, Instant to) {
        Instant start = Instant.parse(points.get(0).path("time").asText());
        Duration length = Duration.between(start, points.size() > 1 ? Instant.parse(points.get(1).path("time").asText()) : to);
        Instant lookBack = start.minus(length.compareTo(SHORTEST_LOOK_BACK) > 0 ? length : SHORTEST_LOOK_BACK);
        int counted = 0;
        for (int i = 0; i < points.size(); i++) {
            Instant from = Instant.parse(points.get(i).path("time").asText());
            Instant until = i + 1 < points.size() ? Instant.parse(points.get(i + 1).path("time").asText()) : to;
            List<Sent> here = sent.stream().filter(one -> !one.at.isBefore(from) && one.at.isBefore(until)).toList();
            assertEquals(here.size(), points.get(i).path("count").asInt());
            Map<String, Double> recount = here.isEmpty() ? Map.of() : recount(here);
            for (String name : ALL.split(",")) {
                assertTrue(points.get(i).has(name), name);
                Double expected = "rate".equals(name) ? rate(sent, lookBack, from, until) : recount.get(name);
                requireEqual(expected, points.get(i).path(name), name + " from " + from + " until " + until);
            }
            counted += here.isEmpty() ? 0 : 1;
        }
        return counted;
    }

    private static void requireEqual(Double expected, JsonNode value, String what) {
        if (expected == null) {
            assertTrue(value.isNull(), what + ": " + value);
        } else {
            assertTrue(value.isNumber(), what + ": " + value + " instead of " + expected);
            assertEquals(expected, value.asDouble(), Math.abs(expected) * 1e-12 + 1e-12, what);
        }
    }

    private static Map<String, Double> recount(List<Sent> here) {
        double[] sorted = here.stream().mapToDouble(Sent::value).sorted().toArray();
        Map<String, Double> recount = new LinkedHashMap<>();
        recount.put("first", here.stream().min(Comparator.comparing(Sent::at)).orElseThrow().value);
        recount.put("last", here.stream().max(Comparator.comparing(Sent::at)).orElseThrow().value);
        recount.put("sum", here.stream().mapToDouble(Sent::value).sum());
        recount.put("median", percentile(sorted, 0.5));
        recount.put("p05", percentile(sorted, 0.05));
        recount.put("p95", percentile(sorted, 0.95));
        if (sorted.length > 1) {
            double mean = here.stream().mapToDouble(Sent::value).average().orElseThrow();
            recount.put("stddev", Math.sqrt(here.stream().mapToDouble(one -> (one.value - mean) * (one.value - mean)).sum() / (sorted.length - 1)));
        }
        return recount;
    }

    private static double percentile(double[] sorted, double part) {
        double place = part * (sorted.length - 1);
        int below = (int) place;
        return below + 1 == sorted.length ? sorted[below] : sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
    }

    private static Double rate(List<Sent> sent, Instant lookBack, Instant from, Instant until) {
        Double total = null;
        for (List<Sent> ofSensor : sent.stream().filter(one -> !one.at.isBefore(lookBack)).collect(Collectors.groupingBy(Sent::sensor)).values()) {
            double increase = 0;
            double seconds = 0;
            for (int i = 1; i < ofSensor.size(); i++) {
                Sent before = ofSensor.get(i - 1);
                Sent one = ofSensor.get(i);
                if (!one.at.isBefore(from) && one.at.isBefore(until)) {
                    increase += one.value >= before.value ? one.value - before.value : one.value;
                    seconds += Duration.between(before.at, one.at).toSeconds();
                }
            }
            if (seconds > 0) {
                total = (total == null ? 0 : total) + increase / seconds;
            }
        }
        return total;
    }

    @ParameterizedTest
    @CsvSource({"1h,sensor", "6h,all", "1d,location"})
    void theFirstAndLastOfWholeHoursFromRollupsAreThoseOfTheReadings(String interval, String by) {
        String query = "from=2026-03-27T00:00:00Z&to=2026-04-02T00:00:00Z&interval=" + interval + "&by=" + by + "&agg=";
        JsonNode ofReadings = meters(query + "median,first,last").path("data");
        JsonNode ofHours = meters(query + "first,last").path("data");
        assertEquals(ofReadings.findValuesAsText("first"), ofHours.findValuesAsText("first"));
        assertEquals(ofReadings.findValuesAsText("last"), ofHours.findValuesAsText("last"));
        assertFalse(ofHours.get(0).path("points").get(0).has("median"));
    }

    @Test
    void aChartHasOnlyTheAggregatesThatWereAskedForInTheirOrder() {
        String range = "from=2026-03-28T05:00:00Z&to=2026-03-28T06:00:00Z&interval=1h&sensor_id=huge&sensor_id=forgotten&sensor_id=nobody";
        assertEquals("time,avg,min,max,count,p95,first", api.get("/data/series?metric=energy&" + range + "&agg=p95,first,p95&format=csv").body().lines().findFirst().orElseThrow());
        assertEquals(List.of("time", "avg", "min", "max", "count"), names(series(range)));
        assertEquals(List.of("time", "avg", "min", "max", "count", "sum", "rate"), names(series(range + "&agg=sum&agg=rate")));
        JsonNode error = contract.error(api.get("/data/series?metric=energy&agg=mean"), 400);
        assertEquals("agg must be one of first, last, sum, median, p05, p95, stddev, rate, direction; got 'mean'", error.path("message").asText());
    }

    private static List<String> names(JsonNode series) {
        List<String> names = new ArrayList<>();
        series.path("data").get(0).path("points").get(0).fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void anAggregateBeyondTheLargestNumberIsNullAndOthersOfHugeValuesAreExact() {
        for (String interval : List.of("1h", "30m")) {
            JsonNode point = series("from=2026-03-28T05:00:00Z&to=2026-03-28T05:30:00Z&sensor_id=huge&interval=" + interval + "&agg=" + ALL).path("data").get(0).path("points").get(0);
            assertEquals(5, point.path("count").asInt());
            assertEquals(1.7e308, point.path("first").asDouble());
            assertEquals(1.7e308, point.path("median").asDouble());
            assertEquals(-1.02e308, point.path("p05").asDouble(), 1e296);
            // Falls once, to a number below 0, and rises once by twice the largest, within four seconds.
            assertEquals(1.7e308 / 4, point.path("rate").asDouble(), 1e296);
            assertTrue(point.path("sum").isNull() && point.path("stddev").isNull(), point.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"350 10, 0", "10 20, 15", "90 180 270, 180", "-90, 270", "725 5, 5", "0, 0", "359.5 0.5, 0", "240 300, 270", "0 180,", "0 120 240,"})
    void theMeanOfDirectionsIsThatOfTheirVectors(String degrees, Double mean) {
        String sensor = "vane-" + degrees.replace(' ', '-');
        String[] values = degrees.split(" ");
        long before = database.readings();
        try (Readings devices = new Readings(SETTINGS)) {
            devices.sendTo(SETTINGS.text("topic.name"), IntStream.range(0, values.length).mapToObj(i -> json(new Sent(sensor, START.plusSeconds(i), Double.parseDouble(values[i])))).toList());
            database.awaitReadings(before + values.length);
        }
        JsonNode point = series("from=2026-03-28T05:00:00Z&to=2026-03-28T06:00:00Z&interval=1h&agg=direction&sensor_id=" + sensor).at("/data/0/points/0");
        assertEquals(values.length, point.path("count").asInt());
        if (mean == null) {
            assertTrue(point.path("direction").isNull(), point.toString());
        } else {
            assertEquals(mean, point.path("direction").asDouble(-1), 1e-9);
            assertTrue(point.path("direction").asDouble() < 360);
        }
    }

    @Test
    void aMetricThatIsDeclaredADirectionHasNoArithmeticMean() {
        database.run("INSERT INTO metric_declaration (tenant, metric, unit, kind) VALUES ('default', 'energy', '°', 'direction')");
        try {
            String range = "from=2026-03-28T05:00:00Z&to=2026-03-28T06:00:00Z&interval=1h&sensor_id=equal";
            JsonNode answer = series(range + "&agg=direction");
            assertEquals("° direction", answer.path("unit").asText() + " " + answer.path("kind").asText());
            JsonNode point = answer.at("/data/0/points/0");
            assertTrue(point.path("avg").isNull(), point.toString());
            assertEquals(7.1, point.path("direction").asDouble(), 1e-9);
            assertEquals(7.1, point.path("max").asDouble());
            assertTrue(api.get("/data/series?metric=energy&format=csv&" + range).body().contains("Z,,7.1,7.1,9"));
            JsonNode overall = contract.valid(api.get("/data/stats?sensor_id=equal"), "Stats").at("/data/overall");
            assertTrue(overall.path("avg_energy").isNull(), overall.toString());
            assertEquals(50, overall.path("avg_humidity").asDouble());
        } finally {
            database.run("DELETE FROM metric_declaration");
        }
        assertEquals("null gauge", series("sensor_id=equal").path("unit") + " " + series("sensor_id=equal").path("kind").asText());
    }

    @Test
    void equalValuesDoNotDeviate() {
        JsonNode point = series("from=2026-03-28T05:00:00Z&to=2026-03-28T06:00:00Z&sensor_id=equal&interval=1h&agg=stddev,median").path("data").get(0).path("points").get(0);
        assertEquals(9, point.path("count").asInt());
        assertEquals(0, point.path("stddev").asDouble(-1));
        assertEquals(7.1, point.path("median").asDouble());
    }

    @Test
    void anIntervalOfThousandsOfYearsHasAllAggregates() {
        JsonNode points = meters("from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z&interval=5000y&agg=" + ALL).path("data").get(0).path("points");
        assertEquals(1, points.size());
        assertEquals(SENT.size(), points.get(0).path("count").asInt());
        assertTrue(points.get(0).path("rate").isNumber(), points.toString());
    }

    @Test
    void whereReadingsHaveExpiredAggregatesAreNullInsteadOfThoseOfTheRest() {
        String hour = "from=2026-03-28T05:00:00Z&to=2026-03-28T06:00:00Z&sensor_id=forgotten&interval=1h&agg=";
        assertEquals(2, series(hour + "median").path("data").get(0).path("points").get(0).path("median").asDouble());
        // Until then, points are computed from the readings as well.
        Awaitility.await().until(() -> "0".equals(database.ask("SELECT count(*) FROM batch WHERE NOT rolled_up")));
        database.run("DELETE FROM reading WHERE at = '%s' AND series_id = (SELECT series_id FROM series WHERE sensor_id = 'forgotten')".formatted(START));
        JsonNode point = series(hour + ALL).path("data").get(0).path("points").get(0);
        assertEquals(3, point.path("count").asInt());
        assertEquals(6, point.path("sum").asDouble());
        assertTrue(point.path("median").isNull() && point.path("first").isNull() && point.path("last").isNull(), point.toString());
        JsonNode ends = series(hour + "first,last").path("data").get(0).path("points").get(0);
        assertTrue(ends.path("first").isNull(), ends.toString());
        assertEquals(3, ends.path("last").asDouble());
    }

    @Test
    void tooManyReadingsAreToldWithWhatIsAllowed() {
        Map<String, Object> question = Map.of("agg", new String[] {"median"}, "bounds", new Long[] {0L, 3600L});
        RequestError error = assertThrows(RequestError.class, () -> Aggregates.select(null, null, question, 600_001));
        assertEquals("too_many_readings", error.getCode());
        assertEquals("median would be computed from 600,001 readings, 600,000 are allowed; ask for less time or for fewer sensors", error.getMessage());
    }
}
