package sensorpipeline.service;

import java.util.Set;
import sensorpipeline.settings.Settings;

/**
 * A part of the pipeline that runs alone or with others in one program. Its routes are in {@code routes/<name>/}, its SQL in
 * {@code resources/sql/<name>/}, its Java in the package of that name. Stateless: all programs in a JVM share one instance.
 */
public interface Service {

    /** A server that a service connects to. */
    enum Server {
        /** The brokers of {@code kafka.bootstrap.servers}, or the embedded one. */
        KAFKA,
        /** The PostgreSQL of {@code db.host}, or the embedded one. */
        POSTGRESQL
    }

    /** @return its name on the command line and in folder names: lower-case letters and hyphens */
    String name();

    /** @return the servers it connects to; none by default */
    default Set<Server> servers() {
        return Set.of();
    }

    /** @return names of the settings with the ports of its HTTP listeners, such as {@code api.port}; none by default */
    default Set<String> portSettings() {
        return Set.of();
    }

    /**
     * @param settings as given by the user
     * @return true if it ends when its work is done, instead of running until it is stopped; false by default
     */
    default boolean endsByItself(Settings settings) {
        return false;
    }

    /**
     * Checks the settings of this service, and derives others from them, for the routes and beans of all services in the
     * program. Called before servers are started, or waited for.
     *
     * @param settings as given by the user, without the addresses of embedded servers
     * @return the same settings with the derived ones
     * @throws Settings.InvalidSetting if a setting is invalid
     */
    default Settings derive(Settings settings) {
        return settings;
    }

    /**
     * Binds the beans that its routes refer to. Called once per program, before its routes start.
     *
     * @param context of the program
     * @throws Settings.InvalidSetting if a setting is invalid
     * @throws Exception if a bean cannot be created
     */
    void bind(ServiceContext context) throws Exception;
}
