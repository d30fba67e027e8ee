package sensorpipeline.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.PGProperty;
import org.postgresql.ssl.DefaultJavaSSLFactory;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;

/**
 * The pools of connections to PostgreSQL: one that writes, and those of roles to which row security shows a single
 * tenant. A pool opens without a database; borrowing then fails within {@code db.connect.timeout}.
 */
public final class Databases {

    private static final List<String> TLS_MODES = List.of("disable", "prefer", "require", "verify-ca", "verify-full");

    private Databases() {
    }

    /** @return a pool for the store, with the rights of {@code db.user} */
    public static HikariDataSource store(Settings settings) {
        HikariConfig configuration = configuration(settings, "store");
        configuration.setMaximumPoolSize(settings.wholeNumber("store.connections", 1, 1000));
        configuration.addDataSourceProperty("socketTimeout", answerTimeout(settings));
        return new HikariDataSource(configuration);
    }

    /**
     * @return a pool for changes of the schema, with the rights of {@code db.user}: they may take as long as they need, but do not wait
     *     long for a lock, because everybody else would wait behind them
     */
    public static HikariDataSource schema(Settings settings) {
        HikariConfig configuration = configuration(settings, "schema");
        configuration.setMaximumPoolSize(3);
        configuration.setMinimumIdle(0);
        configuration.setIdleTimeout(TimeUnit.SECONDS.toMillis(10));
        configuration.setConnectionInitSql("SET lock_timeout = '10s'");
        return new HikariDataSource(configuration);
    }

    /**
     * @return a pool for dropping partitions, with the rights of {@code db.user}: its one connection keeps from step to step the
     *     lock that other copies meet, and its own limit to waiting for locks
     */
    public static HikariDataSource retention(Settings settings) {
        HikariConfig configuration = configuration(settings, "retention");
        configuration.setMaximumPoolSize(1);
        configuration.setMinimumIdle(0);
        configuration.addDataSourceProperty("socketTimeout", answerTimeout(settings));
        return new HikariDataSource(configuration);
    }

    /**
     * @param name of the pool
     * @param sizeSetting name of the setting with the most connections it opens
     * @return a pool for the REST API, which sees only what is {@code api.tenant}'s and changes nothing
     */
    public static HikariDataSource api(Settings settings, String name, String sizeSetting) {
        HikariConfig configuration = asRole(settings, name, "sensor_pipeline_reader");
        configuration.setMaximumPoolSize(settings.wholeNumber(sizeSetting, 1, 1000));
        configuration.setReadOnly(true);
        configuration.addDataSourceProperty(PGProperty.TARGET_SERVER_TYPE.getName(), "any");
        return new HikariDataSource(configuration);
    }

    /** @return a pool for what the REST API may change of {@code api.tenant}'s: it asks to replay dead letters */
    public static HikariDataSource operator(Settings settings) {
        HikariConfig configuration = asRole(settings, "operator", "sensor_pipeline_operator");
        configuration.setMaximumPoolSize(2);
        return new HikariDataSource(configuration);
    }

    /** @return settings of a pool whose sessions take a role to which row security shows {@code api.tenant} only */
    static HikariConfig asRole(Settings settings, String name, String role) {
        String tenant = settings.text("api.tenant");
        if (!tenant.matches(Topics.TENANT)) {
            throw new Settings.InvalidSetting("api.tenant", tenant, "1 to 63 lower-case letters, digits or hyphens");
        }
        int limit = settings.wholeNumber("api.query.timeout", 1, Integer.MAX_VALUE);
        HikariConfig configuration = configuration(settings, name);
        configuration.setConnectionInitSql(
                // A plan is kept as it is: with many partitions, making one takes longer than running it. Compiling one takes longer still.
                // A query whose asker has gone ends within a second.
                "SET ROLE %s; SET pipeline.tenant = '%s'; SET statement_timeout = %d; SET plan_cache_mode = force_generic_plan; SET jit = off; SET client_connection_check_interval = 1000"
                        .formatted(role, tenant, limit));
        // The server ends a slow query by itself; this ends the wait for a server that has stopped answering.
        configuration.addDataSourceProperty("socketTimeout", String.valueOf(TimeUnit.MILLISECONDS.toSeconds(limit) + 5));
        return configuration;
    }

    private static void secure(HikariConfig configuration, Settings settings) {
        String mode = settings.oneOf("db.tls.mode", TLS_MODES);
        configuration.addDataSourceProperty(PGProperty.SSL_MODE.getName(), mode);
        if (!settings.has("db.tls.certificates")) {
            if (mode.startsWith("verify")) {
                configuration.addDataSourceProperty(PGProperty.SSL_FACTORY.getName(), DefaultJavaSSLFactory.class.getName());
            }
            return;
        }
        if (!mode.startsWith("verify")) {
            throw new Settings.InvalidSetting("db.tls.mode", mode, "verify-ca or verify-full, because DB_TLS_CERTIFICATES is set and nothing else looks at it");
        }
        requireCertificates(settings, "db.tls.certificates");
        configuration.addDataSourceProperty(PGProperty.SSL_ROOT_CERT.getName(), settings.text("db.tls.certificates"));
    }

    private static void requireCertificates(Settings settings, String key) {
        try (InputStream text = Files.newInputStream(settings.file(key))) {
            if (!CertificateFactory.getInstance("X.509").generateCertificates(text).isEmpty()) {
                return;
            }
        } catch (IOException | CertificateException e) {
            throw new Settings.InvalidSetting(key, settings.text(key), "a file of certificates in PEM");
        }
        throw new Settings.InvalidSetting(key, settings.text(key), "a file of certificates in PEM");
    }

    /**
     * @param settings with which a pool was made
     * @param problem of borrowing from it, or of a statement
     * @return what is wrong, in one line, and where it is a matter of settings, which to look at
     */
    public static String describe(Settings settings, Exception problem) {
        return new DatabaseProblem(settings, problem).toString();
    }

    private static String answerTimeout(Settings settings) {
        return String.valueOf(TimeUnit.MILLISECONDS.toSeconds(settings.wholeNumber("db.answer.timeout", 1000, Integer.MAX_VALUE)));
    }

    private static HikariConfig configuration(Settings settings, String name) {
        int connectLimit = settings.wholeNumber("db.connect.timeout", 250, 600_000);
        HikariConfig configuration = new HikariConfig();
        configuration.setPoolName(name);
        configuration.setJdbcUrl("jdbc:postgresql://%s/%s".formatted(hosts(settings), URLEncoder.encode(settings.text("db.name"), StandardCharsets.UTF_8)));
        if (settings.text("db.host").contains(",")) {
            // Of several servers, one takes changes; after a failover it is another one.
            configuration.addDataSourceProperty(PGProperty.TARGET_SERVER_TYPE.getName(), "primary");
            configuration.addDataSourceProperty(PGProperty.HOST_RECHECK_SECONDS.getName(), "1");
        }
        configuration.addDataSourceProperty("ApplicationName", "sensor-pipeline " + name);
        configuration.addDataSourceProperty("options", "-c TimeZone=UTC");
        configuration.addDataSourceProperty("tcpKeepAlive", "true");
        configuration.addDataSourceProperty("connectTimeout", String.valueOf(Math.max(1, connectLimit / 1000)));
        configuration.setUsername(settings.text("db.user"));
        configuration.setPassword(settings.secret("db.password"));
        secure(configuration, settings);
        configuration.setConnectionTimeout(connectLimit);
        configuration.setValidationTimeout(Math.min(connectLimit, 2000));
        configuration.setMinimumIdle(1);
        // Without a database the program starts all the same, says so on /health, and waits.
        configuration.setInitializationFailTimeout(-1);
        return configuration;
    }

    /** @return the servers, each with its own port or else that of {@code db.port} */
    static String hosts(Settings settings) {
        return Stream.of(settings.text("db.host").split(",")).map(String::strip)
                .map(host -> host.matches("(\\[.*]|[^:]+):\\d+") ? host : host + ":" + settings.port("db.port")).collect(Collectors.joining(","));
    }
}
