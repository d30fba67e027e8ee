package sensorpipeline.alerts;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import sensorpipeline.health.SampledHealthCheck;
import sensorpipeline.kafka.Outage;

/** Whether readings are evaluated and alerts stored. Thread-safe. */
final class AlertsHealthCheck extends SampledHealthCheck {

    private final AlertLanes lanes;
    private final List<Outage> outages;

    /**
     * @param lanes that evaluate
     * @param outages of the work on alerts
     */
    AlertsHealthCheck(AlertLanes lanes, Outage... outages) {
        super("alerts");
        this.lanes = lanes;
        this.outages = List.of(outages);
    }

    @Override
    protected Map<String, Object> look() {
        Stream<String> reasons = outages.stream().map(Outage::reason).filter(Objects::nonNull);
        reasons.findFirst().ifPresent(reason -> {
            throw new IllegalStateException("Alerts are late: " + reason);
        });
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("partitions", lanes.partitions().size());
        details.put("checkpoint_age_s", Math.round(lanes.checkpointAge()));
        return details;
    }

    /** It has no clients. */
    @Override
    public boolean isReadiness() {
        return false;
    }
}
