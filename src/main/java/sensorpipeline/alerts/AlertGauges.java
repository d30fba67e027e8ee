package sensorpipeline.alerts;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;

/** Publishes what is in memory of alerts to Prometheus, and all figures of the service to JMX. Thread-safe. */
public final class AlertGauges implements AlertsMXBean {

    private final AlertLanes lanes;
    private final Transitions transitions;
    private final Notifications notifications;

    /**
     * @param meters where the gauges are registered
     * @param lanes with states
     * @param transitions that are published
     * @param notifications of channels
     */
    AlertGauges(MeterRegistry meters, AlertLanes lanes, Transitions transitions, Notifications notifications) {
        this.lanes = lanes;
        this.transitions = transitions;
        this.notifications = notifications;
        Gauge.builder("sensor.pipeline.alerts.checkpoint.age", this::getCheckpointAgeSeconds).baseUnit("seconds").description("Time since states and positions were saved").register(meters);
        Gauge.builder("sensor.pipeline.alerts.states", this::getStates).description("Rules and sensors whose limit is breached, or was lately").register(meters);
    }

    @Override
    public double getTransitionsPublished() {
        return transitions.latency().count();
    }

    @Override
    public double getMeanLatencySeconds() {
        return transitions.latency().mean(TimeUnit.SECONDS);
    }

    @Override
    public double getStates() {
        return lanes.partitions().stream().mapToLong(PartitionAlerts::states).sum();
    }

    @Override
    public double getCheckpointAgeSeconds() {
        return lanes.checkpointAge();
    }

    @Override
    public double getMessagesDelivered() {
        return notifications.attemptsDelivered();
    }

    @Override
    public double getAttemptsFailed() {
        return notifications.attemptsFailed();
    }

    @Override
    public double getNoticesWaiting() {
        return notifications.waiting();
    }

    @Override
    public double getChannelsFailing() {
        return notifications.failing();
    }
}
