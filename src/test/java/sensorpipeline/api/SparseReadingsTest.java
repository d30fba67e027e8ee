package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

/** Answers about sensors that send some of their metrics at a time: each metric has its own readings, and no reading has a value that it was not sent with. */
class SparseReadingsTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    /** Within one hour. */
    private static final Instant START = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(2, ChronoUnit.HOURS);
    private static final int COUNT = 400;
    private static final List<String> METRICS = List.of("a", "b", "c", "d", "e", "f");
    private static Http api;
    private static Contract contract;
    /** Values by sensor, time and metric. */
    private static final List<Sent> SENT = new ArrayList<>();

    /** A value as it was sent; the time in seconds after START. */
    private record Sent(String sensor, int second, String metric, int value) {
    }

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        Random random = new Random(5);
        List<String> records = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            List<String> metrics = new ArrayList<>(METRICS);
            Collections.shuffle(metrics, random);
            for (String metric : metrics.subList(0, 1 + random.nextInt(4))) {
                Sent value = new Sent("s" + i % 3, i * 5, metric, random.nextInt(1000));
                SENT.add(value);
                // Some readings come in several records.
                records.add("{\"sensor_id\":\"%s\",\"location\":\"hall\",\"%s\":%d,\"timestamp\":\"%s\"}".formatted(value.sensor, metric, value.value, START.plusSeconds(value.second)));
            }
        }
        // Case 30: one sensor at two locations.
        for (int second = 0; second < 10; second++) {
            records.add("{\"sensor_id\":\"moved\",\"location\":\"%s\",\"%s\":%d,\"timestamp\":\"%s\"}"
                    .formatted(second == 0 ? "A" : "B", second < 2 ? "temperature" : "humidity", second == 0 ? 10 : 30, START.plusSeconds(second)));
        }
        Collections.shuffle(records, random);
        try (Readings devices = new Readings(SETTINGS)) {
            for (int from = 0; from < records.size(); from += 300) {
                devices.sendTo(SETTINGS.text("topic.name"), records.subList(from, Math.min(records.size(), from + 300)));
                devices.awaitDone();
            }
        }
        assertEquals(COUNT + 10, new Database(SETTINGS).readings());
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static JsonNode data(String call, String schema) {
        return contract.valid(api.get(call), schema).path("data");
    }

    private static List<Sent> values(JsonNode readings) {
        List<Sent> values = new ArrayList<>();
        for (JsonNode reading : readings) {
            int second = (int) START.until(Instant.parse(reading.path("timestamp").asText()), ChronoUnit.SECONDS);
            METRICS.forEach(metric -> {
                if (reading.has(metric)) {
                    values.add(new Sent(reading.path("sensor_id").asText(), second, metric, reading.path(metric).asInt()));
                }
            });
        }
        return values;
    }

    private static void assertSame(List<Sent> expected, List<Sent> found) {
        assertEquals(Set.copyOf(expected), Set.copyOf(found));
        assertEquals(expected.size(), found.size());
    }

    @Test
    void aReadingHasTheValuesThatItWasSentWithAndNoOthers() {
        assertSame(SENT, values(data("/data/readings?location=hall&limit=5000", "Readings")));
        assertSame(SENT, values(data("/data/latest?location=hall&limit=1000", "Latest")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "d", "f"})
    void readingsOfAMetricAreThoseThatHaveIt(String metric) {
        List<Sent> expected = SENT.stream().filter(value -> value.metric.equals(metric)).toList();
        assertSame(expected, values(data("/data/readings?limit=5000&metric=" + metric, "Readings")));
        assertSame(expected, values(data("/data/latest?limit=1000&metric=" + metric, "Latest")));
        JsonNode newest = data("/data/latest?limit=7&metric=" + metric, "Latest");
        assertEquals(expected.stream().map(Sent::second).sorted(Collections.reverseOrder()).limit(7).toList(), values(newest).stream().map(Sent::second).toList());
    }

    @Test
    void theTableOfAnExportHasAnEmptyCellWhereAReadingLacksAMetric() {
        List<Sent> found = new ArrayList<>();
        List<String> lines = api.get("/data/readings?location=hall&format=csv").body().lines().toList();
        List<String> names = List.of(lines.get(0).split(","));
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            assertEquals(names.size(), cells.length);
            for (String metric : METRICS) {
                String cell = cells[names.indexOf(metric)];
                if (!cell.isEmpty()) {
                    found.add(new Sent(cells[0], (int) START.until(Instant.parse(cells[2]), ChronoUnit.SECONDS), metric, Integer.parseInt(cell)));
                }
            }
        }
        assertSame(SENT, found);
    }

    @Test
    void statisticsCountEachMetricByItselfAndEachReadingOnce() {
        JsonNode stats = data("/data/stats?location=hall", "Stats");
        assertEquals(COUNT, stats.path("overall").path("total_events").asInt());
        for (String metric : METRICS) {
            var expected = SENT.stream().filter(value -> value.metric.equals(metric)).mapToInt(Sent::value).summaryStatistics();
            JsonNode ofMetric = data("/data/stats?location=hall&metric=" + metric, "Stats");
            assertEquals(expected.getCount(), ofMetric.path("overall").path("total_events").asLong());
            for (JsonNode overall : List.of(stats.path("overall"), ofMetric.path("overall"))) {
                assertEquals(expected.getCount(), overall.path("count_" + metric).asLong());
                assertEquals(expected.getAverage(), overall.path("avg_" + metric).asDouble(), 1e-9);
                assertEquals(expected.getMin(), overall.path("min_" + metric).asInt());
                assertEquals(expected.getMax(), overall.path("max_" + metric).asInt());
            }
            var seconds = SENT.stream().filter(value -> value.metric.equals(metric)).mapToInt(Sent::second).summaryStatistics();
            assertEquals(START.plusSeconds(seconds.getMin()), Instant.parse(ofMetric.path("overall").path("first_reading").asText()));
            assertEquals(START.plusSeconds(seconds.getMax()), Instant.parse(ofMetric.path("overall").path("last_reading").asText()));
        }
        for (JsonNode sensor : data("/sensors?location=hall", "Sensors")) {
            long readings = SENT.stream().filter(value -> value.sensor.equals(sensor.path("sensor_id").asText())).map(Sent::second).distinct().count();
            assertEquals(readings, sensor.path("readings").asLong());
            assertEquals(METRICS.size(), sensor.path("metrics").size());
        }
    }

    /** From within an hour on: what the whole hours have is of no use. */
    @ParameterizedTest
    @ValueSource(ints = {7, 600, 1203, 1990})
    void statisticsOfAllFromWithinAnHourOnCountEachMetricByItselfAndEachReadingOnce(int from) {
        List<Sent> sent = SENT.stream().filter(value -> value.second >= from).toList();
        JsonNode stats = data("/data/stats?from=" + START.plusSeconds(from), "Stats");
        long readings = sent.stream().map(value -> value.sensor + value.second).distinct().count();
        assertEquals(readings + Math.max(0, 10 - from), stats.path("overall").path("total_events").asLong());
        JsonNode hall = null;
        for (JsonNode row : stats.path("by_location")) {
            hall = "hall".equals(row.path("location").asText()) ? row : hall;
        }
        assertEquals(readings, hall.path("event_count").asLong());
        for (String metric : METRICS) {
            var expected = sent.stream().filter(value -> value.metric.equals(metric)).mapToInt(Sent::value).summaryStatistics();
            for (JsonNode row : List.of(stats.path("overall"), hall)) {
                assertEquals(expected.getCount(), row.path("count_" + metric).asLong());
                assertEquals(expected.getCount() == 0 ? 0 : expected.getAverage(), row.path("avg_" + metric).asDouble(), 1e-9);
                assertEquals(expected.getCount() == 0 ? 0 : expected.getMax(), row.path("max_" + metric).asInt());
            }
        }
        for (JsonNode row : stats.path("by_sensor")) {
            assertEquals(sent.stream().filter(value -> value.sensor.equals(row.path("sensor_id").asText()) && value.metric.equals("a")).mapToInt(Sent::value).average().orElse(0),
                    row.path("avg_a").asDouble(), 1e-9);
        }
    }

    @Test
    void pointsOfAChartAreMadeOfTheReadingsThatHaveTheMetric() {
        JsonNode series = data("/data/series?metric=c&sensor_id=s1&interval=5m&from=" + START + "&to=" + START.plusSeconds(3600), "Series");
        TreeMap<Integer, List<Integer>> expected = SENT.stream().filter(value -> value.metric.equals("c") && value.sensor.equals("s1"))
                .collect(Collectors.groupingBy(value -> value.second / 300, TreeMap::new, Collectors.mapping(Sent::value, Collectors.toList())));
        JsonNode points = series.get(0).path("points");
        assertEquals(expected.size(), IntStream.range(0, points.size()).filter(i -> points.get(i).path("count").asInt() > 0).count(), points::toString);
        assertEquals(expected.values().stream().mapToInt(List::size).sum(), IntStream.range(0, points.size()).map(i -> points.get(i).path("count").asInt()).sum());
    }

    @Test
    void aSensorAtTwoLocationsIsWeightedByTheReadingsOfTheMetric() {
        long count = 0;
        double sum = 0;
        for (JsonNode row : data("/data/stats?sensor_id=moved", "Stats").path("by_sensor")) {
            count += row.path("count_temperature").asLong();
            sum += row.path("avg_temperature").asDouble() * row.path("count_temperature").asLong();
        }
        assertEquals(2, count);
        assertEquals(20, sum / count);
    }
}
