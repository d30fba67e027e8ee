package sensorpipeline.support;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import sensorpipeline.settings.Settings;

/**
 * A broker and a PostgreSQL that the fault suite hurts, and a proxy before each of them through which the program reaches
 * them. One for all tests of a JVM, which run one after another; each takes its own topic and its own database. A test that
 * loses all that a server holds takes one of its own.
 */
public final class Installation implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    /** Few, so that a test can take them all. */
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
    /** Null without one. */
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

    /** @return the one of this JVM, whole and running */
    public static Installation whole() {
        SHARED.mend();
        return SHARED;
    }

    /** @return another one, for a test that loses what it holds; to be closed by the test */
    public static Installation own() {
        return new Installation();
    }

    /** Makes a standby that follows PostgreSQL; who asks past the proxies is from now on answered by whichever of the two is there. */
    public PostgresqlServer startStandby() {
        standbyPort = SteadyPorts.anyFree();
        standby = postgresql.startStandby(folder.resolve("standby"), standbyPort);
        return standby;
    }

    /** @return the port of the standby */
    public int standbyPort() {
        return standbyPort;
    }

    /** @return the port of PostgreSQL, past the proxy */
    public int postgresqlPort() {
        return postgresqlPort;
    }

    /** @return Kafka, as a process that can be hurt */
    public BrokerServer broker() {
        return broker;
    }

    /** @return PostgreSQL, as a process that can be hurt */
    public PostgresqlServer postgresql() {
        return postgresql;
    }

    /** @return the cable between the program and Kafka */
    public TcpProxy kafkaProxy() {
        return kafkaProxy;
    }

    /** @return the cable between the program and PostgreSQL */
    public TcpProxy postgresqlProxy() {
        return postgresqlProxy;
    }

    /** Undoes whatever a test did to servers and cables. */
    public void mend() {
        kafkaProxy.mend();
        postgresqlProxy.mend();
        broker.mend();
        postgresql.mend();
    }

    /**
     * @return settings of a program that reaches the servers through the proxies, with a topic, a group and a migrated database
     *     that nobody else uses, and little patience
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

    /** @return the same, past the proxies: for those who are not under test */
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
