package sensorpipeline;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** A part of the pipeline that can run alone or with others in one program; its routes are in {@code routes/<name>/}. */
public enum Service {

    /** Simulates devices or replays a file. */
    PRODUCER(true, false),
    /** Stores readings. */
    CONSUMER(true, true),
    /** Answers the REST API. */
    API(false, true),
    /** Serves the page. */
    DASHBOARD(false, false);

    private final boolean usesKafka;
    private final boolean usesDatabase;

    Service(boolean usesKafka, boolean usesDatabase) {
        this.usesKafka = usesKafka;
        this.usesDatabase = usesDatabase;
    }

    /** @return true if it talks to Kafka */
    public boolean usesKafka() {
        return usesKafka;
    }

    /** @return true if it talks to PostgreSQL */
    public boolean usesDatabase() {
        return usesDatabase;
    }

    /** @return its name on the command line, and of its folder */
    public String folder() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @return the names of all services */
    public static String names() {
        return Arrays.stream(values()).map(Service::folder).collect(Collectors.joining(", "));
    }

    /**
     * @param names as given on the command line
     * @return these services, or all of them if none is named
     * @throws IllegalArgumentException if a name is not one of a service
     */
    public static Set<Service> named(List<String> names) {
        Set<Service> services = EnumSet.noneOf(Service.class);
        for (String name : names) {
            services.add(Arrays.stream(values()).filter(service -> service.folder().equals(name)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("Unknown service '" + name + "'; the services are " + names())));
        }
        return services.isEmpty() ? EnumSet.allOf(Service.class) : services;
    }
}
