package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.apache.camel.api.management.ManagedCamelContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Recount;
import sensorpipeline.support.Servers;

/** A value outside of the plausible range of its metric is in no statistics, and not lost. */
class PlausibleRangesTest {

    private static final Settings SETTINGS = Servers.settings().with("store.plausible.interval", 50);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final String TOPIC = SETTINGS.text("topic.name");
    private static final Instant TIME = Instant.parse("2025-01-15T10:30:00Z");
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final Database DATABASE = new Database(SETTINGS);
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
        DATABASE.run("DELETE FROM dead_letter");
        PIPELINE.camel().getRegistry().lookupByNameAndType("seriesNumbers", SeriesNumbers.class).forget();
        declare("temperature", "{\"min_plausible\":-60,\"max_plausible\":85}");
    }

    /** Declares a metric, and waits until it applies. */
    private static void declare(String metric, String declaration) {
        contract.valid(api.call("PUT", "/metrics/" + metric, HttpRequest.BodyPublishers.ofString(declaration), "Content-Type", "application/json"), "DeclaredMetric");
        long before = reloads();
        // The second one that ends from now on certainly began after the declaration.
        Awaitility.await().until(() -> reloads() >= before + 2);
    }

    private static long reloads() {
        return PIPELINE.camel().getCamelContextExtension().getContextPlugin(ManagedCamelContext.class).getManagedRoute("reload-plausible-ranges").getExchangesCompleted();
    }

    private static void send(String... records) {
        DEVICES.storeInOrder(TOPIC, records);
    }

    private static String reading(int second, String fields) {
        return "{\"sensor_id\":\"probe\",\"timestamp\":\"%s\",%s}".formatted(TIME.plusSeconds(second), fields);
    }

    private static String counted() {
        return DATABASE.ask("SELECT string_agg(metrics[position] || ' ' || readings || CASE WHEN is_implausible THEN '' ELSE ' text' END, ', ' ORDER BY metrics[position], is_implausible) FROM text_for_number JOIN series USING (series_id)");
    }

    private static String attributes(int second) {
        return DATABASE.ask("SELECT attributes::text FROM reading WHERE at = '" + TIME.plusSeconds(second) + "'");
    }

    @Test
    void theValueIsAnAttributeAndTheReadingKeepsItsOthers() {
        declare("pressure", "{\"min_plausible\":0.5}");
        send(reading(0, "\"temperature\":20.5,\"humidity\":40"), reading(1, "\"temperature\":-999,\"humidity\":41,\"note\":\"\\u00fc\""),
                reading(2, "\"humidity\":42,\"temperature\":1e30,\"pressure\":0.25"), reading(3, "\"temperature\":85,\"humidity\":43"), reading(4, "\"temperature\":-60,\"humidity\":\"wet\""));
        assertEquals("5", DATABASE.ask("SELECT count(*) FROM reading"));
        assertEquals("{\"note\": \"ü\", \"temperature\": -999}", attributes(1));
        assertEquals("{\"pressure\": 0.25, \"temperature\": 1000000000000000000000000000000}", attributes(2));
        assertEquals("humidity 1 text, pressure 1, temperature 2", counted());
        JsonNode overall = contract.valid(api.get("/data/stats"), "Stats").at("/data/overall");
        assertEquals("5 readings, 3 from -60.0 to 85.0", "%d readings, %d from %s to %s".formatted(overall.path("total_events").asInt(), overall.path("count_temperature").asInt(),
                overall.path("min_temperature").asDouble(), overall.path("max_temperature").asDouble()));
        Recount.assertEqual(DATABASE);
        JsonNode sensor = contract.valid(api.get("/sensors"), "Sensors").at("/data/0");
        assertEquals("[\"clock_slow\",\"text_for_number\",\"implausible_value\"]", sensor.path("odd").toString());
        assertEquals("pressure", sensor.at("/implausible_values/0/metric").asText());
        assertEquals(2, sensor.at("/implausible_values/1/readings").asInt());
        assertEquals(1, sensor.path("texts_for_numbers").size());
        JsonNode pipeline = contract.valid(api.get("/pipeline"), "PipelineState").path("data");
        assertEquals("3 of 1 sensors, most temperature", "%d of %d sensors, most %s".formatted(pipeline.at("/implausible_values/readings").asInt(),
                pipeline.at("/implausible_values/sensors").asInt(), pipeline.at("/implausible_values/most/0/metric").asText()));
        assertEquals(1, pipeline.at("/texts_for_numbers/readings").asInt());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{\"min_plausible\":-60,\"max_plausible\":85} | between -60 and 85 | -999",
            "{\"max_plausible\":85.5} | at most 85.5 | 1000000",
            "{\"min_plausible\":0} | at least 0 | -0.5"})
    void aReadingWithoutAPlausibleValueIsADeadLetterAndCanBeReplayedOnceItIsPlausible(String declaration, String allowed, String value) {
        declare("temperature", declaration);
        send(reading(0, "\"temperature\":" + value), reading(1, "\"temperature\":20"));
        assertEquals("implausible: temperature must be %s, as declared for this metric; got %s".formatted(allowed, value), DATABASE.ask("SELECT reason FROM dead_letter"));
        assertEquals("1", DATABASE.ask("SELECT count(*) FROM reading"));
        declare("temperature", "{\"min_plausible\":-1e9,\"max_plausible\":1e9}");
        assertEquals(202, api.post("/dead-letters/replay", "{\"reason\":\"implausible\"}").statusCode());
        DATABASE.awaitReadings(2);
        assertEquals(value, DATABASE.ask("SELECT \"values\"[1] FROM reading WHERE at = '" + TIME + "'").replace("1e+06", "1000000"));
    }

    @Test
    void whatIsSentAgainCountsOnceOnEachWayIntoTheStore() {
        String copied = reading(10, "\"temperature\":-999,\"humidity\":41");
        String late = reading(5, "\"temperature\":999,\"humidity\":41");
        String completing = reading(0, "\"humidity\":40,\"temperature\":86");
        send(reading(0, "\"co2\":400"), reading(1, "\"temperature\":20.5,\"humidity\":40"));
        for (int i = 0; i < 2; i++) {
            send(copied);
            send(late);
            send(completing);
            assertEquals("temperature 3", counted());
        }
        assertEquals("4", DATABASE.ask("SELECT count(*) FROM reading"));
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM dead_letter"));
        Recount.assertEqual(DATABASE);
    }

    @Test
    void aSensorThatNeverSentAPlausibleValueIsToldToo() {
        send(reading(0, "\"temperature\":-999,\"humidity\":40"));
        assertEquals("temperature 1", counted());
        assertEquals(0, contract.valid(api.get("/data/stats"), "Stats").at("/data/overall/count_temperature").asInt());
    }

    @Test
    void otherTenantsDecideForThemselves() {
        DEVICES.sendTo(TOPIC + ".acme", List.of(reading(0, "\"temperature\":-999")));
        DATABASE.awaitReadings(1);
        assertNull(counted());
        assertEquals("-999", DATABASE.ask("SELECT \"values\"[1] FROM reading"));
    }
}
