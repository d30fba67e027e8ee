package sensorpipeline.store;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What this consumer sees of its work, told to PostgreSQL so that the REST API can answer it. Safe for use by many threads. */
public final class Progress {

    private final Supplier<Map<String, Long>> lags;
    private final Retention retention;

    /**
     * @param lags records in Kafka that are not stored yet, by tenant; empty if that is not known
     * @param retention how long data are kept
     */
    public Progress(Supplier<Map<String, Long>> lags, Retention retention) {
        this.lags = lags;
        this.retention = retention;
    }

    /** @return the parameters of upsert-progress.sql */
    public Map<String, Object> report() {
        Map<String, Long> known = new TreeMap<>(lags.get());
        return new HashMap<>(Map.of("tenants", known.keySet().toArray(String[]::new), "lags", known.values().toArray(Long[]::new),
                "raw", retention.raw(), "rollup", retention.rollup()));
    }
}
