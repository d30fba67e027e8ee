package sensorpipeline.service;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.camel.CamelContext;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.health.CertificateHealthCheck;
import sensorpipeline.health.HealthAnswers;
import sensorpipeline.health.SampledHealthCheck;
import sensorpipeline.http.ServerCertificate;
import sensorpipeline.http.WebServer;
import sensorpipeline.metrics.Meters;
import sensorpipeline.settings.Settings;

/**
 * Shared by the services of one program: settings, Camel context, meters and HTTP listeners. {@link #close} closes all
 * opened resources. Not thread-safe.
 */
public final class ServiceContext implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceContext.class);
    /** Requests processed concurrently, including those that wait for PostgreSQL; others queue. */
    private static final int WORKERS = 64;
    private static final String MANAGEMENT_PORT = "management.port";

    private final Set<Service> services;
    private final CamelContext camel;
    private final Settings settings;
    private final PrometheusMeterRegistry meters = Meters.registry();
    /** Resources that close() closes, the newest first. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Map<String, WebServer> listeners = new LinkedHashMap<>();
    private final Vertx vertx;
    /** Null until a public listener needs it, and if listeners use plain HTTP. */
    private ServerCertificate certificate;

    /**
     * @param services that run in the program
     * @param camel context whose routes refer to the beans
     * @param settings of the program, complete
     */
    public ServiceContext(Set<Service> services, CamelContext camel, Settings settings) {
        this.services = services;
        this.camel = camel;
        this.settings = settings;
        vertx = Vertx.vertx(new VertxOptions().setWorkerPoolSize(WORKERS));
        opened.push(() -> vertx.close().toCompletionStage().toCompletableFuture().join());
        bind(MicrometerConstants.METRICS_REGISTRY_NAME, meters);
    }

    /** @return the Camel context that runs the routes */
    public CamelContext camel() {
        return camel;
    }

    /** @return the settings, complete */
    public Settings settings() {
        return settings;
    }

    /** @return true if this service runs in the program */
    public boolean runs(String service) {
        return services.stream().anyMatch(each -> each.name().equals(service));
    }

    /** @return where meters are registered */
    public PrometheusMeterRegistry meters() {
        return meters;
    }

    /** @return the Vert.x instance of HTTP listeners and clients */
    public Vertx vertx() {
        return vertx;
    }

    /** Binds a bean under a name that routes can refer to. */
    public void bind(String name, Object bean) {
        camel.getRegistry().bind(name, bean);
    }

    /** @return the resource; it is closed when the program stops, before those opened earlier */
    public <T extends AutoCloseable> T opening(T resource) {
        opened.push(resource);
        return resource;
    }

    /** @return the pool; its usage is measured until it is closed when the program stops */
    public HikariDataSource openingPool(HikariDataSource pool) {
        pool.setMetricRegistry(meters);
        return opening(pool);
    }

    /** Registers a health check for {@code /health} and as a meter, and starts it. */
    public void watch(SampledHealthCheck check) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "health-" + check.getId());
            thread.setDaemon(true);
            return thread;
        });
        opened.push(executor::shutdownNow);
        bind(check.getId() + "-health-check", check);
        Gauge.builder("sensor.pipeline.healthy", check, each -> each.isWell() ? 1 : 0)
                .description("1 if what /health shows under this name is well, 0 if not").tag("check", check.getId()).register(meters);
        check.start(executor);
    }

    /**
     * @param name what the listener serves, for messages
     * @param portSetting name of the setting with its port, such as {@code api.port}
     * @param corsOrigin origin whose web pages may read responses, {@code *} for any, empty for none
     * @return a listener for other machines, with TLS if configured. It opens after the routes have started.
     * @throws Settings.InvalidSetting if the certificate or its key is unusable
     */
    public WebServer publicListener(String name, String portSetting, String corsOrigin) {
        WebServer listener = listener(name, portSetting, corsOrigin, !settings.restrictsAccess());
        certificate().ifPresent(listener::secure);
        return listener;
    }

    /**
     * Creates the listener for health and metrics.
     *
     * @param movesIfTaken whether to use a free port if its own is taken
     */
    public void manage(boolean movesIfTaken) {
        WebServer management = listener("management", MANAGEMENT_PORT, "", true);
        if (movesIfTaken) {
            management.moveIfTaken();
        }
        new HealthAnswers(camel, vertx, true).serve(management.router(), "/observe/health");
        management.router().get("/observe/metrics").handler(request -> request.response()
                .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8").end(meters.scrape()));
        management.bind(camel.getRegistry(), "management-http");
    }

    private WebServer listener(String name, String portSetting, String corsOrigin, boolean tellsOperators) {
        WebServer listener = new WebServer(vertx, name, settings.text("listen.host"), portSetting, settings.port(portSetting), corsOrigin);
        listener.measure(meters);
        new HealthAnswers(camel, vertx, tellsOperators).serve(listener.router(), "/health");
        listeners.put(portSetting, listener);
        return listener;
    }

    /** @return the certificate that public listeners present; empty if they use plain HTTP */
    public Optional<ServerCertificate> certificate() {
        if (certificate == null && settings.listensWithTls()) {
            certificate = ServerCertificate.of(settings);
            CertificateHealthCheck check = new CertificateHealthCheck(certificate);
            watch(check);
            Gauge.builder("sensor.pipeline.certificate.left.seconds", check, CertificateHealthCheck::secondsLeft)
                    .description("Seconds until the certificate of REST API and dashboard expires").register(meters);
        }
        return Optional.ofNullable(certificate);
    }

    /** Opens the listeners. Must be called after the routes have started, so that no listener is open without its paths. */
    public void openListeners() {
        for (WebServer listener : listeners.values()) {
            listener.open();
            opened.push(listener);
        }
    }

    /** @return the listeners by port setting, in order of creation */
    public Map<String, WebServer> listeners() {
        return listeners;
    }

    /** Closes everything, the newest first. */
    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                LOG.warn("A part did not close cleanly: {}", e.toString());
            }
        }
    }
}
