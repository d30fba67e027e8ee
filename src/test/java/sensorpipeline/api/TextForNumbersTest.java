package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.consumer.SeriesNumbers;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** A device that sends text where it usually sends a number: the reading is stored, and the text is counted once and shown. */
class TextForNumbersTest {

    private static final Settings SETTINGS = Servers.settings().with("rollup.interval", 200);
    private static final String TOPIC = SETTINGS.text("topic.name");
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final Database DATABASE = new Database(SETTINGS);
    private static final Instant TIME = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(100);
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
        DEVICES.close();
    }

    @BeforeEach
    void empty() {
        DEVICES.awaitDone();
        DATABASE.empty();
        DATABASE.run("DELETE FROM series");
        PIPELINE.camel().getRegistry().lookupByNameAndType("seriesNumbers", SeriesNumbers.class).forget();
    }

    /** Sends records of one partition, in one batch or more, and waits until all are stored. */
    private static void send(String... records) {
        DEVICES.storeInOrder(TOPIC, records);
    }

    private static String reading(int second, String fields) {
        return "{\"sensor_id\":\"thermometer\",\"timestamp\":\"%s\",%s}".formatted(TIME.plusSeconds(second), fields);
    }

    /** @return metric and count of each row, with the text of no sensor but this */
    private static String counted() {
        return DATABASE.ask("SELECT string_agg(metrics[position] || ' ' || readings, ', ' ORDER BY metrics[position]) FROM text_for_number JOIN series USING (series_id)");
    }

    @Test
    void theReadingIsStoredAndTheTextIsCountedAndShown() {
        send(reading(0, "\"temperature\":20.5,\"humidity\":40"));
        double before = total();
        send(reading(1, "\"temperature\":\"20.6 C\",\"humidity\":41"), reading(2, "\"temperature\":\"15.5\",\"metrics\":{\"humidity\":\"wet\",\"co2\":400}"));
        assertEquals("3", DATABASE.ask("SELECT count(*) FROM reading"));
        assertEquals("41 {\"temperature\": \"20.6 C\"}", DATABASE.ask("SELECT value || ' ' || attributes FROM measurements JOIN readings USING (tenant, sensor_id, at) WHERE at = '" + TIME.plusSeconds(1) + "'"));
        assertEquals("humidity 1, temperature 2", counted());
        assertEquals(3, total() - before);
        // Answers are kept for a second.
        Awaitility.await().untilAsserted(() -> {
            JsonNode sensor = contract.valid(api.get("/sensors"), "Sensors").at("/data/0");
            assertEquals("[\"text_for_number\"]", sensor.path("odd").toString());
            assertEquals("humidity 1, temperature 2", StreamSupport.stream(sensor.path("texts_for_numbers").spliterator(), false)
                    .map(text -> text.path("metric").asText() + " " + text.path("readings")).collect(Collectors.joining(", ")));
            JsonNode pipeline = contract.valid(api.get("/pipeline"), "PipelineState").at("/data/texts_for_numbers");
            assertEquals("3 1 thermometer temperature 2", "%d %d %s %s %d".formatted(pipeline.path("readings").asInt(), pipeline.path("sensors").asInt(),
                    pipeline.at("/most/0/sensor_id").asText(), pipeline.at("/most/0/metric").asText(), pipeline.at("/most/0/readings").asInt()));
        });
    }

    private static double total() {
        return new Http(PIPELINE.port("management.port")).get("/observe/metrics").body().lines()
                .filter(line -> line.startsWith("sensor_pipeline_texts_for_numbers_total")).mapToDouble(line -> Double.parseDouble(line.split(" ")[1])).sum();
    }

    private static int shown() {
        return contract.valid(api.get("/pipeline"), "PipelineState").at("/data/texts_for_numbers/readings").asInt(-1);
    }

    @Test
    void theNumberMayComeInTheSameBatchAfterTheText() {
        send(reading(0, "\"temperature\":\"hot\",\"humidity\":41"), reading(1, "\"temperature\":20"));
        assertEquals("temperature 1", counted());
    }

    @Test
    void otherTextAndNamesThatAreMadeUpAreNotCounted() {
        send(reading(0, "\"temperature\":20,\"unit\":\"C\",\"note\":null,\"list\":[\"temperature\"],\"humidity\":{\"temperature\":\"x\"}"));
        for (int i = 1; i < 50; i++) {
            send(reading(i, "\"temperature\":20,\"made-up-%d\":\"text\"".formatted(i)));
        }
        assertEquals(null, counted());
        Awaitility.await().untilAsserted(() -> {
            assertEquals("[]", contract.valid(api.get("/sensors"), "Sensors").at("/data/0/odd").toString());
            assertEquals(0, shown());
        });
    }

    @Test
    void whatIsSentAgainCountsOnceOnEachWayIntoTheStore() {
        String copied = reading(10, "\"temperature\":\"hot\",\"humidity\":41");
        String late = reading(5, "\"temperature\":\"warm\",\"humidity\":41");
        String completing = reading(0, "\"humidity\":40,\"temperature\":\"cold\"");
        send(reading(0, "\"co2\":400"), reading(1, "\"temperature\":20.5,\"humidity\":40"));
        for (int i = 0; i < 2; i++) {
            send(copied);
            send(late);
            send(completing);
            assertEquals("temperature 3", counted());
        }
        assertEquals("4", DATABASE.ask("SELECT count(*) FROM reading"));
    }

    @Test
    void otherTenantsDoNotSeeIt() {
        DEVICES.sendTo(TOPIC + ".acme", List.of(reading(0, "\"temperature\":20"), reading(1, "\"temperature\":\"hot\",\"humidity\":41")));
        DATABASE.awaitReadings(2);
        assertEquals("temperature 1", counted());
        Awaitility.await().untilAsserted(() -> assertEquals(0, shown()));
    }
}
