package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.database.Databases;
import sensorpipeline.database.Schema;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** A search returns the same on every PostgreSQL, in every language, and every response is JSON in one form. */
class SearchTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final List<String> SENSORS = List.of("MÜNCHEN-7", "mu\u0308nchen-8", "Straße 5", "İSTANBUL", "ΟΔΟΣ", "ＴＯＫＹＯ", "ÅNGSTRÖM", "a+b");
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        try (Readings devices = new Readings(SETTINGS)) {
            devices.sendTo(SETTINGS.text("topic.name"), SENSORS.stream().map(sensor -> Readings.json(sensor, Instant.now().toString(), 1)).toList());
            devices.send("{\"sensor_id\":\"x\",\"GRÖSSE\":\"ΣΟΣ\",\"timestamp\":\"2025-01-15T10:30:00Z\"}", "{\"sensor_id\": \"y", "no \\u0000 JSON");
            new Database(SETTINGS).awaitReadings(SENSORS.size());
            devices.awaitDone();
        }
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"münchen, 2", "MÜNCHEN, 2", "mu\u0308NCHEN, 2", "STRASSE, 1", "straße, 1", "STRAẞE, 1", "istanbul, 1", "ISTANBUL, 1", "İstanbul, 1", "i\u0307stanbul, 1", "ıstanbul, 1",
        "οδος, 1", "οδοσ, 1", "ΟΔΟΣ, 1", "tokyo, 1", "ångström, 1", "a\u030angstrom, 0", "munchen, 0", "HALL, 8", "7hall, 0"})
    void aSearchFindsASensorInWhateverCaseAndForm(String text, int found) {
        assertEquals(found, contract.valid(api.get("/sensors?search=" + escaped(text)), "Sensors").path("count").asInt(), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'", "LOCALE_PROVIDER libc LOCALE 'C.UTF-8'", "LOCALE_PROVIDER icu ICU_LOCALE 'tr' LOCALE 'C'"})
    void aDatabaseOfAnyLocaleFoldsCaseAlike(String locale) throws Exception {
        Database here = new Database(SETTINGS);
        Settings other = SETTINGS.with("db.name", SETTINGS.text("db.name") + "_" + Integer.toHexString(locale.hashCode()));
        here.run("CREATE DATABASE " + other.text("db.name") + " TEMPLATE template0 ENCODING 'UTF8' " + locale);
        try (HikariDataSource database = Databases.schema(other)) {
            new Schema(other, database).migrate();
        }
        String folded = "SELECT string_agg(case_folded(chr(code)), ' ' ORDER BY code) FROM generate_series(32, 65000) AS code WHERE code NOT BETWEEN 55296 AND 57343";
        assertEquals(here.ask(folded), new Database(other).ask(folded));
        assertTrue(here.ask(folded).contains("ü"));
    }

    @Test
    void allSensorsAreWalkedThroughPageByPageWhetherTheCursorIsEscapedOrNot() {
        Set<String> walked = new TreeSet<>();
        String next = "";
        for (int page = 0; page < SENSORS.size(); page++) {
            var sensors = contract.valid(api.get("/sensors?limit=1" + next), "Sensors");
            walked.addAll(sensors.path("data").findValuesAsText("sensor_id"));
            next = "&cursor=" + sensors.path("next").asText();
            assertTrue(next.matches("&cursor=([A-Za-z0-9_-]+|null)"), next);
        }
        assertEquals(new TreeSet<>(SENSORS), walked);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/data/latest", "/data/stats", "/data/readings", "/data/series?metric=temperature", "/sensors", "/locations", "/metrics", "/dead-letters", "/dead-letters/1", "/pipeline", "/health", "/dead-letters?limit=0"})
    void everyAnswerIsJsonWithoutBlanksBetweenItsParts(String path) {
        String outsideOfTexts = api.get(path).body().replaceAll("\"(?:[^\"\\\\]|\\\\.)*+\"", "text");
        assertFalse(outsideOfTexts.matches("(?s).*\\s.*"), outsideOfTexts);
        assertTrue(Http.json(api.get(path)).isObject());
    }

    @Test
    void theAnswersToAReplayAndADiscardAreOfTheSameForm() {
        assertEquals("{\"status\":\"success\",\"replayed\":0,\"skipped\":{\"already_replayed\":0,\"failed_again\":0},\"remaining\":0,\"next\":null}",
                api.post("/dead-letters/replay", "{\"reason\":\"nothing such\"}").body());
        assertEquals("{\"status\":\"success\",\"discarded\":0,\"replaying\":0,\"next\":null}",
                api.post("/dead-letters/discard", "{\"reason\":\"nothing such\"}").body());
    }

    @Test
    void deadLettersAreFoundByTheirReasonInWhateverCase() {
        assertEquals(2, contract.valid(api.get("/dead-letters?reason=" + escaped("NOT VALID json")), "DeadLetters").path("count").asInt());
        assertEquals(1, contract.valid(api.get("/dead-letters?reason=" + escaped("AT LEAST ONE field")), "DeadLetters").path("count").asInt());
    }

    @Test
    void aSearchIsTheSameForEveryCharacterInUpperAndInLowerCase() {
        String wrong = Stream.of("ÄÖÜß", "ÉÈÊ", "ЖЩЫ", "ΆΈΉ", "ÇĞŞ", "ŁŻ", "ĐƠƯẠ").filter(text ->
                !new Database(SETTINGS).ask("SELECT case_folded('%s') = case_folded('%s') AND case_folded('%s') = case_folded('%s')".formatted(
                        text, text.toLowerCase(java.util.Locale.ROOT), text, text.toUpperCase(java.util.Locale.ROOT))).equals("t")).collect(Collectors.joining(" "));
        assertEquals("", wrong);
    }
}
