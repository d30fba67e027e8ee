package sensorpipeline.api;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.Gauge;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.access.AccessControl;
import sensorpipeline.access.Caller;
import sensorpipeline.access.CallerDatabase;
import sensorpipeline.access.CallerScope;
import sensorpipeline.access.DescribedRoutes;
import sensorpipeline.access.KeyRequests;
import sensorpipeline.access.Keys;
import sensorpipeline.contract.Operations;
import sensorpipeline.contract.Parameters;
import sensorpipeline.database.Databases;
import sensorpipeline.database.RouteDatabase;
import sensorpipeline.health.DatabaseHealthCheck;
import sensorpipeline.http.Assets;
import sensorpipeline.http.WebServer;
import sensorpipeline.service.Service;
import sensorpipeline.service.ServiceContext;
import sensorpipeline.settings.Settings;

/** The service {@code api}: the REST API and the live stream. */
public final class ApiBeans implements Service {

    private static final Logger LOG = LoggerFactory.getLogger(ApiBeans.class);
    private static final String PORT = "api.port";
    private static final String COMPONENT = "platform-http";

    @Override
    public String name() {
        return "api";
    }

    @Override
    public Set<Server> servers() {
        return Set.of(Server.KAFKA, Server.POSTGRESQL);
    }

    @Override
    public Set<String> portSettings() {
        return Set.of(PORT);
    }

    /** A dashboard in the same program uses this REST API unless the user configures another one. */
    @Override
    public Settings derive(Settings settings) {
        Databases.tenant(settings);
        settings.duration("api.stream.interval");
        String origin = settings.text("api.cors.origin");
        if (!WebServer.isCorsOrigin(origin)) {
            throw new Settings.InvalidSetting("api.cors.origin", origin, "an origin such as https://example.org or http://localhost:5173, * for any, or empty for none");
        }
        // Each program gets all alerts, so it is a group of its own.
        Settings derived = settings.with("api.alerts.group", settings.text("alerts.group") + "-stream-" + UUID.randomUUID()).with("api.restricted", settings.restrictsAccess());
        return settings.isGiven("api.base.url") ? derived
                : derived.with("api.base.url", "%s://%s:%d".formatted(settings.listensWithTls() ? "https" : "http", settings.ownHost(), settings.port(PORT)));
    }

    @Override
    public void bind(ServiceContext context) throws Exception {
        Settings settings = context.settings();
        HikariDataSource pool = context.openingPool(Databases.api(settings, "api", "api.connections"));
        DataSource database = CallerDatabase.forReading(pool);
        DataSource changes = CallerDatabase.of(context.opening(Databases.operator(settings)));
        context.bind("api-database", RouteDatabase.of(database));
        context.bind("operator-database", RouteDatabase.of(changes));
        context.bind("for-caller", new CallerScope());
        context.watch(new DatabaseHealthCheck("api-database", Databases.settingsOfApi(settings), CallerDatabase.of(pool, Caller.program(""))));
        HikariDataSource exporting = context.openingPool(Databases.api(settings, "export", "api.exports"));
        Exports exports = new Exports(exporting, CallerDatabase.forReading(exporting));
        context.bind("readings", new Readings(database, exports));
        // The answer has to be on its way before others take the request for one that hangs.
        context.bind("deletion", new Deletion(changes, Duration.ofMillis(settings.wholeNumber("api.query.timeout", 1, Integer.MAX_VALUE) / 2)));
        context.bind("ruleTrial", new RuleTrial(exports, settings.wholeNumber("api.trial.readings", 1, 100_000_000)));
        context.bind("timeSeries", new TimeSeries());
        context.bind("pointsOfSeries", new PointsOfSeries(database));
        context.bind("contractPage", Assets.ofContract(context.camel()));
        context.camel().addComponent("shared", new SharedComponent(pool, bytesOfAnswers(settings)));
        serve(context, settings);
    }

    /** Of several database servers, one can be behind the other: then no response is reused. */
    private static int bytesOfAnswers(Settings settings) {
        int bytes = settings.wholeNumber("api.answers.bytes", 0, Integer.MAX_VALUE);
        return settings.text("db.host").contains(",") ? 0 : bytes;
    }

    private static void serve(ServiceContext context, Settings settings) {
        WebServer listener = context.publicListener("REST API", PORT, settings.text("api.cors.origin"));
        listener.bind(context.camel().getRegistry(), COMPONENT, CallerScope.CALLER, CallerScope::around);
        int rate = settings.wholeNumber("api.rate.limit", 0, 1_000_000);
        if (rate > 0) {
            listener.limitRate(rate);
        }
        control(context, settings).guard(listener.router());
        LiveStreams liveStreams = new LiveStreams(settings.wholeNumber("api.stream.listeners", 0, 100_000));
        context.bind("liveStreams", liveStreams);
        Gauge.builder("sensor.pipeline.stream.listeners", liveStreams, LiveStreams::listeners)
                .description("Subscribers of the live stream").register(context.meters());
        Parameters parameters = context.camel().getRegistry().lookupByNameAndType("parameters", Parameters.class);
        listener.router().get("/stream").handler(call -> {
            parameters.read(call.request().path(), call.request().query(), null);
            call.next();
        });
        liveStreams.serve(listener.router(), "/stream");
    }

    private static AccessControl control(ServiceContext context, Settings settings) {
        Operations operations = new Operations();
        context.camel().addRoutePolicyFactory(new DescribedRoutes(operations, COMPONENT));
        Keys keys = new Keys();
        context.bind("keys", keys);
        context.bind("keyRequests", new KeyRequests(keys, Clock.systemUTC()));
        if (!settings.restrictsAccess()) {
            if (!settings.listensOnLoopback()) {
                LOG.warn("ACCESS=open: whoever reaches the REST API on {} reads, changes and deletes the data of tenant {}; ACCESS=restricted asks for keys", settings.text("listen.host"), Databases.tenant(settings));
            }
            return AccessControl.open(operations, Databases.tenant(settings));
        }
        AccessControl control = AccessControl.restricted(operations, keys, Clock.systemUTC());
        context.bind("accessControl", control);
        context.bind("access-database", context.opening(Databases.access(settings)));
        return control;
    }
}
