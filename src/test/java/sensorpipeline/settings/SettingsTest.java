package sensorpipeline.settings;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Services;

class SettingsTest {

    @Test
    void theEnvironmentWinsOverTheFile() {
        Settings settings = Settings.load(Map.of("API_PORT", "81", "UNRELATED", "x"));
        assertEquals(81, settings.port("api.port"));
        assertEquals(3000, settings.port("dashboard.port"));
        assertTrue(settings.isGiven("api.port"));
        assertFalse(settings.isGiven("dashboard.port"));
    }

    @Test
    void everySettingOfTheSpecificationHasItsNameAndDefault() {
        Settings settings = Settings.load(Map.of());
        Map.of("kafka.bootstrap.servers", "", "topic.name", "sensor-data", "db.host", "", "db.port", "5432", "db.name", "postgres",
                "db.user", "postgres", "api.base.url", "http://localhost:8080", "data.dir", "./data", "producer.sensors", "10",
                "producer.interval", "5s").forEach((key, value) -> assertEquals(value, settings.text(key), key));
        assertEquals("open", settings.text("access"));
        Map.of("api.port", 8080, "dashboard.port", 3000, "management.port", 9876, "embedded.kafka.port", 19092, "embedded.db.port", 15432)
                .forEach((key, value) -> assertEquals(value, settings.port(key), key));
    }

    @Test
    void everySettingIsDescribed() throws IOException {
        String previous = "";
        for (String line : Files.readAllLines(Path.of("resources/application.properties"))) {
            boolean isSetting = !line.isBlank() && !line.startsWith("#");
            boolean isGroup = previous.startsWith("db.") || previous.startsWith("camel.") || previous.startsWith("embedded.")
                    || previous.startsWith("kafka.") || previous.startsWith("store.batch") || previous.startsWith("retry.");
            if (isSetting && !line.startsWith("camel.")) {
                assertTrue(previous.startsWith("#") || isGroup, line);
            }
            previous = line;
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, true", "127.1.2.3, true", "::1, true", "localhost, true", "0.0.0.0, false", "10.0.0.1, false", "::, false", "127.example.org, false"})
    void onlyALoopbackAddressIsReachedByThisMachineAlone(String host, boolean isLoopback) {
        assertEquals(isLoopback, Settings.load(Map.of()).with("listen.host", host).listensOnLoopback());
    }

    @Test
    void thePasswordFileWinsOverThePassword(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("secret"), "from the file\n");
        Settings settings = Settings.load(Map.of("DB_PASSWORD", "given"));
        assertEquals("given", settings.secret("db.password"));
        assertEquals("from the file", settings.with("db.password.file", file).secret("db.password"));
    }

    @ParameterizedTest
    @CsvSource({"500, PT0.5S", "500ms, PT0.5S", "5s, PT5S", "1m, PT1M", "1h30m, PT1H30M"})
    void readsTimes(String text, Duration expected) {
        assertEquals(expected, Settings.load(Map.of("PRODUCER_INTERVAL", text)).duration("producer.interval"));
    }

    @ParameterizedTest
    @CsvSource({"''", "0", "-5s", "soon", "5 s", "5x"})
    void refusesWhatIsNoTime(String text) {
        Settings settings = Settings.load(Map.of("PRODUCER_INTERVAL", text));
        assertEquals("PRODUCER_INTERVAL must be a time above 0, such as 500ms, 5s or 1m; got '" + text + "'",
                assertThrows(Settings.InvalidSetting.class, () -> settings.duration("producer.interval")).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"366d", "999999999d", "365d1ms", "99999999999"})
    void refusesATimeLongerThanAYear(String text) {
        Settings settings = Settings.load(Map.of("PRODUCER_INTERVAL", text));
        assertEquals("PRODUCER_INTERVAL must be at most 365d; got '" + text + "'",
                assertThrows(Settings.InvalidSetting.class, () -> settings.duration("producer.interval")).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka:9092", "a:1, b:65535", "[::1]:9092", "::1:9092", "my_broker.lan:9092", "a:1,"})
    void addressesOfServersAreAccepted(String text) {
        assertDoesNotThrow(() -> Settings.load(Map.of("KAFKA_BOOTSTRAP_SERVERS", text)).servers("kafka.bootstrap.servers", true));
        assertDoesNotThrow(() -> Settings.load(Map.of("DB_HOST", text)).servers("db.host", false));
    }

    @Test
    void onlyKafkaAcceptsAProtocol() {
        Settings settings = Settings.load(Map.of("KAFKA_BOOTSTRAP_SERVERS", "SSL://kafka:9092", "DB_HOST", "SSL://db:5432"));
        assertDoesNotThrow(() -> settings.servers("kafka.bootstrap.servers", true));
        assertThrows(Settings.InvalidSetting.class, () -> settings.servers("db.host", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"db", "db-1,db-2", "db-1:5433,db-2", "10.0.0.1", "[fd00::1]", "::1", "fd00::1"})
    void aDatabaseNeedsNoPortOfItsOwn(String text) {
        assertDoesNotThrow(() -> Settings.load(Map.of("DB_HOST", text)).servers("db.host", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "db:x", "127.0.0.1:x", "db:0", "db:65536", "db/name", "a,,b", ",", "[::1", "user@db", "db:"})
    void whatIsNoAddressIsRefused(String text) {
        Settings settings = Settings.load(Map.of("KAFKA_BOOTSTRAP_SERVERS", text, "DB_HOST", text));
        assertThrows(Settings.InvalidSetting.class, () -> settings.servers("kafka.bootstrap.servers", true));
        assertThrows(Settings.InvalidSetting.class, () -> settings.servers("db.host", false));
    }

    @Test
    void servicesAreNamedAsTheirFolders() {
        assertEquals(Services.all(), Services.named(List.of()));
        assertEquals(Set.of(Services.API, Services.CONSUMER), Services.named(List.of("consumer", "api", "api")));
        for (sensorpipeline.service.Service service : Services.all()) {
            assertTrue(Files.isDirectory(Path.of("routes", service.name())));
        }
    }
}
