package sensorpipeline.service;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.contract.Parameters;
import sensorpipeline.health.KafkaHealthCheck;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;
import sensorpipeline.tracing.RecordTraces;
import sensorpipeline.tracing.Tracing;

/** Beans that routes of several services refer to. */
public final class SharedBeans {

    private static final Logger LOG = LoggerFactory.getLogger(SharedBeans.class);

    private SharedBeans() {
    }

    /**
     * Binds the beans, before those of the services.
     *
     * @param context of the program
     * @param program name of the program in traces, such as {@code sensor-pipeline-consumer}
     * @param usesKafka whether one of its services connects to Kafka, whose health is then checked
     * @throws Settings.InvalidSetting if a setting is invalid
     */
    public static void bind(ServiceContext context, String program, boolean usesKafka) {
        context.bind("parameters", new Parameters());
        context.bind("recordTraces", traces(context, program));
        context.bind("topics", new Topics(context.settings()));
        if (usesKafka) {
            context.watch(context.opening(new KafkaHealthCheck(context.settings())));
        }
    }

    private static RecordTraces traces(ServiceContext context, String program) {
        if (!context.settings().has("tracing.endpoint")) {
            return RecordTraces.none();
        }
        Tracing tracing = context.opening(new Tracing(context.settings(), program));
        tracing.trace(context.camel());
        return tracing.records();
    }

    /**
     * Creates the topics if Kafka is reachable, because a subscription discovers new topics only after a while; otherwise the
     * route create-topics does it. Called after the services have bound their beans, so that an invalid setting is reported
     * without waiting for Kafka.
     *
     * @param settings of the program
     */
    public static void createTopics(Settings settings) throws InterruptedException {
        try {
            new Topics(settings).create();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Kafka is not ready; waiting for it: {}", KafkaClients.describe(settings, e));
        }
    }
}
