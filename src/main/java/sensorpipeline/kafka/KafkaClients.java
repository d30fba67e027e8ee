package sensorpipeline.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;
import org.apache.kafka.common.security.plain.PlainLoginModule;
import org.apache.kafka.common.security.scram.ScramLoginModule;
import sensorpipeline.settings.Settings;

/** Common configuration of all Kafka clients: brokers, trust and authentication. Stateless. */
public final class KafkaClients {

    private static final List<String> PROTOCOLS = List.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");
    private static final List<String> MECHANISMS = List.of("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN");

    private KafkaClients() {
    }

    /**
     * @param settings {@code kafka.*}
     * @return client configuration, by Kafka's names; without addresses if none is set, for the embedded broker
     * @throws Settings.InvalidSetting if one of ours is invalid
     */
    public static Map<String, Object> properties(Settings settings) {
        Map<String, Object> properties = security(settings);
        if (settings.has("kafka.bootstrap.servers")) {
            properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, String.join(",", settings.servers("kafka.bootstrap.servers", true)));
        }
        return properties;
    }

    /**
     * @param settings {@code kafka.security.protocol}, {@code kafka.sasl.*} and {@code kafka.tls.*}
     * @return the part of the client configuration for TLS and login, by Kafka's names
     * @throws Settings.InvalidSetting if one of ours is invalid
     */
    public static Map<String, Object> security(Settings settings) {
        Map<String, Object> properties = new HashMap<>();
        String protocol = settings.oneOf("kafka.security.protocol", PROTOCOLS);
        properties.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, protocol);
        if (protocol.endsWith("SSL")) {
            properties.putAll(tls(settings));
        } else {
            requireNoTls(settings, protocol);
        }
        if (protocol.startsWith("SASL")) {
            properties.putAll(login(settings));
        }
        return properties;
    }

    /**
     * @param settings {@code kafka.*}
     * @return a factory of the clients of Camel's component. It adds the password, because Camel resolves, logs and displays
     *     the options of a component
     * @throws Settings.InvalidSetting if one of ours is invalid
     */
    public static DefaultKafkaClientFactory factory(Settings settings) {
        Map<String, Object> security = security(settings);
        return new DefaultKafkaClientFactory() {
            @Override
            @SuppressWarnings("rawtypes")
            public Producer getProducer(Properties properties) {
                properties.putAll(security);
                return super.getProducer(properties);
            }

            @Override
            @SuppressWarnings("rawtypes")
            public Consumer getConsumer(Properties properties) {
                properties.putAll(security);
                return super.getConsumer(properties);
            }
        };
    }

    private static void requireNoTls(Settings settings, String protocol) {
        for (String file : List.of("kafka.tls.certificates", "kafka.tls.certificate", "kafka.tls.key")) {
            if (settings.has(file)) {
                throw new Settings.InvalidSetting("kafka.security.protocol", protocol,
                        "SSL or SASL_SSL, because " + Settings.environmentName(file) + " is set and nothing else looks at it");
            }
        }
    }

    private static Map<String, Object> tls(Settings settings) {
        Map<String, Object> properties = new HashMap<>();
        if (settings.has("kafka.tls.certificates")) {
            properties.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, "PEM");
            properties.put(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG, pem(settings, "kafka.tls.certificates", "CERTIFICATE"));
        }
        if (settings.has("kafka.tls.certificate") || settings.has("kafka.tls.key")) {
            properties.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, "PEM");
            properties.put(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG, pem(settings, "kafka.tls.certificate", "CERTIFICATE"));
            properties.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, pem(settings, "kafka.tls.key", "PRIVATE KEY"));
        }
        return properties;
    }

    private static String pem(Settings settings, String key, String kind) {
        try {
            String text = Files.readString(settings.file(key));
            if (text.contains("-----BEGIN " + kind + "-----")) {
                return text;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new Settings.InvalidSetting(key, settings.text(key), "a PEM file with a " + kind);
    }

    private static Map<String, Object> login(Settings settings) {
        String mechanism = settings.oneOf("kafka.sasl.mechanism", MECHANISMS);
        if (!settings.has("kafka.sasl.username")) {
            throw new Settings.InvalidSetting("kafka.sasl.username", "", "the name to log in with, because KAFKA_SECURITY_PROTOCOL is "
                    + settings.text("kafka.security.protocol"));
        }
        String module = "PLAIN".equals(mechanism) ? PlainLoginModule.class.getName() : ScramLoginModule.class.getName();
        return Map.of(SaslConfigs.SASL_MECHANISM, mechanism, SaslConfigs.SASL_JAAS_CONFIG, "%s required username=%s password=%s;".formatted(
                module, quoted(settings.text("kafka.sasl.username")), quoted(settings.secret("kafka.sasl.password"))));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /**
     * Describes a problem of a client. If the client only reports a time-out, this tries to connect to the brokers, which
     * takes up to half a second for each of the first three.
     *
     * @param settings that the client was created with
     * @param problem of the client
     * @return what is wrong, in one line, and which settings to check
     */
    public static String describe(Settings settings, Throwable problem) {
        String kafka = "Kafka at " + settings.text("kafka.bootstrap.servers");
        List<Throwable> causes = Stream.iterate(problem, cause -> cause != null, Throwable::getCause).toList();
        Throwable root = causes.get(causes.size() - 1);
        for (Throwable cause : causes) {
            if (cause instanceof SslAuthenticationException) {
                return "%s: TLS fails (KAFKA_TLS_CERTIFICATES, KAFKA_TLS_CERTIFICATE): %s".formatted(kafka, root.getMessage());
            }
            if (cause instanceof SaslAuthenticationException || cause instanceof UnsupportedSaslMechanismException) {
                return "%s rejects the login of %s (KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, KAFKA_SASL_MECHANISM): %s".formatted(
                        kafka, settings.text("kafka.sasl.username"), cause.getMessage());
            }
            if (cause instanceof AuthorizationException) {
                return kafka + " denies permission: " + cause.getMessage();
            }
        }
        boolean isUnanswered = causes.stream().anyMatch(cause -> cause instanceof TimeoutException || cause instanceof RetriableException
                || cause instanceof ConfigException);
        return kafka + " " + (isUnanswered ? BrokerProbe.describe(settings) : "reports an error: " + root);
    }
}
