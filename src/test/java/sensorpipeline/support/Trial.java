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
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;

/**
 * One test of the fault suite, or several in turn: a fleet, and the program's consumers (in this JVM) that store what it sends, on the servers
 * of the {@link Installation}, which is whole again when the trial is over. Nobody restarts a consumer, whatever happens.
 */
public final class Trial implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    /** The component's option, which routes can override; Camel reads its own settings from here or from the environment. */
    private static final String POLL_INTERVAL = "camel.component.kafka.max-poll-interval-ms";
    private static final int SENSORS = 20;
    private static final int READINGS_A_SECOND = 1000;
    /** Of the shared trial: outages last longer than it. */
    private static final Duration SHORT_POLL_INTERVAL = Duration.ofSeconds(4);

    private static Trial shared;

    private final Installation installation;
    private Settings settings;
    private final Database database;
    private final Fleet fleet;
    private boolean isOnDisk;
    private boolean isSettled;
    private final Deque<Pipeline> consumers = new ArrayDeque<>();
    private Duration pollInterval = Duration.ofMinutes(5);

    /**
     * @return a trial under load whose consumer lives through the faults of many tests, one after another; a test that fails
     *     ends it, so that the next one begins with a new one. Kafka gives its consumer up when it does not poll for 4 s
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

    /** Makes a topic's name and a database, both empty. */
    public Trial() {
        this(Installation.whole());
    }

    /** Makes the same on other servers. */
    public Trial(Installation installation) {
        this.installation = installation;
        settings = installation.settings();
        database = new Database(installation.direct(settings));
        fleet = new Fleet(installation.direct(settings), SENSORS);
    }

    /**
     * Makes the same on a disk of its own.
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

    /** Lets the program connect as an ordinary role that owns the database and migrates it, not as PostgreSQL's administrator. */
    public Trial withRole(String role) {
        database.run("CREATE ROLE %s LOGIN".formatted(role));
        for (String ofThePipeline : List.of("sensor_pipeline_reader", "sensor_pipeline_operator")) {
            database.run("DO $$ BEGIN CREATE ROLE %s NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$".formatted(ofThePipeline));
            database.run("GRANT %s TO %s WITH ADMIN OPTION".formatted(ofThePipeline, role));
        }
        Database administrator = new Database(installation.direct(settings).with("db.name", "postgres"));
        administrator.run("DROP DATABASE " + settings.text("db.name"));
        administrator.run("CREATE DATABASE %s OWNER %s".formatted(settings.text("db.name"), role));
        settings = settings.with("db.user", role);
        return this;
    }

    /** Changes a setting of the consumers; to be called before they start. */
    public Trial with(String key, Object value) {
        settings = settings.with(key, value);
        return this;
    }

    /** Makes the topics, so that records can wait there for the first consumer. */
    public void createTopics() {
        try {
            new Topics(installation.direct(settings)).create();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sets the time after which Kafka gives up a consumer that does not poll; to be called before consumers start. */
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

    /** @return the database, past the proxy */
    public Database database() {
        return database;
    }

    /** @return settings of a consumer that runs as a process of its own */
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

    /** @return how many batches the ledger has */
    public long batches() {
        return database.ask("SELECT to_regclass('batch')") == null ? 0 : Long.parseLong(database.ask("SELECT count(*) FROM batch"));
    }

    /** Returns when so many members of the group have partitions to read. */
    public void awaitMembers(int count) {
        await(count + " members have partitions").until(() -> fleet.consumers() == count);
    }

    /** @return a connection to the database, past the proxy, whose settings are PostgreSQL's own */
    public Connection connect() {
        try {
            return Servers.connect(installation.direct(settings).with("db.user", "postgres"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts one more consumer of the group. */
    public void startConsumer() {
        startConsumer(settings);
    }

    /** Starts one more consumer of the group, with settings of its own. */
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

    /** Stops the consumer that was started last. */
    public void stopConsumer() {
        consumers.pop().close();
    }

    /** Starts a consumer and a load, and returns when the one stores the other. */
    public Trial underLoad() {
        startConsumer();
        fleet.startLoad(READINGS_A_SECOND);
        awaitMoreReadings();
        return this;
    }

    /** Returns when the consumers are healthy and have stored some more of what is sent. */
    public void awaitRecovery() {
        awaitHealthy();
        awaitMoreReadings();
    }

    /** Returns when the consumers are healthy. */
    public void awaitHealthy() {
        await("health").until(() -> consumers.stream().allMatch(consumer -> health(consumer).statusCode() == 200));
    }

    /** Returns when some more of what is sent is stored. */
    public void awaitMoreReadings() {
        AtomicLong before = new AtomicLong(-1);
        await("more readings").until(() -> {
            long now = database.readings();
            before.compareAndSet(-1, now);
            return now >= before.get() + READINGS_A_SECOND / 4;
        });
    }

    /** Returns when health says that the work does not progress. */
    public void awaitUnhealthy() {
        await("health says that something is wrong").until(() -> health(consumers.peek()).statusCode() == 503);
    }

    /** Returns when nothing was stored for a second; PostgreSQL has to answer the test. */
    public void awaitStandstill() {
        long[] last = {-1, 0};
        await("nothing is stored any more").until(() -> {
            long now = database.readings();
            if (now != last[0]) {
                last[0] = now;
                last[1] = System.nanoTime();
            }
            return System.nanoTime() - last[1] > Duration.ofSeconds(1).toNanos();
        });
    }

    /** Ends the load, awaits that consumers are healthy and have nothing left to do, and settles the fleet's account. */
    public void settle() {
        fleet.settle();
        await("health 200 and lag 0").until(() -> consumers.stream().allMatch(consumer -> {
            HttpResponse<String> health = health(consumer);
            return health.statusCode() == 200 && Http.json(health).path("checks").path("store").path("lag").asLong(-1) == 0;
        }));
        isSettled = true;
    }

    private static HttpResponse<String> health(Pipeline consumer) {
        return new Http(consumer.port("management.port")).get("/health");
    }

    private static ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(50)).ignoreExceptions();
    }

    /** Repairs the servers, and stops the consumers, but for those of a shared trial that is settled. */
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
            // PostgreSQL would miss it at its next start.
            Database administrator = new Database(installation.direct(settings).with("db.name", "postgres"));
            administrator.run("DROP DATABASE %s WITH (FORCE)".formatted(settings.text("db.name")));
            administrator.run("DROP TABLESPACE %s_disk".formatted(settings.text("db.name")));
        }
    }
}
