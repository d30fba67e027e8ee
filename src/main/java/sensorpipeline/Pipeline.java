package sensorpipeline;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.SimpleMain;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.embedded.EmbeddedServers;
import sensorpipeline.embedded.EmbeddedSettings;
import sensorpipeline.embedded.Ports;
import sensorpipeline.http.WebServer;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.metrics.JmxServer;
import sensorpipeline.routes.RouteFiles;
import sensorpipeline.service.Service;
import sensorpipeline.service.ServiceContext;
import sensorpipeline.service.SharedBeans;
import sensorpipeline.service.SharedSettings;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/**
 * Runs some services of the pipeline in this process: starts the servers they need, binds their beans, starts their
 * routes, opens their listeners, and closes everything. Started and closed by one thread; several can run in one JVM.
 */
public final class Pipeline implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

    private final Set<Service> services;
    private final CamelContext camel = new DefaultCamelContext(false);
    private Settings settings;
    /** Null until needed, and if external servers are configured. */
    private EmbeddedServers servers;
    /** Null until started. */
    private ServiceContext context;
    private Runnable onFinished = () -> { };
    private final Set<String> finished = new HashSet<>();
    private volatile boolean hasFailed;

    /**
     * @param settings as given by the user
     * @param services to run, at least one
     */
    public Pipeline(Settings settings, Set<Service> services) {
        this.settings = settings;
        this.services = services;
    }

    /** @param action to run when all services have finished */
    public void onFinished(Runnable action) {
        onFinished = action;
    }

    /** @return true if a service finished without completing its work */
    public boolean hasFailed() {
        return hasFailed;
    }

    /** @return the Camel context that runs the routes */
    public CamelContext camel() {
        return camel;
    }

    /** @return the settings; once started, with the derived ones and the addresses of the embedded servers */
    public Settings settings() {
        return settings;
    }

    /**
     * @param portSetting name of a listener's setting, such as {@code api.port}
     * @return the port of this listener, once started
     */
    public int port(String portSetting) {
        return context.listeners().get(portSetting).port();
    }

    /**
     * Starts everything; when this returns, the routes run and the listeners are open.
     *
     * @throws CannotStart if the user has to fix something first
     * @throws Settings.InvalidSetting if a setting is invalid
     */
    public void start() throws Exception {
        EmbeddedSettings embedded = new EmbeddedSettings(settings, uses(Service.Server.KAFKA), uses(Service.Server.POSTGRESQL));
        SharedSettings.require(embedded, portSettings());
        for (Service service : services) {
            settings = service.derive(settings);
        }
        RouteFiles routes = new RouteFiles(camel, settings, folders());
        String host = settings.text("listen.host");
        Ports.requireFree(host, settings, portSettings());
        boolean wasManagementPortFree = Ports.isFree(host, settings.port("management.port"));
        if (embedded.areServersNeeded()) {
            startServers();
        }
        context = new ServiceContext(services, camel, settings);
        SimpleMain main = new SimpleMain(camel);
        configure(main);
        context.bind("program", this);
        context.manage(mayMoveManagement(wasManagementPortFree));
        SharedBeans.bind(context, Services.programName(services), uses(Service.Server.KAFKA));
        for (Service service : services) {
            service.bind(context);
        }
        if (uses(Service.Server.KAFKA)) {
            SharedBeans.createTopics(settings);
        }
        context.opening(main::stop);
        routes.start(main);
        routes.watch();
        context.openListeners();
        if (settings.port("jmx.port") != 0) {
            context.opening(JmxServer.open(settings.port("jmx.port")));
        }
        LOG.info("Running {}: {}", String.join(", ", folders()),
                context.listeners().values().stream().map(WebServer::toString).collect(Collectors.joining(", ")));
    }

    /**
     * Called by a route when its service has finished; the program ends when all of its services have.
     *
     * @param service name of the service
     * @param isComplete whether it has completed its work
     */
    public synchronized void finished(String service, boolean isComplete) {
        hasFailed |= !isComplete;
        finished.add(service);
        if (finished.containsAll(folders())) {
            onFinished.run();
        }
    }

    private List<String> folders() {
        return services.stream().map(Service::name).toList();
    }

    private boolean uses(Service.Server server) {
        return services.stream().anyMatch(service -> service.servers().contains(server));
    }

    private List<String> portSettings() {
        return services.stream().flatMap(service -> service.portSettings().stream()).toList();
    }

    private void startServers() throws Exception {
        LOG.info("Starting, or joining, the embedded servers in {}", settings.text("data.dir"));
        servers = EmbeddedServers.startOrJoin(settings, services.stream().allMatch(service -> service.endsByItself(settings)));
        settings = servers.applyTo(settings);
    }

    /**
     * Programs that share embedded servers share their settings: a configured port goes to the first program that opens it,
     * and the others use free ports. A port in use by an unrelated program is an error.
     */
    private boolean mayMoveManagement(boolean wasPortFree) {
        return !settings.isGiven("management.port") || servers != null && (servers.isJoined() || wasPortFree);
    }

    private void configure(SimpleMain main) {
        // An empty environment variable must not hide a derived setting, such as the address of an embedded server.
        ((PropertiesComponent) camel.getPropertiesComponent()).setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_FALLBACK);
        settings.all().forEach((key, value) -> {
            // Camel reads its own settings itself, from the same file and the environment.
            if (!key.startsWith("camel.")) {
                main.addOverrideProperty(key, value);
            }
        });
        camel.getComponent("kafka", KafkaComponent.class).setKafkaClientFactory(KafkaClients.factory(settings));
    }

    /** Stops accepting work, completes work in progress, and closes everything, the newest first. */
    @Override
    public void close() {
        if (servers != null) {
            servers.prepareToClose();
        }
        if (context != null) {
            context.close();
            context = null;
        }
        if (servers != null) {
            try {
                servers.close();
            } catch (Exception e) {
                LOG.warn("The embedded servers did not close cleanly: {}", e.toString());
            }
            servers = null;
        }
    }
}
