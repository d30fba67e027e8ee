package sensorpipeline.consumer;

import java.util.Map;
import sensorpipeline.health.SampledHealthCheck;

/**
 * Whether Kafka deleted records before they were stored, and nobody has acknowledged it. The program can serve all the same, so that this
 * is no reason to send it no requests. Thread-safe.
 */
final class LostRecordsHealthCheck extends SampledHealthCheck {

    private final Progress progress;

    /** @param progress with what PostgreSQL knows of them */
    LostRecordsHealthCheck(Progress progress) {
        super("lost-records");
        this.progress = progress;
    }

    @Override
    protected Map<String, Object> look() {
        String description = progress.lostDescription();
        if (description != null) {
            throw new IllegalStateException("Kafka deleted up to %,.0f records before they were stored: %s. Acknowledge them with POST /lost-records/acknowledge"
                    .formatted(progress.recordsLost(), description));
        }
        return Map.of();
    }

    @Override
    public boolean isReadiness() {
        return false;
    }
}
