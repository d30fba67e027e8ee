package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
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
import sensorpipeline.support.Servers;

/** The newest readings of all sensors are those of a recount, whatever part of them is in the statistics. */
class NewestReadingsTest {

    private static final String LATEST = "sort_time(at, received_at) DESC, at DESC, series_id DESC";
    private static final String IN_ORDER = "at DESC, series_id DESC";

    private final Settings settings = Servers.settings();
    private final Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER, Services.API));
    private final Database database = new Database(settings);
    private final Readings devices = new Readings(settings);
    private final Random random = new Random(7);
    private final Instant start = Instant.now().minus(Duration.ofMinutes(40));
    private final Set<String> sent = new HashSet<>();
    private Contract contract;
    private Http api;

    @BeforeEach
    void start() throws Exception {
        pipeline.start();
        api = new Http(pipeline.port("api.port"));
        contract = new Contract(api);
    }

    @AfterEach
    void stop() {
        devices.close();
        pipeline.close();
    }

    private void send(String tenant, int sensors, int readings, int round) {
        List<String> records = new ArrayList<>();
        for (int i = 0; i < readings; i++) {
            int sensor = random.nextInt(sensors);
            Duration ahead = sensor % 17 != 0 ? Duration.ZERO : sensor % 2 == 0 ? Duration.ofMinutes(25) : Duration.ofHours(20);
            // Some are late, and many send at the same time, to the second.
            Duration late = random.nextInt(10) == 0 ? Duration.ofMinutes(random.nextInt(300)) : Duration.ZERO;
            Duration time = ahead.isZero() ? Duration.ofSeconds(random.nextInt(120)).minus(late) : ahead;
            records.add(Readings.json("s" + sensor, start.plusSeconds(round * 120).plus(time).toString(), 1));
            sent.add(tenant + records.get(i));
        }
        devices.sendTo(settings.text("topic.name") + tenant, records);
    }

    private void assertEqualARecount(int limit) {
        for (String[] asked : new String[][] {{"/data/latest?", LATEST, "Latest"}, {"/data/readings?order=desc&", IN_ORDER, "Readings"}}) {
            List<String> answer = StreamSupport.stream(contract.valid(api.get(asked[0] + "limit=" + limit), asked[2]).path("data").spliterator(), false).map(NewestReadingsTest::line).toList();
            String recounted = database.ask("""
                    SELECT string_agg(sensor_id || ' ' || iso_8601(at), ',' ORDER BY %1$s)
                    FROM (SELECT * FROM reading JOIN series USING (series_id) WHERE tenant = 'default' ORDER BY %1$s LIMIT %2$d) AS newest""".formatted(asked[1], limit));
            List<String> expected = Arrays.stream(recounted.split(",")).map(one -> one.split(" ")[0] + " " + Instant.parse(one.split(" ")[1])).toList();
            assertEquals(expected, answer, asked[0] + " " + limit);
        }
    }

    private void awaitRolledUp() {
        Awaitility.await().until(() -> database.ask("SELECT count(*) FROM batch WHERE NOT rolled_up").equals("0"));
    }

    private static String line(JsonNode reading) {
        return reading.path("sensor_id").asText() + " " + Instant.parse(reading.path("timestamp").asText());
    }

    @Test
    void ofManySensorsWithFastClocksAndLateReadings() {
        for (int round = 0; round < 20; round++) {
            send("", 300, 400, round);
            send(".acme", 50, 100, round);
            database.awaitReadings(sent.size());
            if (round % 4 == 3) {
                awaitRolledUp();
            }
            for (int limit : new int[] {1, 10, 1 + random.nextInt(60), 200, 1000}) {
                assertEqualARecount(limit);
            }
        }
    }

    @Test
    void whereMostSensorsHaveBeenSilentForLongAndAFewSendOften() {
        devices.send(IntStream.range(0, 30).mapToObj(i -> Readings.json("old" + i, start.minus(Duration.ofDays(400 + i)).toString(), i)).toArray(String[]::new));
        send("", 3, 3000, 0);
        database.awaitReadings(30 + sent.size());
        awaitRolledUp();
        for (int limit : new int[] {1, 2, 5, 31, 32, 500}) {
            assertEqualARecount(limit);
        }
    }

    @Test
    void includeThoseOfAClockThatWasFastAndIsRightAgain() {
        Instant now = Instant.now();
        devices.send(Readings.json("corrected", now.plusSeconds(90).toString(), 1));
        database.awaitReadings(1);
        devices.send(Readings.json("corrected", now.toString(), 2), Readings.json("other", now.minusSeconds(10).toString(), 3));
        database.awaitReadings(3);
        awaitRolledUp();
        // A minute earlier may be another hour.
        database.run("UPDATE reading SET received_at = received_at - interval '3 minutes', at = at - interval '60 seconds' WHERE \"values\" = '{1}'; SELECT recount(now() - interval '1 hour', now() + interval '1 hour')");
        assertEqualARecount(1);
        assertEqualARecount(2);
    }

    @Test
    void areOlderOnesWhereNewerOnesHaveBeenDropped() {
        devices.send(IntStream.range(0, 20).mapToObj(i -> Readings.json("s" + i, start.minus(Duration.ofDays(3)).toString(), i)).toArray(String[]::new));
        devices.send(IntStream.range(0, 20).mapToObj(i -> Readings.json("s" + i, start.toString(), i)).toArray(String[]::new));
        database.awaitReadings(40);
        awaitRolledUp();
        database.run("DELETE FROM reading WHERE at >= '%s' AND series_id %% 2 = 0".formatted(start));
        for (int limit : new int[] {1, 15, 20, 25}) {
            assertEqualARecount(limit);
        }
    }

    @Test
    void areNotThoseOfTheOnlyOtherTenant() {
        send(".acme", 5, 50, 0);
        database.awaitReadings(sent.size());
        for (String path : List.of("/data/latest", "/data/readings", "/data/readings?order=desc&limit=5", "/sensors")) {
            assertEquals(0, Http.json(api.get(path)).path("data").size(), path);
        }
        assertEquals(0, Http.json(api.get("/data/stats")).path("data").path("overall").path("total_events").asLong());
    }
}
