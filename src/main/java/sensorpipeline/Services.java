package sensorpipeline;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import sensorpipeline.alerts.AlertsBeans;
import sensorpipeline.api.ApiBeans;
import sensorpipeline.consumer.ConsumerBeans;
import sensorpipeline.dashboard.DashboardBeans;
import sensorpipeline.producer.ProducerBeans;
import sensorpipeline.service.Service;

/** The list of services. To add a service, add its folders and a line here. */
public final class Services {

    /** Simulates devices or replays a file. */
    public static final Service PRODUCER = new ProducerBeans();
    /** Stores readings. */
    public static final Service CONSUMER = new ConsumerBeans();
    /** Evaluates readings by alert rules. */
    public static final Service ALERTS = new AlertsBeans();
    /** Serves the REST API. */
    public static final Service API = new ApiBeans();
    /** Serves the pages. */
    public static final Service DASHBOARD = new DashboardBeans();

    private static final List<Service> ALL = List.of(PRODUCER, CONSUMER, ALERTS, API, DASHBOARD);

    private Services() {
    }

    /** @return all services, in the order of data flow: from devices to people */
    public static Set<Service> all() {
        return new LinkedHashSet<>(ALL);
    }

    /** @return the names of all services, for messages */
    public static String names() {
        return ALL.stream().map(Service::name).collect(Collectors.joining(", "));
    }

    /** @return the name of a program with these services, such as {@code sensor-pipeline-consumer} */
    static String programName(Set<Service> services) {
        return services.containsAll(ALL) ? "sensor-pipeline"
                : services.stream().map(Service::name).collect(Collectors.joining("-", "sensor-pipeline-", ""));
    }

    /**
     * @param names as given on the command line
     * @return these services, or all of them if none is named
     * @throws IllegalArgumentException if a name is not that of a service
     */
    public static Set<Service> named(List<String> names) {
        for (String name : names) {
            if (ALL.stream().noneMatch(service -> service.name().equals(name))) {
                throw new IllegalArgumentException("Unknown service '" + name + "'; the services are " + names());
            }
        }
        return names.isEmpty() ? all()
                : ALL.stream().filter(service -> names.contains(service.name())).collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
