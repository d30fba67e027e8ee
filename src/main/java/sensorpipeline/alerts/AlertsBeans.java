package sensorpipeline.alerts;

import com.zaxxer.hikari.HikariDataSource;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.mail.MailComponent;
import org.apache.camel.component.mail.MailConfiguration;
import sensorpipeline.contract.Parameters;
import sensorpipeline.database.Databases;
import sensorpipeline.database.RouteDatabase;
import sensorpipeline.health.DatabaseHealthCheck;
import sensorpipeline.kafka.BatchConsumer;
import sensorpipeline.kafka.BatchLimits;
import sensorpipeline.kafka.Offsets;
import sensorpipeline.kafka.Outage;
import sensorpipeline.kafka.Topics;
import sensorpipeline.metrics.RegisteredBean;
import sensorpipeline.service.Service;
import sensorpipeline.service.ServiceContext;
import sensorpipeline.settings.RetentionTime;
import sensorpipeline.settings.Settings;

/** The service {@code alerts}: evaluates readings by rules, and keeps the alerts. */
public final class AlertsBeans implements Service {

    private static final int MOST_TRANSITIONS = 500;
    private static final String RETENTION = "alerts.retention";
    private static final String LATE_LIMIT = "alerts.late.limit";
    /** A server that does not answer must not hold a thread for longer. */
    private static final Duration DELIVERY_LIMIT = Duration.ofSeconds(10);
    /** Of an attempt with all its steps; shorter than the lease of claim_alert_message. */
    private static final Duration ATTEMPT_LIMIT = Duration.ofSeconds(30);

    @Override
    public String name() {
        return "alerts";
    }

    @Override
    public Set<Server> servers() {
        return Set.of(Server.KAFKA, Server.POSTGRESQL);
    }

    @Override
    public Settings derive(Settings settings) {
        if (!settings.has("alerts.group")) {
            throw new Settings.InvalidSetting("alerts.group", "", "the name of a consumer group");
        }
        settings.wholeNumber("alerts.consumers", 1, 1000);
        settings.wholeNumber("alerts.changes.interval", 10, 60_000);
        settings.wholeNumber("alerts.discovery.interval", 1, Integer.MAX_VALUE);
        settings.duration("alerts.checkpoint.interval");
        retention(settings);
        settings.wholeNumber("retention.rows", 1, 1_000_000);
        settings.duration("retention.interval");
        settings.wholeNumber("alerts.retry.hours", 1, 720);
        settings.wholeNumber("alerts.smtp.port", 1, 65_535);
        settings.oneOf("alerts.smtp.tls", List.of("none", "starttls", "implicit"));
        messageFormat(settings);
        BatchLimits.read(settings, "alerts.batch");
        return settings.with("alerts.subscription", new Topics(settings).subscription()).with("alerts.topic.pattern", new Topics(settings).alerts().replace(".", "\\."));
    }

    private static MessageFormat messageFormat(Settings settings) {
        String address = settings.has("public.url") ? settings.webAddress("public.url", "an http or https address such as https://sensors.example.org, without a slash at its end") : "";
        try {
            return new MessageFormat(address, ZoneId.of(settings.text("alerts.time.zone")));
        } catch (DateTimeException e) {
            throw new Settings.InvalidSetting("alerts.time.zone", settings.text("alerts.time.zone"), "a time zone such as UTC or Europe/Berlin");
        }
    }

    /** Alerts with which late readings may overlap must be known. */
    private static RetentionTime retention(Settings settings) {
        RetentionTime kept = RetentionTime.of(settings, RETENTION);
        Instant now = Instant.now();
        if (kept.time() != null && kept.before(now).isAfter(now.minus(settings.duration(LATE_LIMIT)))) {
            throw new Settings.InvalidSetting(RETENTION, settings.text(RETENTION), "at least as long as " + Settings.environmentName(LATE_LIMIT) + ", which is '" + settings.text(LATE_LIMIT) + "'");
        }
        return kept;
    }

    @Override
    public void bind(ServiceContext context) throws Exception {
        Settings settings = context.settings();
        HikariDataSource database = context.openingPool(Databases.alerts(settings));
        context.bind("alerts-database", RouteDatabase.of(database));
        context.watch(new DatabaseHealthCheck("alerts-database", settings, database));
        AlertPositions positions = new AlertPositions(database);
        Parameters contract = context.camel().getRegistry().lookupByNameAndType("parameters", Parameters.class);
        StateStore store = new StateStore(database, positions, contract);
        context.bind("lateEvaluation", new LateEvaluation(context.openingPool(Databases.lateReadings(settings)), store, settings.text("store.group"),
                TimeUnit.MILLISECONDS.toMicros(settings.duration(LATE_LIMIT).toMillis()), retention(settings)));
        context.bind("alertRetention", retention(settings));
        AlertLanes lanes = new AlertLanes(store, positions, new Topics(settings), settings.duration("alerts.checkpoint.interval"));
        context.bind("alertLanes", lanes);
        Transitions transitions = new Transitions(context.camel(), lanes, context.meters());
        context.bind("transitions", transitions);
        context.bind("alertOffsets", new Offsets());
        String mailServer = settings.text("alerts.smtp.host") + ":" + settings.text("alerts.smtp.port");
        Notifications notifications = new Notifications(contract, messageFormat(settings), mailServer, settings.wholeNumber("alerts.retry.hours", 1, 720), context.meters());
        context.bind("notifications", notifications);
        BatchLimits limits = BatchLimits.read(settings, "alerts.batch");
        context.bind("notifications-database", RouteDatabase.of(context.openingPool(Databases.notifications(settings))));
        context.bind("deliveries", new Deliveries(context.camel(), ATTEMPT_LIMIT));
        context.bind("webhook", new Webhook(List.of(settings.text("alerts.webhook.hosts").split(","))));
        configure(context.camel().getComponent("smtp", MailComponent.class), settings);
        // By default, they wait for minutes or for ever; routes of people's own may set other limits.
        for (String scheme : List.of("http", "https")) {
            limit(context.camel().getComponent(scheme, HttpComponent.class));
        }
        Outage evaluation = new Outage("evaluate readings", failure -> { });
        context.bind("evaluationOutage", evaluation);
        context.bind("evaluatedBatches", BatchConsumer.factory(settings, limits, lanes::lane, evaluation));
        Outage storing = new Outage("store alerts", failure -> { });
        context.bind("alertsOutage", storing);
        // Each of them may be told by a hundred channels.
        BatchLimits ofTransitions = new BatchLimits(MOST_TRANSITIONS, limits.bytes(), limits.linger(), limits.firstPause(), limits.longestPause());
        context.bind("transitionBatches", BatchConsumer.factory(settings, ofTransitions, consumer -> positions, storing));
        context.watch(new AlertsHealthCheck(lanes, evaluation, storing));
        context.opening(new RegisteredBean(context.camel(), "Alerts", new AlertGauges(context.meters(), lanes, transitions, notifications)));
    }

    private static void limit(HttpComponent http) {
        http.setConnectionRequestTimeout(DELIVERY_LIMIT.toMillis());
        http.setConnectTimeout(DELIVERY_LIMIT.toMillis());
        http.setResponseTimeout(DELIVERY_LIMIT.toMillis());
        http.setSoTimeout(DELIVERY_LIMIT.toMillis());
    }

    /** Here, so that the password is in no URI. */
    private static void configure(MailComponent smtp, Settings settings) {
        MailConfiguration configuration = smtp.getConfiguration();
        configuration.setConnectionTimeout((int) DELIVERY_LIMIT.toMillis());
        if (settings.has("alerts.smtp.user")) {
            configuration.setUsername(settings.text("alerts.smtp.user"));
            configuration.setPassword(settings.secret("alerts.smtp.password"));
        }
        Properties properties = new Properties();
        properties.setProperty("mail.smtp.timeout", String.valueOf(DELIVERY_LIMIT.toMillis()));
        properties.setProperty("mail.smtp.writetimeout", String.valueOf(DELIVERY_LIMIT.toMillis()));
        String tls = settings.text("alerts.smtp.tls");
        properties.setProperty("mail.smtp.starttls.enable", String.valueOf(tls.equals("starttls")));
        properties.setProperty("mail.smtp.starttls.required", String.valueOf(tls.equals("starttls")));
        properties.setProperty("mail.smtp.ssl.enable", String.valueOf(tls.equals("implicit")));
        properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
        configuration.setAdditionalJavaMailProperties(properties);
    }
}
