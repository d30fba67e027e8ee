package sensorpipeline.consumer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Progress of this consumer as written to PostgreSQL, from where the REST API reads it. Thread-safe. */
public final class Progress {

    private final Supplier<Map<String, Long>> lags;
    private final Retention retention;
    private final Limits limits;
    private volatile double rollupBacklog = Double.NaN;
    private volatile double deadLettersWaiting = Double.NaN;
    private volatile double sensorsUsed = Double.NaN;
    private volatile double recordsLost = Double.NaN;
    private volatile String lostDescription;

    /**
     * @param lags records in Kafka that are not stored yet, by tenant; empty if unknown
     * @param retention how long data is kept
     * @param limits of tenants that have none of their own
     */
    public Progress(Supplier<Map<String, Long>> lags, Retention retention, Limits limits) {
        this.limits = limits;
        this.lags = lags;
        this.retention = retention;
    }

    /** @return the parameters of upsert-progress.sql */
    public Map<String, Object> report() {
        Map<String, Long> known = new TreeMap<>(lags.get());
        return new HashMap<>(Map.of("tenants", known.keySet().toArray(String[]::new), "lags", known.values().toArray(Long[]::new),
                "raw", retention.raw(), "rollup", retention.rollup(), "most_sensors", limits.sensors(), "most_metrics", limits.metrics()));
    }

    /** @param rows the one row of select-backlog.sql */
    public void backlog(List<Map<String, Object>> rows) {
        rollupBacklog = ((Number) rows.get(0).get("rollup_backlog")).doubleValue();
        deadLettersWaiting = ((Number) rows.get(0).get("dead_letters_waiting")).doubleValue();
        sensorsUsed = ((Number) rows.get(0).get("sensors_used")).doubleValue();
        lostDescription = (String) rows.get(0).get("lost_description");
        recordsLost = ((Number) rows.get(0).get("records_lost")).doubleValue();
    }

    /** @return batches without rollups; NaN before the first answer of PostgreSQL */
    public double rollupBacklog() {
        return rollupBacklog;
    }

    /** @return unresolved dead letters; NaN before the first answer of PostgreSQL */
    public double deadLettersWaiting() {
        return deadLettersWaiting;
    }

    /** @return of its limit of sensors the largest share that a tenant uses, from 0 to 1; NaN before the first answer of PostgreSQL */
    public double sensorsUsed() {
        return sensorsUsed;
    }

    /** @return records that Kafka deleted before they were stored, at most, and that nobody has acknowledged; NaN before the first answer of PostgreSQL */
    public double recordsLost() {
        return recordsLost;
    }

    /** @return which they are; null if there are none */
    String lostDescription() {
        return lostDescription;
    }
}
