package sensorpipeline.consumer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sensorpipeline.reading.PlausibleRange;
import sensorpipeline.reading.PlausibleValues;

/** Which values of their metrics tenants declared plausible. Thread-safe. */
public final class PlausibleRanges {

    private volatile Map<String, PlausibleValues> ofTenants = Map.of();

    /** @param rows of select-plausible-ranges.sql; they replace the previous ones */
    public void remember(List<Map<String, Object>> rows) {
        Map<String, Map<String, PlausibleRange>> read = new HashMap<>();
        for (Map<String, Object> row : rows) {
            read.computeIfAbsent((String) row.get("tenant"), tenant -> new HashMap<>())
                    .put((String) row.get("metric"), new PlausibleRange((Double) row.get("min_plausible"), (Double) row.get("max_plausible")));
        }
        Map<String, PlausibleValues> now = new HashMap<>();
        read.forEach((tenant, ranges) -> {
            PlausibleValues before = ofTenants.get(tenant);
            now.put(tenant, before != null && before.ranges().equals(ranges) ? before : new PlausibleValues(ranges));
        });
        ofTenants = Map.copyOf(now);
    }

    /** @return the ranges of a tenant, or null if it declared none */
    PlausibleValues of(String tenant) {
        return ofTenants.get(tenant);
    }
}
