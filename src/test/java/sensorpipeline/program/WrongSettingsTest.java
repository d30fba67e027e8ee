package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;

/** Invalid settings. {@link ProgramIT} tests how the process ends. */
class WrongSettingsTest {

    /** No server listens there. */
    static final Map<String, String> UNREACHABLE_SERVERS = Map.of("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1", "DB_HOST", "127.0.0.1", "DB_PORT", "1",
            "API_PORT", "0", "DASHBOARD_PORT", "0", "MANAGEMENT_PORT", "0");

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "API_PORT | abc | API_PORT must be a whole number from 0 to 65535; got 'abc'",
        "PRODUCER_SENSORS | -1 | PRODUCER_SENSORS must be a whole number from 0 to 1000000; got '-1'",
        "PRODUCER_INTERVAL | soon | PRODUCER_INTERVAL must be a time above 0, such as 500ms, 5s or 1m; got 'soon'",
        "PRODUCER_FILE | /no/such.csv | PRODUCER_FILE must be a file that can be read; got '/no/such.csv'",
        "PRODUCER_SHIFT | later | PRODUCER_SHIFT must be 'now' or empty; got 'later'",
        "PRODUCER_SPEED | fast | PRODUCER_SPEED must be a number of 0 or more; got 'fast'",
        "TOPIC_NAME | a b | TOPIC_NAME must be 1 to 180 letters, digits, dots, hyphens or underscores; got 'a b'",
        "API_TENANT | Ä | API_TENANT must be 1 to 63 lower-case letters, digits or hyphens; got 'Ä'",
        "API_BASE_URL | localhost | API_BASE_URL must be an http or https address such as http://localhost:8080, without a slash at its end; a host's name has letters, digits, hyphens and dots; got 'localhost'",
        "API_BASE_URL | http://sensor_api:8080 | API_BASE_URL must be an http or https address such as http://localhost:8080, without a slash at its end; a host's name has letters, digits, hyphens and dots; got 'http://sensor_api:8080'",
        "DB_PASSWORD_FILE | /no/secret | DB_PASSWORD_FILE must be a file that can be read; got '/no/secret'",
        "STORE_CONSUMERS | many | STORE_CONSUMERS must be a whole number from 1 to 1000; got 'many'",
        "STORE_BATCH_WAIT | -1 | STORE_BATCH_WAIT must be a whole number from 0 to 60000; got '-1'",
        "STORE_GROUP | ' ' | STORE_GROUP must be the name of a consumer group; got ''",
        "ROLLUP_INTERVAL | often | ROLLUP_INTERVAL must be a whole number from 1 to 2147483647; got 'often'",
        "STORE_PARTITION_WIDTH | 90 minutes | STORE_PARTITION_WIDTH must be a whole number of hours such as '24 hours'; got '90 minutes'",
        "RETENTION_RAW | 6 months | RETENTION_RAW must be a time such as 12h, 90d, 8w or 5y, or empty (forever); got '6 months'",
        "RETENTION_ROLLUP | 5y | RETENTION_ROLLUP must be at least as long as RETENTION_RAW, which is forever; got '5y'",
        "RETENTION_INTERVAL | never | RETENTION_INTERVAL must be a time above 0, such as 500ms, 5s or 1m; got 'never'",
    })
    void aWrongSettingIsToldBeforeAnyServerIsWaitedFor(String name, String value, String message) {
        Map<String, String> environment = new HashMap<>(UNREACHABLE_SERVERS);
        environment.put(name, value);
        assertTimeout(Duration.ofSeconds(8), () -> {
            try (Pipeline pipeline = new Pipeline(Settings.load(environment), Services.named(List.of()))) {
                assertEquals(message, assertThrows(Settings.InvalidSetting.class, pipeline::start).getMessage());
            }
        });
    }
}
