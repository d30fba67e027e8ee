package sensorpipeline;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.SimpleMain;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.answer.LiveStream;
import sensorpipeline.answer.Parameters;
import sensorpipeline.answer.PointsOfSeries;
import sensorpipeline.answer.Readings;
import sensorpipeline.answer.SharedComponent;
import sensorpipeline.answer.TimeSeries;
import sensorpipeline.dashboard.ApiProxy;
import sensorpipeline.database.Databases;
import sensorpipeline.embedded.EmbeddedServers;
import sensorpipeline.embedded.Ports;
import sensorpipeline.health.ApiHealthCheck;
import sensorpipeline.health.CertificateHealthCheck;
import sensorpipeline.health.DatabaseHealthCheck;
import sensorpipeline.health.HealthAnswers;
import sensorpipeline.health.KafkaHealthCheck;
import sensorpipeline.health.SampledHealthCheck;
import sensorpipeline.health.StoreHealthCheck;
import sensorpipeline.http.Assets;
import sensorpipeline.http.ErrorAnswer;
import sensorpipeline.http.ServerCertificate;
import sensorpipeline.http.TrustedCertificates;
import sensorpipeline.http.WebServer;
import sensorpipeline.kafka.BatchConsumer;
import sensorpipeline.kafka.DeadLetters;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.kafka.Topics;
import sensorpipeline.metrics.Meters;
import sensorpipeline.metrics.StoreGauges;
import sensorpipeline.producer.FileReplay;
import sensorpipeline.producer.Simulator;
import sensorpipeline.store.BulkCopy;
import sensorpipeline.store.Outage;
import sensorpipeline.store.Progress;
import sensorpipeline.store.ReadingBatches;
import sensorpipeline.store.Retention;
import sensorpipeline.store.Rollups;
import sensorpipeline.store.Schema;
import sensorpipeline.store.SeriesNumbers;
import sensorpipeline.store.StoreFigures;
import sensorpipeline.tracing.RecordTraces;
import sensorpipeline.tracing.Tracing;

/**
 * Some services of the pipeline in this process: the beans that their routes name, the routes, and the listeners. Started
 * and closed by one thread; several can live in one JVM.
 */
public final class Pipeline implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    /** Requests that can be answered, or wait for PostgreSQL, at a time; more wait for their turn. */
    private static final int WORKERS = 64;

    private final Set<Service> services;
    /** What close() closes, the newest first. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final List<WebServer> listeners = new ArrayList<>();
    private final CamelContext context = new DefaultCamelContext(false);
    private final PrometheusMeterRegistry meters = Meters.registry();
    /** Null where no store runs. */
    private StoreGauges storeGauges;
    private Settings settings;
    private boolean isJoined;
    /** Whether the REST API that its dashboard asks is its own. */
    private boolean callsItself;
    /** What its listeners show; null where they do without. */
    private ServerCertificate certificate;
    private Runnable onFinished = () -> { };
    private volatile boolean failed;

    /**
     * @param settings as the user gave them
     * @param services to run, at least one
     */
    public Pipeline(Settings settings, Set<Service> services) {
        this.settings = settings;
        this.services = services;
    }

    /** @param action to run when the pipeline has nothing left to do */
    public void onFinished(Runnable action) {
        onFinished = action;
    }

    /** @return true if it finished without having done all */
    public boolean hasFailed() {
        return failed;
    }

    /** @return the Camel context that runs the routes */
    public CamelContext camel() {
        return context;
    }

    /** @return the settings; once started, with the addresses of the embedded servers */
    public Settings settings() {
        return settings;
    }

    /**
     * @param portSetting name of a listener's setting, such as {@code api.port}
     * @return the port that this listener has, once started
     */
    public int port(String portSetting) {
        return listeners.stream().filter(listener -> listener.portSetting().equals(portSetting)).findFirst().orElseThrow().port();
    }

    /**
     * Starts everything; the routes run and the listeners are open when this returns.
     *
     * @throws CannotStart if something that the user can mend is in the way
     * @throws Settings.InvalidSetting if a setting is not as it must be
     */
    public void start() throws Exception {
        settings.oneOf("log.format", List.of("text", "json"));
        requirePlainEmbeddedServers();
        requireFreePorts();
        if (EmbeddedServers.areNeeded(settings, services.stream().anyMatch(Service::usesKafka), services.stream().anyMatch(Service::usesDatabase))) {
            LOG.info("Starting, or joining, the embedded servers in {}", settings.text("data.dir"));
            EmbeddedServers servers = opening(EmbeddedServers.startOrJoin(settings));
            settings = servers.applyTo(settings);
            isJoined = servers.isJoined();
        }
        SimpleMain main = new SimpleMain(context);
        configure(main);
        Tracing tracing = settings.has("tracing.endpoint") ? opening(new Tracing(settings, name())) : null;
        if (tracing != null) {
            tracing.trace(context);
        }
        bind("recordTraces", tracing == null ? RecordTraces.none() : tracing.records());
        bind();
        prepareServices();
        opened.push(main::stop);
        main.start();
        RouteFiles.requireSound(context);
        if (storeGauges != null) {
            storeGauges.register(context.getManagementName());
        }
        if (settings.has("routes.dir")) {
            new RouteFiles(context, Path.of(settings.text("routes.dir")), services.stream().map(Service::folder).toList()).watch();
        }
        for (WebServer listener : listeners) {
            listener.open();
            opened.push(listener);
        }
        if (settings.port("jmx.port") != 0) {
            opening(JmxServer.open(settings.port("jmx.port")));
        }
        LOG.info("Running {}: {}", services.stream().map(Service::folder).collect(Collectors.joining(", ")),
                listeners.stream().map(WebServer::toString).collect(Collectors.joining(", ")));
    }

    /** Called by the route replay-file at its end: a program that only replays is then finished. */
    public void replayFinished() {
        if (services.equals(Set.of(Service.PRODUCER))) {
            failed = !context.getRegistry().lookupByNameAndType("fileReplay", FileReplay.class).isComplete();
            onFinished.run();
        }
    }

    /** @return what it is called among programs that run other services */
    private String name() {
        return services.size() == Service.values().length ? "sensor-pipeline"
                : services.stream().map(Service::folder).collect(Collectors.joining("-", "sensor-pipeline-", ""));
    }

    private boolean runs(Service service) {
        return services.contains(service);
    }

    /** Somebody who wants TLS or a login has servers of their own in mind, and only forgot to say where. */
    private void requirePlainEmbeddedServers() {
        if (services.stream().anyMatch(Service::usesKafka) && !settings.has("kafka.bootstrap.servers")
                && !"PLAINTEXT".equals(settings.text("kafka.security.protocol"))) {
            throw new Settings.InvalidSetting("kafka.security.protocol", settings.text("kafka.security.protocol"),
                    "PLAINTEXT with the embedded broker; KAFKA_BOOTSTRAP_SERVERS says where another one is");
        }
        if (services.stream().anyMatch(Service::usesDatabase) && !settings.has("db.host")
                && settings.text("db.tls.mode").matches("require|verify-.*")) {
            throw new Settings.InvalidSetting("db.tls.mode", settings.text("db.tls.mode"),
                    "disable or prefer with the embedded PostgreSQL; DB_HOST says where another one is");
        }
    }

    private void requireFreePorts() {
        if (runs(Service.API)) {
            Ports.requireFree(settings.text("listen.host"), settings, "api.port");
        }
        if (runs(Service.DASHBOARD)) {
            Ports.requireFree(settings.text("listen.host"), settings, "dashboard.port");
        }
    }

    /** @return how many consumers of the store run in one program with these settings, 1 to 1000 */
    public static int consumers(Settings settings) {
        return settings.has("store.consumers") ? settings.wholeNumber("store.consumers", 1, 1000)
                : Math.max(2, Runtime.getRuntime().availableProcessors() / 2);
    }

    private void configure(SimpleMain main) {
        callsItself = runs(Service.API) && !settings.isGiven("api.base.url");
        if (callsItself) {
            settings = settings.with("api.base.url", "%s://%s:%d".formatted(isSecured() ? "https" : "http", settings.ownHost(), settings.port("api.port")));
        }
        boolean replays = settings.has("producer.file");
        int consumers = consumers(settings);
        settings = settings.with("store.consumers", consumers);
        if (!settings.has("store.connections")) {
            settings = settings.with("store.connections", consumers + 3);
        }
        settings = settings.with("producer.simulates", !replays).with("producer.replays", replays)
                .with("store.subscription", new Topics(settings).subscription());
        // What is empty in the environment must not hide what was found for it, such as the address of an embedded server.
        ((PropertiesComponent) context.getPropertiesComponent()).setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_FALLBACK);
        settings.all().forEach((key, value) -> {
            // Camel reads its own settings itself, from the same file and the environment.
            if (!key.startsWith("camel.")) {
                main.addOverrideProperty(key, value);
            }
        });
        context.getComponent("kafka", KafkaComponent.class).setKafkaClientFactory(KafkaClients.factory(settings));
        String folder = settings.text("routes.dir");
        String start = folder.isEmpty() ? "classpath:routes/" : "file:" + folder + "/";
        main.configure().withRoutesIncludePattern(Stream.concat(Stream.of("shared"), services.stream().map(Service::folder))
                .map(name -> start + name + "/*.camel.yaml").collect(Collectors.joining(",")));
    }

    private void bind() throws Exception {
        Vertx vertx = Vertx.vertx(new VertxOptions().setWorkerPoolSize(WORKERS));
        opened.push(() -> vertx.close().toCompletionStage().toCompletableFuture().join());
        bind(MicrometerConstants.METRICS_REGISTRY_NAME, meters);
        bind("program", this);
        Topics topics = new Topics(settings);
        bind("topics", topics);
        bind("parameters", new Parameters());
        bindManagement(vertx);
        if (isSecured() && (runs(Service.API) || runs(Service.DASHBOARD))) {
            certificate = new ServerCertificate(vertx, settings.file("listen.tls.certificate"), settings.file("listen.tls.key"));
            CertificateHealthCheck check = new CertificateHealthCheck(certificate);
            watch(check);
            Gauge.builder("sensor.pipeline.certificate.left.seconds", check, CertificateHealthCheck::secondsLeft)
                    .description("Seconds until the certificate of REST API and dashboard expires").register(meters);
        }
        if (services.stream().anyMatch(Service::usesKafka)) {
            watch(opening(new KafkaHealthCheck(settings)));
        }
        if (runs(Service.PRODUCER)) {
            bindProducer();
        }
        if (runs(Service.CONSUMER)) {
            bindConsumer(topics);
        }
        if (runs(Service.API)) {
            bindApi(vertx);
        }
        if (runs(Service.DASHBOARD)) {
            bind("assets", Assets.ofDashboard(context));
            TrustedCertificates trusted = callsItself && isSecured() ? TrustedCertificates.only(certificate)
                    : TrustedCertificates.of(settings, "api.base.certificates");
            watch(new ApiHealthCheck(apiBaseUrl(), trusted));
            WebServer listener = publicListener(vertx, "dashboard", "dashboard.port", "");
            new ApiProxy(vertx, apiBaseUrl(), trusted).serve(listener.router());
            listener.bind(context.getRegistry(), "dashboard-http");
        }
    }

    private void bind(String name, Object bean) {
        context.getRegistry().bind(name, bean);
    }

    private <T extends AutoCloseable> T opening(T resource) {
        opened.push(resource);
        return resource;
    }

    /** A pool of connections that is measured: those in use, and how long somebody waited for one. */
    private HikariDataSource openingPool(HikariDataSource pool) {
        pool.setMetricRegistry(meters);
        return opening(pool);
    }

    private WebServer listener(Vertx vertx, String name, String portSetting, int port, String corsOrigin) {
        WebServer listener = new WebServer(vertx, name, settings.text("listen.host"), portSetting, port, corsOrigin);
        listener.measure(meters);
        new HealthAnswers(context, vertx).serve(listener.router(), "/health");
        listeners.add(listener);
        return listener;
    }

    /** One that people and programs of other machines call. */
    private WebServer publicListener(Vertx vertx, String name, String portSetting, String corsOrigin) {
        WebServer listener = listener(vertx, name, portSetting, settings.port(portSetting), corsOrigin);
        if (certificate != null) {
            listener.secure(certificate);
        }
        return listener;
    }

    private boolean isSecured() {
        return settings.has("listen.tls.certificate") || settings.has("listen.tls.key");
    }

    private void bindManagement(Vertx vertx) {
        WebServer management = listener(vertx, "management", "management.port", settings.port("management.port"), "");
        if (isJoined || !settings.isGiven("management.port")) {
            // A second program on a machine is no mistake: where no port was asked for, or where it has the settings of the
            // first one, it gets a free port for its health.
            management.moveIfTaken();
        }
        new HealthAnswers(context, vertx).serve(management.router(), "/observe/health");
        management.router().get("/observe/metrics").handler(request -> request.response()
                .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8").end(meters.scrape()));
        management.bind(context.getRegistry(), "management-http");
    }

    /**
     * Makes topics and tables at once where Kafka and PostgreSQL answer, because a subscription finds a later topic only
     * after a while. Where they do not, the routes create-topics and migrate-schema wait for them.
     */
    private void prepareServices() throws InterruptedException {
        if (services.stream().anyMatch(Service::usesKafka)) {
            try {
                context.getRegistry().lookupByNameAndType("topics", Topics.class).create();
            } catch (ExecutionException | TimeoutException e) {
                LOG.warn("Kafka is not ready; waiting for it: {}", KafkaClients.describe(settings, e));
            }
        }
        if (runs(Service.CONSUMER)) {
            try {
                context.getRegistry().lookupByNameAndType("schema", Schema.class).migrate();
            } catch (FlywayException | SQLException e) {
                LOG.warn("PostgreSQL is not ready; waiting for it: {}", Databases.describe(settings, e));
            }
        }
    }

    private void bindProducer() {
        settings.duration("producer.interval");
        bind("simulator", new Simulator(context, settings.wholeNumber("producer.sensors", 0, 1_000_000), new SecureRandom()));
        bind("fileReplay", new FileReplay(context, settings));
    }

    private void bindConsumer(Topics topics) {
        if (!settings.text("store.partition.width").matches("[1-9]\\d{0,4} hours?")) {
            throw new Settings.InvalidSetting(
                    "store.partition.width", settings.text("store.partition.width"), "a whole number of hours such as '24 hours'");
        }
        if (!settings.has("store.group")) {
            throw new Settings.InvalidSetting("store.group", "", "the name of a consumer group");
        }
        for (String setting : List.of("store.discovery.interval", "replay.interval", "rollup.batches")) {
            settings.wholeNumber(setting, 1, Integer.MAX_VALUE);
        }
        HikariDataSource database = openingPool(Databases.store(settings));
        bind("store-database", database);
        bind("schema", new Schema(opening(Databases.schema(settings))));
        bind("batches", BatchConsumer.factory(settings));
        DeadLetters deadLetters = new DeadLetters(context, topics);
        bind("deadLetters", deadLetters);
        Retention retention = new Retention(settings);
        bind("retention", retention);
        bind("retention-database", opening(Databases.retention(settings)));
        bind("readingBatches", new ReadingBatches(topics, deadLetters, retention, settings.wholeNumber("store.refusals", 0, 100)));
        SeriesNumbers seriesNumbers = new SeriesNumbers();
        bind("seriesNumbers", seriesNumbers);
        Rollups rollups = new Rollups(database, Duration.ofMillis(settings.wholeNumber("rollup.interval", 1, Integer.MAX_VALUE)));
        bind("rollups", rollups);
        bind("bulkCopy", new BulkCopy(database, rollups));
        Outage outage = new Outage(seriesNumbers, rollups, database);
        bind("outage", outage);
        StoreFigures figures = new StoreFigures(meters);
        bind("storeFigures", figures);
        bind("deadLetterHeaders", DeadLetters.headerFilter());
        watch(new DatabaseHealthCheck("store-database", settings, database, outage::forget));
        StoreHealthCheck health = opening(new StoreHealthCheck(settings, topics));
        watch(health);
        Progress progress = new Progress(health::lags, retention);
        bind("progress", progress);
        storeGauges = opening(new StoreGauges(meters, figures, health, progress));
    }

    private void bindApi(Vertx vertx) throws Exception {
        DataSource database = openingPool(Databases.api(settings, "api", "api.connections"));
        bind("api-database", database);
        bind("readings", new Readings(database, openingPool(Databases.api(settings, "export", "api.exports"))));
        bind("contractPage", Assets.ofContract(context));
        bind("timeSeries", new TimeSeries());
        bind("pointsOfSeries", new PointsOfSeries(database));
        context.addComponent("shared", new SharedComponent());
        bind("operator-database", opening(Databases.operator(settings)));
        watch(new DatabaseHealthCheck("api-database", settings, database));
        WebServer listener = publicListener(vertx, "REST API", "api.port", settings.text("api.cors.origin"));
        listener.bind(context.getRegistry(), "platform-http");
        int rate = settings.wholeNumber("api.rate.limit", 0, 1_000_000);
        if (rate > 0) {
            listener.limitRate(rate);
        }
        LiveStream liveStream = new LiveStream(settings.wholeNumber("api.stream.listeners", 0, 100_000));
        bind("liveStream", liveStream);
        Gauge.builder("sensor.pipeline.stream.listeners", liveStream, LiveStream::listeners).description("Listeners to the live stream").register(meters);
        liveStream.serve(listener.router(), "/stream");
    }

    private String apiBaseUrl() {
        String url = settings.text("api.base.url");
        if (!url.matches("https?://[^/?#\\s]+(/[^?#\\s]*[^/?#\\s])?") || !hasHost(url)) {
            throw new Settings.InvalidSetting("api.base.url", url,
                    "an http or https address such as http://localhost:8080, without a slash at its end; a host's name has letters, digits, hyphens and dots");
        }
        return url;
    }

    private static boolean hasHost(String url) {
        try {
            return new URI(url).getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private void watch(SampledHealthCheck check) {
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

    /** Stops taking work, finishes what is under way, and closes everything, the newest first. */
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
