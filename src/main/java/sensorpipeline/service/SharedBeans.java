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
     * @param usesKafka whether one of its services connects to Kafka; then topics are created, and Kafka's health is checked
     * @throws Settings.InvalidSetting if a setting is invalid
     */
    public static void bind(ServiceContext context, String program, boolean usesKafka) throws InterruptedException {
        context.bind("parameters", new Parameters());
        context.bind("recordTraces", traces(context, program));
        Topics topics = new Topics(context.settings());
        context.bind("topics", topics);
        if (usesKafka) {
            context.watch(context.opening(new KafkaHealthCheck(context.settings())));
            create(topics, context.settings());
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
     * Immediately if Kafka is reachable, because a subscription discovers new topics only after a while; otherwise the route create-topics does it.
     */
    private static void create(Topics topics, Settings settings) throws InterruptedException {
        try {
            topics.create();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Kafka is not ready; waiting for it: {}", KafkaClients.describe(settings, e));
        }
    }
}
