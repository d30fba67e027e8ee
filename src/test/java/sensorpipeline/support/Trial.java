package sensorpipeline.support;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;

/**
 * One or several tests of the fault suite: a fleet, and the program's consumers (in this JVM) that store its records, on the servers
 * of an {@link Installation}, which is repaired at the end. Consumers are never restarted to recover from a fault.
 */
public final class Trial implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    /** Option of the Kafka component, which routes can override. Camel reads it from system properties or the environment. */
    private static final String POLL_INTERVAL = "camel.component.kafka.max-poll-interval-ms";
    private static final int SENSORS = 20;
    private static final int READINGS_A_SECOND = 1000;
    /** Maximum poll interval of the shared trial. Outages last longer. */
    private static final Duration SHORT_POLL_INTERVAL = Duration.ofSeconds(4);

    private static Trial shared;

    private final Installation installation;
    private Settings settings;
    private final Database database;
    private final Fleet fleet;
    private boolean isOnDisk;
    private boolean isSettled;
    private final Deque<Pipeline> consumers = new ArrayDeque<>();
    private final Map<Pipeline, Http> callers = new ConcurrentHashMap<>();
    private Duration pollInterval = Duration.ofMinutes(5);

    /**
     * @return a trial under load whose consumer is shared by many tests, one after another; a test that fails ends it, so that
     *     the next test gets a new one. Kafka removes its consumer from the group if it does not poll for 4 s
     */
    public static Trial shared() {
        Trial trial = shared;
        if (trial == null) {
            trial = new Trial().withPollInterval(SHORT_POLL_INTERVAL);
            trial.startConsumer();
            shared = trial;
        }
        trial.isSettled = false;
        trial.fleet.startLoad(READINGS_A_SECOND);
        trial.awaitMoreReadings();
        return trial;
    }

    /** Creates an empty database and chooses a new topic name. */
    public Trial() {
        this(Installation.whole());
    }

    /** Like {@link #Trial()}, on other servers. */
    public Trial(Installation installation) {
        this.installation = installation;
        settings = installation.settings();
        database = new Database(installation.direct(settings));
        fleet = new Fleet(installation.direct(settings), SENSORS);
    }

    /**
     * Like {@link #Trial()}, with the database on a separate disk.
     *
     * @param disk empty folder for the database's tables
     */
    public Trial(Path disk) {
        this();
        String tablespace = settings.text("db.name") + "_disk";
        Database administrator = new Database(installation.direct(settings).with("db.name", "postgres"));
        administrator.run("CREATE TABLESPACE %s LOCATION '%s'".formatted(tablespace, disk));
        administrator.run("ALTER DATABASE %s SET TABLESPACE %s".formatted(settings.text("db.name"), tablespace));
        isOnDisk = true;
    }

    /** Makes the program connect as an ordinary role that owns and migrates the database, instead of a superuser. */
    public Trial withRole(String role) {
        database.run("CREATE ROLE %s LOGIN".formatted(role));
        String login = settings.text("api.db.user");
        database.run("DO $$ BEGIN CREATE ROLE %s LOGIN NOINHERIT; EXCEPTION WHEN duplicate_object THEN NULL; END $$".formatted(login));
        for (String ofThePipeline : List.of("sensor_pipeline_reader", "sensor_pipeline_operator", "sensor_pipeline_administrator", "sensor_pipeline_access")) {
            database.run("DO $$ BEGIN CREATE ROLE %s NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$".formatted(ofThePipeline));
            database.run("GRANT %s TO %s WITH ADMIN OPTION; GRANT %1$s TO %3$s WITH INHERIT FALSE, SET TRUE".formatted(ofThePipeline, role, login));
        }
        Database administrator = new Database(installation.direct(settings).with("db.name", "postgres"));
        administrator.run("DROP DATABASE " + settings.text("db.name"));
        administrator.run("CREATE DATABASE %s OWNER %s".formatted(settings.text("db.name"), role));
        settings = settings.with("db.user", role);
        return this;
    }

    /** Changes a setting of the consumers; must be called before they start. */
    public Trial with(String key, Object value) {
        settings = settings.with(key, value);
        return this;
    }

    /** Creates the topics, so that records can be sent before the first consumer starts. */
    public void createTopics() {
        try {
            new Topics(installation.direct(settings)).create();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sets the maximum poll interval; must be called before consumers start. */
    public Trial withPollInterval(Duration interval) {
        pollInterval = interval;
        return this;
    }

    /** @return settings of the consumers */
    public Settings settings() {
        return settings;
    }

    /** @return the servers */
    public Installation installation() {
        return installation;
    }

    /** @return the devices */
    public Fleet fleet() {
        return fleet;
    }

    /** @return the database, bypassing the proxy */
    public Database database() {
        return database;
    }

    /** @return settings of a consumer in a separate process */
    public Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        Settings defaults = Settings.load(Map.of());
        settings.all().forEach((key, value) -> {
            if (!key.startsWith("camel.") && !value.equals(defaults.all().get(key))) {
                environment.put(Settings.environmentName(key), value);
            }
        });
        return environment;
    }

    /** @return number of batches in the ledger */
    public long batches() {
        return database.ask("SELECT to_regclass('batch')") == null ? 0 : Long.parseLong(database.ask("SELECT count(*) FROM batch"));
    }

    /** Waits until this number of group members have assigned partitions. */
    public void awaitMembers(int count) {
        await(count + " members have partitions").until(() -> fleet.consumers() == count);
    }

    /** @return a superuser connection to the database, bypassing the proxy */
    public Connection connect() {
        try {
            return Servers.connect(installation.direct(settings).with("db.user", "postgres"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts another consumer of the group. */
    public void startConsumer() {
        startConsumer(settings);
    }

    /** Starts another consumer of the group, with its own settings. */
    public void startConsumer(Settings own) {
        System.setProperty(POLL_INTERVAL, String.valueOf(pollInterval.toMillis()));
        Pipeline consumer = new Pipeline(own, Set.of(Services.CONSUMER));
        consumers.push(consumer);
        try {
            consumer.start();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            System.clearProperty(POLL_INTERVAL);
        }
    }

    /** Stops the most recently started consumer. */
    public void stopConsumer() {
        consumers.pop().close();
    }

    /** Starts a consumer and the load, and waits until readings are stored. */
    public Trial underLoad() {
        startConsumer();
        fleet.startLoad(READINGS_A_SECOND);
        awaitMoreReadings();
        return this;
    }

    /** Waits until the consumers are healthy and have stored more readings. */
    public void awaitRecovery() {
        awaitHealthy();
        awaitMoreReadings();
    }

    /** Waits until the consumers are healthy. */
    public void awaitHealthy() {
        await("health").until(() -> consumers.stream().allMatch(consumer -> health(consumer).statusCode() == 200));
    }

    /** Waits until more readings are stored. */
    public void awaitMoreReadings() {
        AtomicLong before = new AtomicLong(-1);
        try (Database.Session session = database.session()) {
            await("more readings").until(() -> {
                long now = session.readings();
                before.compareAndSet(-1, now);
                return now >= before.get() + READINGS_A_SECOND / 4;
            });
        }
    }

    /** Waits until a health check fails. */
    public void awaitUnhealthy() {
        await("health says that something is wrong").until(this::isUnhealthy);
    }

    /** @return whether a health check of the last consumer fails */
    public boolean isUnhealthy() {
        return health(consumers.peek()).statusCode() == 503;
    }

    /** Waits until nothing has been stored for a second; PostgreSQL must respond to the test. */
    public void awaitStandstill() {
        long[] last = {-1, 0};
        try (Database.Session session = database.session()) {
            await("nothing is stored any more").until(() -> {
                long now = session.readings();
                if (now != last[0]) {
                    last[0] = now;
                    last[1] = System.nanoTime();
                }
                return System.nanoTime() - last[1] > Duration.ofSeconds(1).toNanos();
            });
        }
    }

    /** Stops the load, waits until consumers are healthy and have no lag, and checks all records of the fleet. */
    public void settle() {
        fleet.settle();
        await("health 200 and lag 0").until(() -> consumers.stream().allMatch(consumer -> {
            HttpResponse<String> health = health(consumer);
            return health.statusCode() == 200 && Http.json(health).path("checks").path("store").path("lag").asLong(-1) == 0;
        }));
        isSettled = true;
    }

    private HttpResponse<String> health(Pipeline consumer) {
        return callers.computeIfAbsent(consumer, each -> new Http(each.port("management.port"))).get("/health");
    }

    private static ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(50)).ignoreExceptions();
    }

    /** Repairs the servers and stops the consumers, except those of a shared trial that is settled. */
    @Override
    public void close() {
        installation.mend();
        if (this == shared) {
            if (isSettled) {
                return;
            }
            shared = null;
        }
        fleet.close();
        consumers.forEach(Pipeline::close);
        if (isOnDisk) {
            // PostgreSQL would not find the tablespace at its next start.
            Database administrator = new Database(installation.direct(settings).with("db.name", "postgres"));
            administrator.run("DROP DATABASE %s WITH (FORCE)".formatted(settings.text("db.name")));
            administrator.run("DROP TABLESPACE %s_disk".formatted(settings.text("db.name")));
        }
    }
}
