package sensorpipeline.service;

import java.util.List;
import java.util.stream.Stream;
import sensorpipeline.database.Databases;
import sensorpipeline.embedded.EmbeddedSettings;
import sensorpipeline.embedded.Ports;
import sensorpipeline.http.ServerCertificate;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;
import sensorpipeline.tracing.Tracing;

/** Settings that several services use. Stateless. */
public final class SharedSettings {

    private SharedSettings() {
    }

    /**
     * Checks them before anything is started, so that a wrong one is reported without waiting for a server. The settings of
     * one service are checked by {@link Service#derive}.
     *
     * @param embedded the settings, and which servers the program connects to
     * @param ports names of the settings with the ports of the services' listeners
     * @throws Settings.InvalidSetting if one is invalid
     */
    public static void require(EmbeddedSettings embedded, List<String> ports) {
        Settings settings = embedded.settings();
        settings.oneOf("log.format", List.of("text", "json"));
        Ports.requireOwnHost(settings);
        Ports.requireDistinct(settings, Stream.of(ports, List.of("management.port", "jmx.port"), embedded.portSettings()).flatMap(List::stream).toList());
        Tracing.require(settings);
        requireRetryDelays(settings);
        new Topics(settings);
        embedded.requireFitting();
        if (embedded.usesKafka()) {
            KafkaClients.properties(settings);
        }
        if (embedded.usesDatabase() && settings.has("db.host")) {
            Databases.require(settings);
        }
        if (!ports.isEmpty() && settings.listensWithTls()) {
            ServerCertificate.of(settings);
        }
    }

    private static void requireRetryDelays(Settings settings) {
        int longest = settings.wholeNumber("retry.maximum.delay", 1, 600_000);
        if (settings.wholeNumber("retry.delay", 1, 600_000) > longest) {
            throw new Settings.InvalidSetting("retry.delay", settings.text("retry.delay"), "at most RETRY_MAXIMUM_DELAY, which is " + longest);
        }
    }
}
