package sensorpipeline.consumer;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.camel.Predicate;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.database.Databases;
import sensorpipeline.database.RouteDatabase;
import sensorpipeline.database.Schema;
import sensorpipeline.database.SqlFault;
import sensorpipeline.health.DatabaseHealthCheck;
import sensorpipeline.kafka.BatchConsumer;
import sensorpipeline.kafka.BatchLimits;
import sensorpipeline.kafka.DeadLetters;
import sensorpipeline.kafka.Offsets;
import sensorpipeline.kafka.Outage;
import sensorpipeline.kafka.Topics;
import sensorpipeline.metrics.RegisteredBean;
import sensorpipeline.service.Service;
import sensorpipeline.service.ServiceContext;
import sensorpipeline.settings.Settings;

/** The service {@code consumer}: stores readings, and keeps and replays dead letters. */
public final class ConsumerBeans implements Service {

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerBeans.class);
    /** Connections for routes that do not store batches. */
    private static final int OTHER_CONNECTIONS = 4;
    /** With the others, as many connections as a pool can have. */
    private static final int MOST_CONSUMERS = 1000 - OTHER_CONNECTIONS;

    @Override
    public String name() {
        return "consumer";
    }

    @Override
    public Set<Server> servers() {
        return Set.of(Server.KAFKA, Server.POSTGRESQL);
    }

    @Override
    public Settings derive(Settings settings) {
        if (!settings.text("store.partition.width").matches("[1-9]\\d{0,4} hours?")) {
            throw new Settings.InvalidSetting(
                    "store.partition.width", settings.text("store.partition.width"), "a whole number of hours such as '24 hours'");
        }
        if (!settings.has("store.group")) {
            throw new Settings.InvalidSetting("store.group", "", "the name of a consumer group");
        }
        for (String setting : List.of("store.discovery.interval", "store.plausible.interval", "replay.interval", "rollup.batches")) {
            settings.wholeNumber(setting, 1, Integer.MAX_VALUE);
        }
        settings.wholeNumber("store.pages.interval", 10, 10_000);
        // Routes and beans read them later; an invalid one is told now.
        new Retention(settings);
        Limits.read(settings);
        int consumers = settings.has("store.consumers") ? settings.wholeNumber("store.consumers", 1, MOST_CONSUMERS)
                : Math.max(2, Runtime.getRuntime().availableProcessors() / 2);
        Settings derived = settings.with("store.consumers", consumers).with("store.subscription", new Topics(settings).subscription());
        return settings.has("store.connections") ? derived : derived.with("store.connections", consumers + OTHER_CONNECTIONS);
    }

    @Override
    public void bind(ServiceContext context) throws Exception {
        Settings settings = context.settings();
        HikariDataSource database = context.openingPool(Databases.store(settings));
        context.bind("store-database", RouteDatabase.of(database));
        context.bind("retention-database", RouteDatabase.of(context.opening(Databases.retention(settings))));
        Topics topics = new Topics(settings);
        Retention retention = new Retention(settings);
        context.bind("retention", retention);
        SeriesNumbers seriesNumbers = new SeriesNumbers(Limits.read(settings));
        context.bind("seriesNumbers", seriesNumbers);
        Rollups rollups = new Rollups(database, Duration.ofMillis(settings.wholeNumber("rollup.interval", 1, Integer.MAX_VALUE)));
        context.bind("rollups", rollups);
        BulkCopy bulkCopy = new BulkCopy(database, rollups);
        context.bind("bulkCopy", bulkCopy);
        context.bind("storeProbe", new StoreProbe(context.camel(), database, bulkCopy, settings.text("store.partition.width")));
        // Predicates, because a bean method called by name in a catch clause does not see the exception: Camel
        // passes a copy of the exchange without it.
        context.bind("duplicate-key", (Predicate) exchange -> SqlFault.isDuplicate(exchange.getException()));
        context.bind("outdated-series", (Predicate) exchange -> SqlFault.isOutdated(exchange.getException()));
        context.bind("fault-of-data", (Predicate) exchange -> StoreProbe.mayBeFaultOfData(exchange.getException()));
        StoreCaches caches = new StoreCaches(seriesNumbers, rollups, database);
        context.watch(new DatabaseHealthCheck("store-database", settings, database, caches::drop));
        Outage outage = bindReading(context, topics, retention, caches, database);
        bindFigures(context, topics, retention, outage);
        migrate(context);
    }

    /** Binds the beans that read batches from Kafka and sort their records; returns the one that tells why they fail. */
    private static Outage bindReading(ServiceContext context, Topics topics, Retention retention, StoreCaches caches, HikariDataSource database) {
        Settings settings = context.settings();
        Outage outage = new Outage("store readings", caches::dropAfter);
        context.bind("outage", outage);
        context.bind("offsets", new Offsets());
        StoredPositions positions = new StoredPositions(database, settings.text("store.group"), topics);
        context.bind("batches", BatchConsumer.factory(settings, BatchLimits.read(settings, "store.batch"), consumer -> positions, outage));
        DeadLetters deadLetters = new DeadLetters(context.camel(), topics);
        context.bind("deadLetters", deadLetters);
        context.bind("deadLetterHeaders", DeadLetters.headerFilter());
        PlausibleRanges plausibleRanges = new PlausibleRanges();
        context.bind("plausibleRanges", plausibleRanges);
        context.bind("readingBatches", new ReadingBatches(topics, deadLetters, retention, plausibleRanges));
        return outage;
    }

    /** Binds what reports the state of the store: health check, meters and MBean. */
    private static void bindFigures(ServiceContext context, Topics topics, Retention retention, Outage outage) throws Exception {
        StoreFigures figures = new StoreFigures(context.meters());
        context.bind("storeFigures", figures);
        context.bind("storeResults", new StoreResults(figures));
        StoreHealthCheck health = context.opening(new StoreHealthCheck(context.settings(), topics, outage::reason));
        context.watch(health);
        Progress progress = new Progress(health::lags, retention, Limits.read(context.settings()));
        context.bind("progress", progress);
        context.watch(new LostRecordsHealthCheck(progress));
        context.opening(new RegisteredBean(context.camel(), "Store", new StoreGauges(context.meters(), figures, health, progress)));
    }

    /** Immediately if PostgreSQL is reachable, so that nothing waits for tables; otherwise the route migrate-schema does it. */
    private static void migrate(ServiceContext context) {
        Schema schema = new Schema(context.settings(), context.opening(Databases.schema(context.settings())));
        context.bind("schema", schema);
        try {
            schema.migrate();
        } catch (FlywayException | SQLException e) {
            LOG.warn("PostgreSQL is not ready; waiting for it: {}", Databases.describe(context.settings(), e));
        }
    }
}
