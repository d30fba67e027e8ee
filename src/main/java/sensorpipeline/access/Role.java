package sensorpipeline.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a caller may do. From {@code reader} on, each role may also do what those before it may. */
public enum Role {

    /** Sends readings, and nothing else. */
    DEVICE("none"),
    /** Asks for data, alerts and rules of its tenant. */
    READER("sensor_pipeline_reader"),
    /** Acknowledges, shelves and clears alerts, and replays dead letters. */
    OPERATOR("sensor_pipeline_operator"),
    /** Changes rules, channels, metrics, keys and limits of its tenant, and deletes its data. */
    ADMINISTRATOR("sensor_pipeline_administrator"),
    /** An administrator of every tenant. */
    INSTALLATION("sensor_pipeline_administrator");

    private final String databaseRole;

    Role(String databaseRole) {
        this.databaseRole = databaseRole;
    }

    /** @return the name in contract, settings and answers, such as {@code reader} */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @return the role of PostgreSQL that limits the statements of such a caller */
    String databaseRole() {
        return databaseRole;
    }

    /** @return the role with this name; empty if there is none */
    public static Optional<Role> named(String text) {
        return Arrays.stream(values()).filter(role -> role.text().equals(text)).findFirst();
    }

    /** @return true if a caller with this role may do what needs the other one */
    public boolean includes(Role needed) {
        return this == needed || this != DEVICE && needed != DEVICE && compareTo(needed) > 0;
    }
}
