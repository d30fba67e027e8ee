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
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.postgresql.PGProperty;
import org.postgresql.ssl.DefaultJavaSSLFactory;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;

/**
 * Connection pools for PostgreSQL: those of the programs, and those for callers of the REST API, whose sessions row-level security restricts to
 * a single tenant. A pool opens without a database; getting a connection then fails within {@code db.connect.timeout}.
 */
public final class Databases {

    private static final List<String> TLS_MODES = List.of("disable", "prefer", "require", "verify-ca", "verify-full");

    private static final int ALERTS_ANSWER_SECONDS = 10;

    private Databases() {
    }

    /**
     * @param settings {@code db.*}, with a host
     * @throws Settings.InvalidSetting if one that all pools use is invalid
     */
    public static void require(Settings settings) {
        configuration(settings, "none");
    }

    /**
     * @return a pool for the store, with the privileges of {@code db.user}: its statements do not wait long for a lock, because a consumer stores the
     *     readings of many tenants one after the other; the functions that write rollups may, and set a longer limit
     */
    public static HikariDataSource store(Settings settings) {
        HikariConfig configuration = configuration(settings, "store");
        configuration.setMaximumPoolSize(settings.wholeNumber("store.connections", 1, 1000));
        configuration.setConnectionInitSql("SET lock_timeout = '2s'");
        configuration.addDataSourceProperty("socketTimeout", answerTimeout(settings));
        return new HikariDataSource(configuration);
    }

    /**
     * @return a pool for schema changes, with the privileges of {@code db.user}: statements have no time limit, but do not
     *     wait long for a lock, because all others would queue behind them
     */
    public static HikariDataSource schema(Settings settings) {
        HikariConfig configuration = configuration(settings, "schema");
        configuration.setMaximumPoolSize(3);
        configuration.setIdleTimeout(TimeUnit.SECONDS.toMillis(10));
        configuration.setConnectionInitSql("SET lock_timeout = '10s'");
        return new HikariDataSource(configuration);
    }

    /**
     * @return a pool for dropping partitions, with the privileges of {@code db.user}: its single connection holds, across
     *     steps, the lock that other copies of the program check, and has its own lock timeout
     */
    public static HikariDataSource retention(Settings settings) {
        HikariConfig configuration = configuration(settings, "retention");
        configuration.setMaximumPoolSize(1);
        configuration.addDataSourceProperty("socketTimeout", answerTimeout(settings));
        return new HikariDataSource(configuration);
    }

    /** @return a pool for the evaluation of alerts, with the privileges of {@code db.user}: its statements are short, and alerts must not wait long for a server that no longer answers */
    public static HikariDataSource alerts(Settings settings) {
        return shortStatements(settings, "alerts", "alerts.connections");
    }

    /** @return a pool for notifications, likewise: however many channels there are, they do not keep alerts from being stored */
    public static HikariDataSource notifications(Settings settings) {
        return shortStatements(settings, "notifications", "alerts.notification.connections");
    }

    private static HikariDataSource shortStatements(Settings settings, String name, String sizeSetting) {
        HikariConfig configuration = configuration(settings, name);
        configuration.setMaximumPoolSize(settings.wholeNumber(sizeSetting, 1, 1000));
        // The server gives up first: who retries must not find its earlier attempt still at work.
        configuration.setConnectionInitSql("SET lock_timeout = '2s'; SET statement_timeout = '%ds'".formatted(ALERTS_ANSWER_SECONDS - 1));
        configuration.addDataSourceProperty("socketTimeout", String.valueOf(ALERTS_ANSWER_SECONDS));
        return new HikariDataSource(configuration);
    }

    /** @return a pool for the evaluation of readings that came late, with the privileges of {@code db.user}: its single connection reads long spans of readings, beside that of the others */
    public static HikariDataSource lateReadings(Settings settings) {
        HikariConfig configuration = configuration(settings, "late-readings");
        configuration.setMaximumPoolSize(1);
        configuration.addDataSourceProperty("socketTimeout", answerTimeout(settings));
        return new HikariDataSource(configuration);
    }

    /**
     * @param name of the pool
     * @param sizeSetting name of the setting with its maximum size
     * @return a read-only pool for the REST API; see {@link #ofCallers} for what its sessions may do. A transaction sees one moment
     */
    public static HikariDataSource api(Settings settings, String name, String sizeSetting) {
        HikariConfig configuration = ofCallers(settings, name);
        configuration.setMaximumPoolSize(settings.wholeNumber(sizeSetting, 1, 1000));
        configuration.setReadOnly(true);
        configuration.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
        configuration.addDataSourceProperty(PGProperty.TARGET_SERVER_TYPE.getName(), "any");
        return new HikariDataSource(configuration);
    }

    /** @return a pool for the changes that callers of the REST API make; see {@link #ofCallers} for what its sessions may do */
    public static HikariDataSource operator(Settings settings) {
        HikariConfig configuration = ofCallers(settings, "operator");
        configuration.setMaximumPoolSize(2);
        return new HikariDataSource(configuration);
    }

    /** @return a pool to look up keys and to store when they were last used, which logs in as {@link LoginRole} and may do nothing else */
    public static HikariDataSource access(Settings settings) {
        HikariConfig configuration = configuration(LoginRole.in(settings), "access");
        configuration.setMaximumPoolSize(1);
        configuration.setConnectionInitSql("SET ROLE sensor_pipeline_access; SET statement_timeout = '5s'");
        configuration.addDataSourceProperty("socketTimeout", "10");
        return new HikariDataSource(configuration);
    }

    /** @return a single connection with the login of {@code db.user}, to be closed by the caller */
    static Connection connect(Settings settings) throws SQLException {
        HikariConfig configuration = configuration(settings, "login");
        Properties properties = configuration.getDataSourceProperties();
        properties.setProperty("user", configuration.getUsername());
        properties.setProperty("password", configuration.getPassword());
        return DriverManager.getConnection(configuration.getJdbcUrl(), properties);
    }

    /** @return configuration of a pool that logs in as {@link LoginRole}: its sessions may do nothing until a transaction becomes the role of a caller, for the caller's tenant */
    static HikariConfig ofCallers(Settings settings, String name) {
        int limit = settings.wholeNumber("api.query.timeout", 1, Integer.MAX_VALUE);
        HikariConfig configuration = configuration(LoginRole.in(settings), name);
        configuration.setConnectionInitSql(
                // Checked here, too, because a role may get rights after a consumer has looked.
                LoginRole.requireNoRights("session_user") + "; "
                // Generic plans: with many partitions, planning takes longer than execution, and JIT compilation even longer. A query
                // whose client has disconnected ends within a second.
                + "SET statement_timeout = %d; SET plan_cache_mode = force_generic_plan; SET jit = off; SET client_connection_check_interval = 1000".formatted(limit));
        // The server cancels slow queries; this limits the wait for a server that no longer answers.
        configuration.addDataSourceProperty("socketTimeout", String.valueOf(TimeUnit.MILLISECONDS.toSeconds(limit) + 5));
        return configuration;
    }

    /**
     * @return the tenant that the REST API serves
     * @throws Settings.InvalidSetting if {@code api.tenant} is no name of a tenant
     */
    public static String tenant(Settings settings) {
        String tenant = settings.text("api.tenant");
        if (!tenant.matches(Topics.TENANT)) {
            throw new Settings.InvalidSetting("api.tenant", tenant, "1 to 63 lower-case letters, digits or hyphens");
        }
        return tenant;
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

    /** @return settings whose {@code db.user} is the role that the REST API logs in as, to describe problems of its pools */
    public static Settings settingsOfApi(Settings settings) {
        return LoginRole.in(settings);
    }

    /**
     * @param settings that a pool was created with
     * @param problem of getting a connection from it, or of a statement
     * @return what is wrong, in one line, and which settings to check, if settings can be the cause
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
        configuration.setJdbcUrl("jdbc:postgresql://%s/%s".formatted(hosts(settings), URLEncoder.encode(named(settings, "db.name", "the name of a database"), StandardCharsets.UTF_8)));
        if (settings.text("db.host").contains(",")) {
            // Of several servers, only the primary accepts writes; it changes after a failover.
            configuration.addDataSourceProperty(PGProperty.TARGET_SERVER_TYPE.getName(), "primary");
            configuration.addDataSourceProperty(PGProperty.HOST_RECHECK_SECONDS.getName(), "1");
        }
        configuration.addDataSourceProperty("ApplicationName", "sensor-pipeline " + name);
        configuration.addDataSourceProperty("options", "-c TimeZone=UTC");
        configuration.addDataSourceProperty("tcpKeepAlive", "true");
        configuration.addDataSourceProperty("connectTimeout", String.valueOf(Math.max(1, connectLimit / 1000)));
        configuration.setUsername(named(settings, "db.user", "the name to log in with"));
        configuration.setPassword(settings.secret("db.password"));
        secure(configuration, settings);
        configuration.setConnectionTimeout(connectLimit);
        configuration.setValidationTimeout(Math.min(connectLimit, 2000));
        // With a minimum, the pool retries without end, at intervals of up to five seconds. Without one, each request for a connection begins anew after 10 ms.
        configuration.setMinimumIdle(0);
        // The program starts without a database, reports it on /health, and waits.
        configuration.setInitializationFailTimeout(-1);
        return configuration;
    }

    /** @return the servers, each with its own port or that of {@code db.port} */
    static String hosts(Settings settings) {
        int port = settings.wholeNumber("db.port", 1, 65_535);
        return settings.servers("db.host", false).stream()
                .map(host -> host.matches("(\\[.*]|[^:]+):\\d+") ? host : host + ":" + port).collect(Collectors.joining(","));
    }

    private static String named(Settings settings, String key, String allowed) {
        if (!settings.has(key)) {
            throw new Settings.InvalidSetting(key, "", allowed);
        }
        return settings.text(key);
    }
}
