package sensorpipeline.embedded;

import java.util.ArrayList;
import java.util.List;
import sensorpipeline.settings.Settings;

/**
 * Which embedded servers a program needs, by its settings.
 *
 * @param settings as given by the user
 * @param usesKafka whether the program connects to Kafka
 * @param usesDatabase whether it connects to PostgreSQL
 */
public record EmbeddedSettings(Settings settings, boolean usesKafka, boolean usesDatabase) {

    /** @return true if the settings lack the address of a server that the program connects to */
    public boolean areServersNeeded() {
        return needsKafka() || needsDatabase();
    }

    private boolean needsKafka() {
        return usesKafka && !settings.has("kafka.bootstrap.servers");
    }

    private boolean needsDatabase() {
        return usesDatabase && !settings.has("db.host");
    }

    /** @return names of the settings with the ports of the servers that a program with these settings starts */
    public List<String> portSettings() {
        List<String> ports = new ArrayList<>();
        if (areServersNeeded() && !settings.has("kafka.bootstrap.servers")) {
            ports.add("embedded.kafka.port");
        }
        if (areServersNeeded() && !settings.has("db.host")) {
            ports.add("embedded.db.port");
        }
        return ports;
    }

    /**
     * Rejects TLS, a login or replicas for an embedded server: users who configure them have their own server, and only
     * forgot its address.
     *
     * @throws Settings.InvalidSetting if one of them is configured
     */
    public void requireFitting() {
        String protocol = settings.text("kafka.security.protocol");
        if (needsKafka() && !"PLAINTEXT".equals(protocol)) {
            throw new Settings.InvalidSetting("kafka.security.protocol", protocol,
                    "PLAINTEXT with the embedded broker; KAFKA_BOOTSTRAP_SERVERS says where another one is");
        }
        String replicas = settings.text("kafka.replicas");
        if (needsKafka() && !replicas.matches("-?1")) {
            throw new Settings.InvalidSetting("kafka.replicas", replicas, "-1 or 1 with the embedded broker; KAFKA_BOOTSTRAP_SERVERS says where others are");
        }
        String mode = settings.text("db.tls.mode");
        if (needsDatabase() && mode.matches("require|verify-.*")) {
            throw new Settings.InvalidSetting("db.tls.mode", mode, "disable or prefer with the embedded PostgreSQL; DB_HOST says where another one is");
        }
    }
}
