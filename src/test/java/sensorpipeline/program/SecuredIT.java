package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.acl.AclOperation;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Http;
import sensorpipeline.support.PostgresqlServer;
import sensorpipeline.support.ProgramProcess;
import sensorpipeline.support.Readings;
import sensorpipeline.support.SecureBroker;
import sensorpipeline.support.SteadyPorts;
import sensorpipeline.support.TestAuthority;
import sensorpipeline.support.TestCertificate;

/** Kafka with TLS and SASL, PostgreSQL with verify-full and a password, REST API and dashboard with HTTPS, all with certificates of one CA. */
class SecuredIT {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final String PASSWORD = "p \"w\\ord'&?{{x}}";

    private static Path folder;
    private static TestAuthority authority;
    private static TestAuthority stranger;
    private static TestCertificate certificate;
    private static TestCertificate own;
    private static SecureBroker broker;
    private static PostgresqlServer postgresql;
    private static Settings secured;

    @BeforeAll
    static void startServers() throws Exception {
        folder = ProgramProcess.folder("secured");
        authority = new TestAuthority(folder.resolve("authority"));
        stranger = new TestAuthority(folder.resolve("stranger"));
        certificate = authority.issue("server", "dns:localhost");
        broker = new SecureBroker(folder.resolve("kafka"), certificate, authority);
        int port = SteadyPorts.anyFree();
        postgresql = startPostgresql(port);
        own = authority.issue(SecureBroker.USER, "dns:client");
        secured = Settings.load(Map.of())
                .with("kafka.bootstrap.servers", "localhost:" + broker.loginPort()).with("kafka.partitions", 3).with("kafka.replicas", 1)
                .with("kafka.security.protocol", "SASL_SSL").with("kafka.tls.certificates", authority.certificate())
                .with("kafka.sasl.username", SecureBroker.USER).with("kafka.sasl.password.file", Files.writeString(folder.resolve("kafka-password"), SecureBroker.PASSWORD + "\n"))
                .with("db.host", "localhost").with("db.port", port).with("db.tls.mode", "verify-full").with("db.tls.certificates", authority.certificate())
                .with("db.password.file", Files.writeString(folder.resolve("db-password"), PASSWORD + "\n"))
                .with("listen.tls.certificate", certificate.certificate()).with("listen.tls.key", certificate.key())
                .with("api.port", 0).with("dashboard.port", 0).with("management.port", 0).with("producer.sensors", 0).with("store.discovery.interval", 500)
                .with("retry.maximum.delay", 500).with("db.connect.timeout", 1000);
    }

    /** Starts a PostgreSQL that accepts only TLS connections with a password. */
    private static PostgresqlServer startPostgresql(int port) throws Exception {
        PostgresqlServer server = new PostgresqlServer(folder.resolve("postgresql"), port, 60);
        server.start();
        try (Connection connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER ROLE postgres PASSWORD '" + PASSWORD.replace("'", "''") + "'");
        }
        server.stop();
        Files.writeString(server.data().resolve("pg_hba.conf"), "hostssl all all all scram-sha-256\n");
        Path key = Files.copy(certificate.key(), folder.resolve("postgresql-key.pem"));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        server.with("ssl", "on").with("ssl_cert_file", certificate.certificate()).with("ssl_key_file", key).start();
        return server;
    }

    @AfterAll
    static void stopServers() {
        if (postgresql != null) {
            postgresql.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    /** @return these settings, with a topic, a group and a database of their own */
    private static Settings fresh() throws Exception {
        String name = "secured" + NUMBER.incrementAndGet();
        ask("CREATE DATABASE " + name);
        return secured.with("topic.name", name).with("store.group", name).with("alerts.group", name + "-alerts").with("db.name", name);
    }

    /** Runs a query as administrator, over TLS. */
    private static String ask(String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:postgresql://localhost:%s/postgres?sslmode=require".formatted(secured.text("db.port")), "postgres", PASSWORD);
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return null;
            }
            ResultSet rows = statement.getResultSet();
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private static HttpResponse<String> get(HttpClient client, String address) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString());
    }

    @Test
    void fromTheDeviceToThePageEverythingIsEncryptedAndLoggedIn() throws Exception {
        Settings settings = fresh().with("api.port", SteadyPorts.anyFree());
        HttpClient browser = new TestCertificate(authority.certificate(), null).client(HttpClient.Version.HTTP_2);
        try (Pipeline program = new Pipeline(settings, Services.all())) {
            program.start();
            try (Readings readings = new Readings(settings)) {
                readings.send(Readings.json("s1", Instant.now().toString(), 21.5), "no reading", Readings.json("s2", Instant.now().toString(), 22.5));
                readings.awaitDone();
                assertEquals(1, readings.deadLetters().size());
            }
            String page = "https://localhost:" + program.port("dashboard.port");
            assertTrue(get(browser, page + "/").body().contains("<html"));
            Awaitility.await().untilAsserted(() -> assertTrue(get(browser, page + "/api/data/stats").body().contains("\"total_events\":2"), get(browser, page + "/api/data/stats").body()));
            Awaitility.await().untilAsserted(() -> {
                HttpResponse<String> health = get(browser, "https://localhost:" + program.port("api.port") + "/health");
                assertEquals(200, health.statusCode(), health.body());
            });
            assertEquals("0", ask("SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE application_name LIKE 'sensor-pipeline%' AND NOT ssl"));
            assertTrue(Integer.parseInt(ask("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'sensor-pipeline%'")) > 0);
        }
    }

    @Test
    void aDeadLetterIsReplayedAndAnAlertFiresOverTheSameConnections() throws Exception {
        Settings settings = fresh();
        replaysAndAlerts(settings);
    }

    @Test
    void noMoreRightsAreNeededThanTheDocumentationSays() throws Exception {
        Settings settings = fresh().with("kafka.sasl.username", SecureBroker.LIMITED);
        broker.allow(SecureBroker.LIMITED, settings, AclOperation.CREATE);
        replaysAndAlerts(settings);
    }

    @Test
    void whoMayNotMakeTopicsNeedNotWhereTheyAreThere() throws Exception {
        Settings settings = fresh();
        new Topics(settings).create();
        broker.allow(SecureBroker.LIMITED, settings);
        Settings limited = settings.with("kafka.sasl.username", SecureBroker.LIMITED);
        assertDoesNotThrow(() -> new Topics(limited).create());
        replaysAndAlerts(limited);
    }

    private static void replaysAndAlerts(Settings settings) throws Exception {
        try (Pipeline program = new Pipeline(settings, Set.of(Services.CONSUMER, Services.ALERTS, Services.API)); Readings readings = new Readings(settings)) {
            program.start();
            readings.send("no reading", Readings.json("s1", Instant.now().toString(), 21.5));
            readings.awaitDone();
            HttpClient operator = new TestCertificate(authority.certificate(), null).client(HttpClient.Version.HTTP_2);
            String api = "https://localhost:" + program.port("api.port");
            HttpResponse<String> asked = operator.send(HttpRequest.newBuilder(URI.create(api + "/dead-letters/replay"))
                    .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString("{\"ids\":[1]}")).build(), BodyHandlers.ofString());
            assertEquals(202, asked.statusCode(), asked.body());
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> readings.deadLetters().size() == 2);
            HttpResponse<String> rule = operator.send(HttpRequest.newBuilder(URI.create(api + "/alert-rules")).header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"warm\",\"metric\":\"temperature\",\"severity\":\"info\",\"above\":22}")).build(), BodyHandlers.ofString());
            assertEquals(201, rule.statusCode(), rule.body());
            readings.send(Readings.json("s1", Instant.now().toString(), 22.5));
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> get(operator, api + "/alerts?state=firing").body().contains("\"count\":1,"));
            HttpResponse<String> health = get(operator, api + "/health");
            assertEquals(200, health.statusCode(), health.body());
        }
    }

    @Test
    void aCertificateIsALoginToo() throws Exception {
        Settings settings = fresh().with("kafka.security.protocol", "SSL").with("kafka.bootstrap.servers", "localhost:" + broker.certificatePort())
                .with("kafka.tls.certificate", own.certificate()).with("kafka.tls.key", own.key());
        try (Pipeline consumer = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings readings = new Readings(settings)) {
            consumer.start();
            readings.send(Readings.json("s1", Instant.now().toString(), 21.5));
            readings.awaitDone();
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', value = {
        "kafka, an authority that did not issue the certificate | KAFKA_TLS_CERTIFICATES=stranger | TLS fails (KAFKA_TLS_CERTIFICATES, KAFKA_TLS_CERTIFICATE): | unable to find valid certification path",
        "kafka, a name that the certificate does not have | KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:login | TLS fails (KAFKA_TLS_CERTIFICATES, KAFKA_TLS_CERTIFICATE): | No subject alternative names matching IP address 127.0.0.1",
        "kafka, no certificate of its own | KAFKA_BOOTSTRAP_SERVERS=localhost:certificate KAFKA_SECURITY_PROTOCOL=SSL | TLS fails (KAFKA_TLS_CERTIFICATES, KAFKA_TLS_CERTIFICATE): | ''",
        "kafka, a wrong password | KAFKA_SASL_PASSWORD_FILE= KAFKA_SASL_PASSWORD=guessed | rejects the login of sensor-pipeline (KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, KAFKA_SASL_MECHANISM): | Authentication failed",
        "kafka, nobody of that name | KAFKA_SASL_USERNAME=nobody | rejects the login of nobody (KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, KAFKA_SASL_MECHANISM): | Authentication failed",
        "kafka, a mechanism that it does not have | KAFKA_SASL_MECHANISM=PLAIN | rejects the login of sensor-pipeline (KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, KAFKA_SASL_MECHANISM): | [SCRAM-SHA-512]",
        "kafka, without TLS | KAFKA_SECURITY_PROTOCOL=PLAINTEXT KAFKA_TLS_CERTIFICATES= | does not answer, though it accepts connections | KAFKA_SECURITY_PROTOCOL is PLAINTEXT",
        "store, rights that are missing | KAFKA_SASL_USERNAME=stranger | denies permission: | ''",
        "store-database, an authority that did not issue the certificate | DB_TLS_CERTIFICATES=stranger | TLS fails (DB_TLS_MODE, DB_TLS_CERTIFICATES): | unable to find valid certification path",
        "store-database, a name that the certificate does not have | DB_HOST=127.0.0.1 | TLS fails (DB_TLS_MODE, DB_TLS_CERTIFICATES): | could not be verified",
        "store-database, authorities of Java's own | DB_TLS_CERTIFICATES= | TLS fails (DB_TLS_MODE, DB_TLS_CERTIFICATES): | unable to find valid certification path",
        "store-database, without TLS | DB_TLS_MODE=disable DB_TLS_CERTIFICATES= | rejects the login of postgres (DB_USER, DB_PASSWORD, DB_TLS_MODE): | no encryption",
        "store-database, a wrong password | DB_PASSWORD_FILE= DB_PASSWORD=guessed | rejects the login of postgres (DB_USER, DB_PASSWORD): | password authentication failed"})
    void whatIsWrongIsToldOnHealthAndNothingIsSentOn(String trial, String changes, String told, String detail) throws Exception {
        String check = trial.split(",")[0];
        Settings wrong = fresh();
        for (String change : changes.split(" ")) {
            int equals = change.indexOf('=');
            wrong = wrong.with(change.substring(0, equals).toLowerCase().replace('_', '.'), change.substring(equals + 1)
                    .replace(":login", ":" + broker.loginPort()).replace(":certificate", ":" + broker.certificatePort()).replaceAll("^stranger$",
                            change.contains("CERTIFICATES") ? stranger.certificate().toString() : SecureBroker.STRANGER));
        }
        try (Pipeline consumer = new Pipeline(wrong, Set.of(Services.CONSUMER))) {
            consumer.start();
            Http management = new Http(consumer.port("management.port"));
            Awaitility.await().atMost(Duration.ofSeconds(15)).untilAsserted(() -> {
                String message = Http.json(management.get("/health")).path("checks").path(check).path("message").asText();
                assertTrue(message.contains(told) && message.contains(detail), message);
            });
            assertEquals(503, management.get("/health").statusCode());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "kafka.security.protocol | TLS | KAFKA_SECURITY_PROTOCOL must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; got 'TLS'",
        "kafka.sasl.mechanism | GSSAPI | KAFKA_SASL_MECHANISM must be SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN; got 'GSSAPI'",
        "kafka.sasl.username | '' | KAFKA_SASL_USERNAME must be the name to log in with, because KAFKA_SECURITY_PROTOCOL is SASL_SSL; got ''",
        "kafka.tls.certificates | pom.xml | KAFKA_TLS_CERTIFICATES must be a PEM file with a CERTIFICATE; got 'pom.xml'",
        "kafka.tls.certificate | nowhere.pem | KAFKA_TLS_CERTIFICATE must be a file that can be read; got 'nowhere.pem'",
        "kafka.security.protocol | PLAINTEXT | KAFKA_SECURITY_PROTOCOL must be SSL or SASL_SSL, because KAFKA_TLS_CERTIFICATES is set and nothing else looks at it; got 'PLAINTEXT'",
        "kafka.sasl.password.file | nowhere | KAFKA_SASL_PASSWORD_FILE must be a file that can be read; got 'nowhere'",
        "kafka.bootstrap.servers | '' | KAFKA_SECURITY_PROTOCOL must be PLAINTEXT with the embedded broker; KAFKA_BOOTSTRAP_SERVERS says where another one is; got 'SASL_SSL'",
        "db.tls.mode | on | DB_TLS_MODE must be disable, prefer, require, verify-ca or verify-full; got 'on'",
        "db.tls.mode | require | DB_TLS_MODE must be verify-ca or verify-full, because DB_TLS_CERTIFICATES is set and nothing else looks at it; got 'require'",
        "db.tls.certificates | pom.xml | DB_TLS_CERTIFICATES must be a file of certificates in PEM; got 'pom.xml'",
        "db.host | '' | DB_TLS_MODE must be disable or prefer with the embedded PostgreSQL; DB_HOST says where another one is; got 'verify-full'"})
    void aSettingThatCannotBeIsToldAtTheStart(String key, String value, String told) {
        try (Pipeline refused = new Pipeline(secured.with(key, value), Set.of(Services.CONSUMER))) {
            assertEquals(told, assertThrows(Settings.InvalidSetting.class, refused::start).getMessage());
        }
    }
}
