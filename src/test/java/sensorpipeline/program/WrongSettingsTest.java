package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.embedded.Ports;
import sensorpipeline.settings.CannotStart;
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
        "TOPIC_NAME | a b | TOPIC_NAME must be 1 to 180 letters, digits, dots, hyphens or underscores, and not . or ..; got 'a b'",
        "ACCESS | closed | ACCESS must be open or restricted; got 'closed'",
        "API_TENANT | Ä | API_TENANT must be 1 to 63 lower-case letters, digits or hyphens; got 'Ä'",
        "API_DB_USER | postgres | API_DB_USER must be a role of its own, neither that of DB_USER, which owns the tables, nor one of callers; got 'postgres'",
        "API_DB_USER | sensor_pipeline_administrator | API_DB_USER must be a role of its own, neither that of DB_USER, which owns the tables, nor one of callers; got 'sensor_pipeline_administrator'",
        "API_DB_USER | a \"b | API_DB_USER must be 1 to 63 letters, digits, underscores, dots, hyphens, @ or $, the first a letter or an underscore; got 'a \"b'",
        "API_DB_PASSWORD_FILE | /no/secret | API_DB_PASSWORD_FILE must be a file that can be read; got '/no/secret'",
        "API_BASE_URL | localhost | API_BASE_URL must be an http or https address such as http://localhost:8080, without a slash at its end; a host's name has letters, digits, hyphens and dots; got 'localhost'",
        "API_BASE_URL | http://sensor_api:8080 | API_BASE_URL must be an http or https address such as http://localhost:8080, without a slash at its end; a host's name has letters, digits, hyphens and dots; got 'http://sensor_api:8080'",
        "DB_PASSWORD_FILE | /no/secret | DB_PASSWORD_FILE must be a file that can be read; got '/no/secret'",
        "STORE_CONSUMERS | many | STORE_CONSUMERS must be a whole number from 1 to 996; got 'many'",
        "STORE_CONSUMERS | 998 | STORE_CONSUMERS must be a whole number from 1 to 996; got '998'",
        "STORE_BATCH_WAIT | -1 | STORE_BATCH_WAIT must be a whole number from 0 to 60000; got '-1'",
        "STORE_GROUP | ' ' | STORE_GROUP must be the name of a consumer group; got ''",
        "ALERTS_GROUP | ' ' | ALERTS_GROUP must be the name of a consumer group; got ''",
        "ALERTS_CONSUMERS | 0 | ALERTS_CONSUMERS must be a whole number from 1 to 1000; got '0'",
        "ALERTS_BATCH_WAIT | -1 | ALERTS_BATCH_WAIT must be a whole number from 0 to 60000; got '-1'",
        "ALERTS_CHANGES_INTERVAL | 1 | ALERTS_CHANGES_INTERVAL must be a whole number from 10 to 60000; got '1'",
        "ALERTS_CHECKPOINT_INTERVAL | often | ALERTS_CHECKPOINT_INTERVAL must be a time above 0, such as 500ms, 5s or 1m; got 'often'",
        "ALERTS_RETENTION | a year | ALERTS_RETENTION must be a time such as 12h, 90d, 8w or 5y, or empty (forever); got 'a year'",
        "ALERTS_RETENTION | 6d | ALERTS_RETENTION must be at least as long as ALERTS_LATE_LIMIT, which is '7d'; got '6d'",
        "PUBLIC_URL | sensors.example.org | PUBLIC_URL must be an http or https address such as https://sensors.example.org, without a slash at its end; got 'sensors.example.org'",
        "ALERTS_TIME_ZONE | Mars | ALERTS_TIME_ZONE must be a time zone such as UTC or Europe/Berlin; got 'Mars'",
        "ROLLUP_INTERVAL | often | ROLLUP_INTERVAL must be a whole number from 1 to 2147483647; got 'often'",
        "STORE_PARTITION_WIDTH | 90 minutes | STORE_PARTITION_WIDTH must be a whole number of hours such as '24 hours'; got '90 minutes'",
        "RETENTION_RAW | 6 months | RETENTION_RAW must be a time such as 12h, 90d, 8w or 5y, or empty (forever); got '6 months'",
        "RETENTION_ROLLUP | 5y | RETENTION_ROLLUP must be at least as long as RETENTION_RAW, which is forever; got '5y'",
        "TOPIC_NAME | . | TOPIC_NAME must be 1 to 180 letters, digits, dots, hyphens or underscores, and not . or ..; got '.'",
        "TOPIC_NAME | .. | TOPIC_NAME must be 1 to 180 letters, digits, dots, hyphens or underscores, and not . or ..; got '..'",
        "API_BASE_URL | http://localhost:99999 | API_BASE_URL must be an http or https address such as http://localhost:8080, without a slash at its end; a host's name has letters, digits, hyphens and dots; got 'http://localhost:99999'",
        "ROUTES_DIR | /nope | ROUTES_DIR must be a folder like routes/, with the folders shared, producer, consumer, alerts, api, dashboard; got '/nope'",
        "ROUTES_DIR | /etc/passwd | ROUTES_DIR must be a folder like routes/, with the folders shared, producer, consumer, alerts, api, dashboard; got '/etc/passwd'",
        "ROUTES_DIR | /tmp | ROUTES_DIR must be a folder like routes/, with the folders shared, producer, consumer, alerts, api, dashboard; got '/tmp'",
        "LISTEN_HOST | '' | LISTEN_HOST must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all; got ''",
        "LISTEN_HOST | 8.8.8.8 | LISTEN_HOST must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all; got '8.8.8.8'",
        "LISTEN_HOST | 999.1.1.1 | LISTEN_HOST must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all; got '999.1.1.1'",
        "LISTEN_HOST | nowhere.invalid | LISTEN_HOST must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all; got 'nowhere.invalid'",
        "LISTEN_HOST | 127.0.0.1:80 | LISTEN_HOST must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all; got '127.0.0.1:80'",
        "API_CORS_ORIGIN | nonsense | API_CORS_ORIGIN must be an origin such as https://example.org or http://localhost:5173, * for any, or empty for none; got 'nonsense'",
        "API_CORS_ORIGIN | http://a b | API_CORS_ORIGIN must be an origin such as https://example.org or http://localhost:5173, * for any, or empty for none; got 'http://a b'",
        "API_CORS_ORIGIN | http:// | API_CORS_ORIGIN must be an origin such as https://example.org or http://localhost:5173, * for any, or empty for none; got 'http://'",
        "API_STREAM_INTERVAL | 0 | API_STREAM_INTERVAL must be a time above 0, such as 500ms, 5s or 1m; got '0'",
        "DB_PORT | 0 | DB_PORT must be a whole number from 1 to 65535; got '0'",
        "DB_HOST | a b | DB_HOST must be hosts such as db or db:5432, separated by commas, with ports from 1 to 65535; got 'a b'",
        "DB_HOST | 127.0.0.1:x | DB_HOST must be hosts such as db or db:5432, separated by commas, with ports from 1 to 65535; got '127.0.0.1:x'",
        "DB_NAME | '' | DB_NAME must be the name of a database; got ''",
        "DB_USER | '' | DB_USER must be the name to log in with; got ''",
        "KAFKA_BOOTSTRAP_SERVERS | foo | KAFKA_BOOTSTRAP_SERVERS must be addresses such as kafka:9092, separated by commas, with ports from 1 to 65535; got 'foo'",
        "KAFKA_BOOTSTRAP_SERVERS | foo:bar | KAFKA_BOOTSTRAP_SERVERS must be addresses such as kafka:9092, separated by commas, with ports from 1 to 65535; got 'foo:bar'",
        "KAFKA_REPLICAS | 0 | KAFKA_REPLICAS must be from 1 to 100, or -1 for the broker's default; got '0'",
        "KAFKA_TLS_CERTIFICATES | /nope | KAFKA_SECURITY_PROTOCOL must be SSL or SASL_SSL, because KAFKA_TLS_CERTIFICATES is set and nothing else looks at it; got 'PLAINTEXT'",
        "LISTEN_TLS_CERTIFICATE | pom.xml | LISTEN_TLS_KEY must be a file that can be read; got ''",
        "RETRY_DELAY | 6000 | RETRY_DELAY must be at most RETRY_MAXIMUM_DELAY, which is 5000; got '6000'",
        "PRODUCER_INTERVAL | 999999999d | PRODUCER_INTERVAL must be at most 365d; got '999999999d'",
        "TRACING_RATIO | abc | TRACING_RATIO must be a number of 0 or more; got 'abc'",
        "TRACING_ENDPOINT | http://localhost:99999 | TRACING_ENDPOINT must be the http or https address of an OpenTelemetry collector, such as http://localhost:4318, without a slash at its end; got 'http://localhost:99999'",
        "RETENTION_INTERVAL | never | RETENTION_INTERVAL must be a time above 0, such as 500ms, 5s or 1m; got 'never'",
    })
    void aWrongSettingIsToldBeforeAnyServerIsWaitedFor(String name, String value, String message) {
        assertTold(Map.of(name, value), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "API_PORT=28780 DASHBOARD_PORT=28780 | API_PORT and DASHBOARD_PORT are both 28780: choose different ports",
        "API_PORT=28780 MANAGEMENT_PORT=28780 | API_PORT and MANAGEMENT_PORT are both 28780: choose different ports",
        "DASHBOARD_PORT=28780 JMX_PORT=28780 | DASHBOARD_PORT and JMX_PORT are both 28780: choose different ports",
        "API_PORT=28780 EMBEDDED_KAFKA_PORT=28780 KAFKA_BOOTSTRAP_SERVERS= | API_PORT and EMBEDDED_KAFKA_PORT are both 28780: choose different ports",
        "EMBEDDED_KAFKA_PORT=28780 EMBEDDED_DB_PORT=28780 KAFKA_BOOTSTRAP_SERVERS= DB_HOST= | EMBEDDED_KAFKA_PORT and EMBEDDED_DB_PORT are both 28780: choose different ports",
        "KAFKA_REPLICAS=5 KAFKA_BOOTSTRAP_SERVERS= | KAFKA_REPLICAS must be -1 or 1 with the embedded broker; KAFKA_BOOTSTRAP_SERVERS says where others are; got '5'",
        "LISTEN_TLS_CERTIFICATE=pom.xml LISTEN_TLS_KEY=pom.xml | LISTEN_TLS_CERTIFICATE and LISTEN_TLS_KEY must be a certificate and its private key as PEM files, the key not encrypted: Missing -----BEGIN PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY----- or -----BEGIN EC PRIVATE KEY----- delimiter",
    })
    void settingsThatDoNotFitEachOtherAreToldBeforeAnyServerIsWaitedFor(String changes, String message) {
        Map<String, String> changed = new HashMap<>();
        for (String change : changes.split(" ")) {
            String[] parts = change.split("=", 2);
            changed.put(parts[0], parts[1]);
        }
        assertTold(changed, message);
    }

    private static void assertTold(Map<String, String> changes, String message) {
        Map<String, String> environment = new HashMap<>(UNREACHABLE_SERVERS);
        environment.putAll(changes);
        assertTimeout(Duration.ofSeconds(8), () -> {
            try (Pipeline pipeline = new Pipeline(Settings.load(environment), Services.named(List.of()))) {
                assertEquals(message, assertThrows(Settings.InvalidSetting.class, pipeline::start).getMessage());
            }
        });
    }

    @Test
    void aWrongSettingIsToldBeforeTheEmbeddedServersStart(@TempDir Path folder) {
        Path data = folder.resolve("data");
        Settings settings = Settings.load(Map.of("DATA_DIR", data.toString(), "API_PORT", "0", "DASHBOARD_PORT", "0", "RETENTION_RAW", "6 months"));
        try (Pipeline pipeline = new Pipeline(settings, Services.named(List.of()))) {
            assertThrows(Settings.InvalidSetting.class, pipeline::start);
        }
        assertFalse(Files.exists(data));
    }

    @Test
    void anyPortMayBeGivenSeveralTimes() {
        assertDoesNotThrow(() -> Ports.requireDistinct(Settings.load(UNREACHABLE_SERVERS), List.of("api.port", "dashboard.port", "management.port")));
    }

    @Test
    void allTakenPortsAreToldInOneLine() throws IOException {
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")); ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Settings settings = Settings.load(UNREACHABLE_SERVERS).with("api.port", one.getLocalPort()).with("dashboard.port", other.getLocalPort());
            try (Pipeline pipeline = new Pipeline(settings, Services.named(List.of()))) {
                assertEquals("Ports %d and %d on 127.0.0.1 are taken or not allowed: stop the program that uses them, or choose others with API_PORT and DASHBOARD_PORT"
                        .formatted(one.getLocalPort(), other.getLocalPort()), assertThrows(CannotStart.class, pipeline::start).getMessage());
            }
        }
    }
}
