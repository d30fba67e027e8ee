package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Pages of the readings of all sensors are those of a recount, whether they lie together on disk or not, wherever they begin and end. */
class PagesOfManySensorsTest {

    private static final int SENSORS = 60;
    private static final int ROUNDS = 40;

    private final Settings settings = Servers.settings();
    private final Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER, Services.API));
    private final Database database = new Database(settings);
    private final Readings devices = new Readings(settings);
    private final Random random = new Random(11);
    private final Instant start = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(3));
    private int sent;
    private Http api;

    @BeforeEach
    void start() throws Exception {
        pipeline.start();
        api = new Http(pipeline.port("api.port"));
    }

    @AfterEach
    void stop() {
        devices.close();
        pipeline.close();
    }

    /** A reading of each sensor every three minutes, with a break in between: those of a round at one moment or one after another. */
    private void send(String tenant, int round, boolean atOneMoment) {
        List<String> records = new ArrayList<>();
        Instant time = start.plusSeconds(180L * round + (round < ROUNDS / 2 ? 0 : 3000));
        for (int sensor = 0; sensor < SENSORS; sensor++) {
            records.add(Readings.json("s" + sensor, (atOneMoment ? time : time.plusMillis(1000 * sensor + random.nextInt(1000)).plusNanos(1000L * (sent / SENSORS))).toString(), 1));
        }
        devices.sendTo(settings.text("topic.name") + tenant, records);
        sent += SENSORS;
        database.awaitReadings(sent);
    }

    private List<String> walk(String question) {
        List<String> all = new ArrayList<>();
        String cursor = null;
        do {
            JsonNode page = Http.json(api.get("/data/readings?" + question + (cursor == null ? "" : "&cursor=" + cursor)));
            page.path("data").forEach(reading -> all.add(reading.path("sensor_id").asText() + " " + Instant.parse(reading.path("timestamp").asText())));
            cursor = page.path("next").textValue();
        } while (cursor != null);
        return all;
    }

    private void assertEqualARecount() {
        for (int i = 0; i < 12; i++) {
            Instant from = start.plusMillis(random.nextInt(12_000_000));
            Instant to = from.plusMillis(1 + random.nextInt(12_000_000));
            String order = i % 2 == 0 ? "asc" : "desc";
            // Every third has one end only, or none.
            String range = i % 3 == 0 ? "" : i % 3 == 1 ? "&from=" + from : "&from=" + from + "&to=" + to;
            String expected = database.ask("""
                    SELECT coalesce(string_agg(sensor_id || ' ' || iso_8601(at), ',' ORDER BY at %1$s, series_id %1$s), '') FROM reading JOIN series USING (series_id)
                    WHERE tenant = 'default' AND at >= '%2$s' AND at < '%3$s'""".formatted(order, i % 3 == 0 ? "-infinity" : from, i % 3 == 2 ? to : "infinity"));
            List<String> all = expected.isEmpty() ? List.of() : List.of(expected.split(","));
            assertEquals(all.stream().map(one -> one.split(" ")[0] + " " + Instant.parse(one.split(" ")[1])).toList(),
                    walk("limit=" + (3 + random.nextInt(50)) + "&order=" + order + range), order + range);
        }
    }

    private String liesTogether(String order) {
        return database.ask("""
                SELECT count(*) FROM page_of_all(CASE set_config('pipeline.tenant', 'default', false) WHEN 'default' THEN 10 END, '%s', NULL, %s, NULL, NULL)"""
                .formatted(start.plusSeconds(1000), order));
    }

    @Test
    void ofSensorsThatSendInTurn() {
        for (int round = 0; round < ROUNDS; round++) {
            send("", round, false);
        }
        assertEquals("10, 10", liesTogether("true") + ", " + liesTogether("false"));
        assertEqualARecount();
    }

    @Test
    void ofSensorsThatSendAtTheSameMomentBesideAnotherTenant() {
        for (int round = 0; round < ROUNDS; round++) {
            send("", round, true);
            send(".acme", round, round % 2 == 0);
        }
        assertEqualARecount();
    }

    @Test
    void ofSensorsSomeOfWhichAreLateAndSomeOfWhoseReadingsHaveBeenDropped() {
        for (int round = 0; round < ROUNDS; round++) {
            boolean isLate = random.nextInt(3) == 0;
            send("", isLate ? round / 2 : round, !isLate && round % 4 == 0);
        }
        assertEqualARecount();
        database.run("DELETE FROM reading WHERE at > '%s' AND series_id %% 3 <> 0".formatted(start.plusSeconds(5400)));
        assertEqualARecount();
    }
}
