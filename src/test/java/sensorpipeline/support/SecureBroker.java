package sensorpipeline.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.Time;
import sensorpipeline.settings.Settings;

/**
 * A Kafka broker in this JVM that accepts only TLS: one listener requires a login (SASL_SSL), another a client certificate (SSL).
 * {@link #USER} may do everything, {@link #STRANGER} nothing.
 */
public final class SecureBroker implements AutoCloseable {

    /** Super user. */
    public static final String USER = "sensor-pipeline";
    /** May log in, but has no permissions. */
    public static final String STRANGER = "stranger";
    /** Has the permissions that were granted to it. */
    public static final String LIMITED = "limited";
    /** Password of all users, with characters that need escaping. */
    public static final String PASSWORD = "s3\"cr\\et {{x}} ${y} #z;'";

    private static final String HOST = "127.0.0.1";

    private final int loginPort = SteadyPorts.anyFree();
    private final int certificatePort = SteadyPorts.anyFree();
    private final int ownPort = SteadyPorts.anyFree();
    private final KafkaRaftServer server;

    /**
     * Starts the broker and waits until it accepts clients.
     *
     * @param folder for its log; created if absent
     * @param certificate of the broker, for localhost
     * @param authority of the client certificates
     */
    public SecureBroker(Path folder, TestCertificate certificate, TestAuthority authority) throws IOException, InterruptedException, ExecutionException {
        Properties configuration = configuration(Files.createDirectories(folder), certificate, authority);
        Path file = folder.resolve("server.properties");
        try (var writer = Files.newBufferedWriter(file)) {
            configuration.store(writer, null);
        }
        StorageTool.execute(new String[] {"format", "--cluster-id", Uuid.randomUuid().toString(), "--config", file.toString()}, System.out);
        server = new KafkaRaftServer(new KafkaConfig(configuration, false), Time.SYSTEM);
        server.startup();
        try (Admin admin = admin()) {
            admin.alterUserScramCredentials(Stream.of(USER, STRANGER, LIMITED).<UserScramCredentialAlteration>map(name -> new UserScramCredentialUpsertion(
                    name, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), PASSWORD)).toList()).all().get();
        }
    }

    private Admin admin() {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, HOST + ":" + ownPort));
    }

    /** Grants the permissions that all services together need by docs/security.md, and more on its topics. */
    public void allow(String user, Settings settings, AclOperation... more) throws InterruptedException, ExecutionException {
        try (Admin admin = admin()) {
            admin.createAcls(Stream.concat(
                    Stream.concat(Stream.of(AclOperation.DESCRIBE, AclOperation.READ, AclOperation.WRITE), Stream.of(more))
                            .map(operation -> acl(user, new ResourcePattern(ResourceType.TOPIC, settings.text("topic.name"), PatternType.PREFIXED), operation)),
                    Stream.of(AclOperation.DESCRIBE, AclOperation.READ)
                            .flatMap(operation -> Stream.of(acl(user, new ResourcePattern(ResourceType.GROUP, settings.text("store.group"), PatternType.LITERAL), operation),
                                    acl(user, new ResourcePattern(ResourceType.GROUP, settings.text("alerts.group"), PatternType.PREFIXED), operation)))).toList()).all().get();
        }
    }

    private static AclBinding acl(String user, ResourcePattern resource, AclOperation operation) {
        return new AclBinding(resource, new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
    }

    private Properties configuration(Path folder, TestCertificate certificate, TestAuthority authority) throws IOException {
        String controller = HOST + ":" + SteadyPorts.anyFree();
        Properties configuration = new Properties();
        configuration.put("process.roles", "broker,controller");
        configuration.put("node.id", "1");
        configuration.put("controller.quorum.voters", "1@" + controller);
        configuration.put("controller.listener.names", "CONTROLLER");
        configuration.put("inter.broker.listener.name", "BROKERS");
        configuration.put("listener.security.protocol.map", "LOGIN:SASL_SSL,CERTIFICATE:SSL,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT");
        configuration.put("listeners", "LOGIN://%1$s:%2$d,CERTIFICATE://%1$s:%3$d,BROKERS://%1$s:%4$d,CONTROLLER://%5$s".formatted(
                HOST, loginPort, certificatePort, ownPort, controller));
        configuration.put("advertised.listeners", configuration.getProperty("listeners")
                .replace("LOGIN://" + HOST, "LOGIN://localhost").replace("CERTIFICATE://" + HOST, "CERTIFICATE://localhost")
                .replace(",CONTROLLER://" + controller, ""));
        configuration.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
        configuration.put("listener.name.login.scram-sha-512.sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        configuration.put("ssl.keystore.type", "PEM");
        configuration.put("ssl.keystore.certificate.chain", Files.readString(certificate.certificate()));
        configuration.put("ssl.keystore.key", Files.readString(certificate.key()));
        configuration.put("ssl.truststore.type", "PEM");
        configuration.put("ssl.truststore.certificates", Files.readString(authority.certificate()));
        configuration.put("listener.name.certificate.ssl.client.auth", "required");
        configuration.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        // The controller and the internal listener, which is not given to clients, are anonymous.
        configuration.put("super.users", String.join(";", List.of("User:ANONYMOUS", "User:" + USER, "User:CN=" + USER)));
        configuration.put("log.dirs", folder.resolve("log").toString());
        configuration.put("auto.create.topics.enable", "false");
        configuration.put("group.initial.rebalance.delay.ms", "0");
        configuration.put("log.cleaner.dedupe.buffer.size", "2097152");
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            configuration.put(topic + ".replication.factor", "1");
            configuration.put(topic + ".num.partitions", "1");
        }
        configuration.put("transaction.state.log.min.isr", "1");
        configuration.put("share.coordinator.state.topic.min.isr", "1");
        return configuration;
    }

    /** @return port of the listener that requires a login */
    public int loginPort() {
        return loginPort;
    }

    /** @return port of the listener that requires a client certificate */
    public int certificatePort() {
        return certificatePort;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
