package sensorpipeline.support;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import sensorpipeline.settings.Settings;

/**
 * A Kafka broker and a PostgreSQL for fault injection, each behind a proxy through which the program connects. Shared by all
 * tests of a JVM, which run sequentially; each uses its own topic and database. A test that deletes a server's data needs its
 * own installation.
 */
public final class Installation implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    /** Few, so that a test can exhaust them. */
    private static final int CONNECTIONS = 40;
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Installation SHARED = new Installation();

    private final int kafkaPort = SteadyPorts.anyFree();
    private final int postgresqlPort = SteadyPorts.anyFree();
    private final BrokerServer broker;
    private final PostgresqlServer postgresql;
    private final TcpProxy kafkaProxy;
    private final TcpProxy postgresqlProxy;
    private final Path folder = ProgramProcess.folder("installation");
    private int standbyPort;
    /** Null if there is none. */
    private PostgresqlServer standby;

    private Installation() {
        int behindProxy = SteadyPorts.anyFree();
        kafkaProxy = new TcpProxy(SteadyPorts.anyFree(), behindProxy);
        postgresqlProxy = new TcpProxy(SteadyPorts.anyFree(), postgresqlPort);
        broker = new BrokerServer(folder.resolve("kafka"), kafkaPort, behindProxy, kafkaProxy.port());
        postgresql = new PostgresqlServer(folder.resolve("postgresql"), postgresqlPort, CONNECTIONS);
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        Thread brokerStart = new Thread(broker::start);
        brokerStart.start();
        postgresql.start();
        try {
            brokerStart.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @return the shared installation, repaired and running */
    public static Installation whole() {
        SHARED.mend();
        return SHARED;
    }

    /** @return a separate installation, for a test that deletes its data; to be closed by the test */
    public static Installation own() {
        return new Installation();
    }

    /** Starts a standby of PostgreSQL. From now on, {@link #direct} connects to whichever of the two is available. */
    public PostgresqlServer startStandby() {
        standbyPort = SteadyPorts.anyFree();
        standby = postgresql.startStandby(folder.resolve("standby"), standbyPort);
        return standby;
    }

    /** @return the port of the standby */
    public int standbyPort() {
        return standbyPort;
    }

    /** @return the port of PostgreSQL, bypassing the proxy */
    public int postgresqlPort() {
        return postgresqlPort;
    }

    /** @return the Kafka process */
    public BrokerServer broker() {
        return broker;
    }

    /** @return the PostgreSQL process */
    public PostgresqlServer postgresql() {
        return postgresql;
    }

    /** @return the proxy between the program and Kafka */
    public TcpProxy kafkaProxy() {
        return kafkaProxy;
    }

    /** @return the proxy between the program and PostgreSQL */
    public TcpProxy postgresqlProxy() {
        return postgresqlProxy;
    }

    /** Undoes all faults of servers and proxies. */
    public void mend() {
        kafkaProxy.mend();
        postgresqlProxy.mend();
        broker.mend();
        postgresql.mend();
    }

    /**
     * @return settings of a program that connects through the proxies, with its own topic, group and migrated database, and short
     *     timeouts
     */
    public Settings settings() {
        String name = "fault" + NUMBER.incrementAndGet() + "x" + ProcessHandle.current().pid();
        Settings settings = Settings.load(Map.of())
                .with("kafka.bootstrap.servers", HOST + ":" + kafkaProxy.port())
                .with("db.host", HOST).with("db.port", postgresqlProxy.port())
                .with("topic.name", name).with("store.group", name)
                .with("kafka.partitions", 6).with("kafka.replicas", 1)
                .with("management.port", 0).with("store.discovery.interval", 500)
                .with("retry.maximum.delay", 500).with("db.connect.timeout", 1000).with("db.answer.timeout", 3000)
                .with("health.progress.timeout", 1000);
        Database.createMigrated(direct(settings), name);
        return settings.with("db.name", name);
    }

    /** @return these settings without the proxies, for clients that are not under test */
    public Settings direct(Settings settings) {
        Settings direct = settings.with("kafka.bootstrap.servers", HOST + ":" + kafkaPort);
        return standby == null ? direct.with("db.port", postgresqlPort)
                : direct.with("db.host", HOST + ":" + postgresqlPort + "," + HOST).with("db.port", standbyPort);
    }

    @Override
    public void close() {
        broker.close();
        postgresql.close();
        if (standby != null) {
            standby.close();
        }
        kafkaProxy.close();
        postgresqlProxy.close();
    }
}
