package sensorpipeline.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.utils.Utils;
import sensorpipeline.embedded.EmbeddedServers;
import sensorpipeline.settings.Settings;

/** Kafka and PostgreSQL for all tests of a JVM; each test uses its own topic and database. */
public final class Servers {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private Servers() {
    }

    /** Started on first use: tests that use other servers do not need them. */
    private static final class Started {
        private static final Settings SETTINGS = start();
    }

    private static Settings start() {
        try {
            Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target/test-servers")), "servers");
            Settings settings = Settings.load(Map.of())
                    .with("data.dir", folder).with("embedded.kafka.port", SteadyPorts.anyFree()).with("embedded.db.port", SteadyPorts.anyFree()).with("kafka.partitions", 3);
            EmbeddedServers servers = EmbeddedServers.startOrJoin(settings, false);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    servers.close();
                    // Half a gigabyte for each JVM of the tests: a whole run would leave eight.
                    Utils.delete(folder.toFile());
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }));
            return servers.applyTo(settings);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @return settings with a new topic, group and migrated database, and free ports */
    public static Settings settings() {
        String name = freshName();
        Database.createMigrated(Started.SETTINGS, name);
        return settings(name);
    }

    /** @return the same with an empty database, for tests of the migration */
    public static Settings settingsWithEmptyDatabase() {
        String name = freshName();
        new Database(Started.SETTINGS).run("CREATE DATABASE " + name);
        return settings(name);
    }

    private static String freshName() {
        return "test" + NUMBER.incrementAndGet() + "x" + ProcessHandle.current().pid();
    }

    private static Settings settings(String name) {
        return Started.SETTINGS.with("topic.name", name).with("store.group", name).with("db.name", name)
                .with("api.port", 0).with("dashboard.port", 0).with("management.port", 0)
                .with("producer.sensors", 0).with("store.discovery.interval", 500).with("alerts.group", name + "-alerts").with("alerts.discovery.interval", 500);
    }

    /** @return settings with short intervals of expiry and rollup */
    public static Settings settingsWithQuickRetention() {
        return settings().with("retention.interval", "300ms").with("retention.rows", 100)
                .with("retention.refresh.interval", 100).with("retention.drop.interval", 200).with("rollup.interval", 100);
    }

    /** @return a superuser connection to the database of these settings */
    public static Connection connect(Settings settings) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://%s:%s/%s".formatted(
                settings.text("db.host"), settings.text("db.port"), settings.text("db.name")),
                settings.text("db.user"), settings.secret("db.password"));
    }
}
