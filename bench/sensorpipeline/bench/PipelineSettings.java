package sensorpipeline.bench;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import sensorpipeline.Services;
import sensorpipeline.database.Databases;
import sensorpipeline.database.Schema;
import sensorpipeline.embedded.EmbeddedSettings;
import sensorpipeline.embedded.Ports;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;

/** The program's settings as the benches need them. Apart from the check of bench/fuzz, which asks the parser, and the cost of evaluating a reading, the only class of the benches that uses the program's classes. Immutable. */
final class PipelineSettings {

    /** Environment variable of the consumer group. */
    static final String GROUP = "STORE_GROUP";
    /** Environment variable of the number of consumers. */
    static final String CONSUMERS = "STORE_CONSUMERS";

    private final Settings settings;

    /**
     * @param environment variables, which override resources/application.properties
     * @throws Misuse if a setting that the benches need is invalid
     */
    PipelineSettings(Map<String, String> environment) {
        try {
            settings = Settings.load(environment);
            Services.CONSUMER.derive(settings);
            KafkaClients.security(settings);
        } catch (Settings.InvalidSetting e) {
            throw new Misuse(e.getMessage());
        }
    }

    /** @return a port of the loopback address that is free now */
    static String freePort() {
        return String.valueOf(Ports.anyFree());
    }

    boolean hasKafka() {
        return settings.has("kafka.bootstrap.servers");
    }

    boolean hasDatabase() {
        return settings.has("db.host");
    }

    /** @return true if the program would start an embedded Kafka or PostgreSQL */
    boolean needEmbeddedServers() {
        return new EmbeddedSettings(settings, true, true).areServersNeeded();
    }

    int consumers() {
        return Services.CONSUMER.derive(settings).wholeNumber("store.consumers", 1, 1000);
    }

    String group() {
        return settings.text("store.group");
    }

    /** @return the topic of the readings */
    String topic() {
        return settings.text("topic.name");
    }

    String database() {
        return settings.text("db.name");
    }

    int apiPort() {
        return settings.port("api.port");
    }

    int managementPort() {
        return settings.port("management.port");
    }

    /** Creates the topics of readings, dead letters and alerts, and returns when they have leaders. */
    void createTopics() throws Exception {
        new Topics(settings).create();
    }

    /** @return the topic of a tenant's readings */
    String topicOf(String tenant) {
        return tenant.equals(Topics.DEFAULT_TENANT) ? topic() : topic() + "." + tenant;
    }

    /** @return the topics of these tenants */
    Set<String> topicsOf(Collection<String> tenants) {
        return tenants.stream().map(this::topicOf).collect(Collectors.toSet());
    }

    /** Creates the topics of these tenants, with as many partitions as that of the tenant "default", which must exist; not those that exist. */
    void createTopicsOf(Collection<String> tenants) throws InterruptedException, ExecutionException {
        try (Admin admin = admin(Duration.ofSeconds(10))) {
            int partitions = admin.describeTopics(List.of(topic())).allTopicNames().get().get(topic()).partitions().size();
            Set<String> there = admin.listTopics().names().get();
            admin.createTopics(topicsOf(tenants).stream().filter(name -> !there.contains(name))
                    .map(name -> new NewTopic(name, Optional.of(partitions), Optional.empty())).toList()).all().get();
        }
    }

    /** Creates the schema of the database. */
    void migrate() throws SQLException {
        try (HikariDataSource database = Databases.schema(settings)) {
            new Schema(settings, database).migrate();
        }
    }

    /** @return settings of a Kafka client by Kafka's names: addresses, encryption and log-in */
    Map<String, Object> kafkaClient() {
        return new HashMap<>(KafkaClients.properties(settings));
    }

    /**
     * @param limit of each call
     * @return a new client, to be closed by the caller
     */
    Admin admin(Duration limit) {
        return Topics.admin(settings, limit);
    }

    /** @return a new connection to the database, to be closed by the caller */
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://%s:%s/%s".formatted(
                settings.text("db.host"), settings.text("db.port"), settings.text("db.name")),
                settings.text("db.user"), settings.secret("db.password"));
    }
}
