package sensorpipeline.reading;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** Cache of the series of recent readings, so that the next reading of one needs no new object and no further check of its names. Thread-safe. */
final class KnownSeries {

    /** Above this, all are dropped: about 300 bytes each. */
    private static final int MOST_SENSORS = 500_000;
    private static final int MOST_OF_A_SENSOR = 16;

    private final Map<String, Map<String, Series[]>> ofTenants = new ConcurrentHashMap<>();

    /** @return the series, or null if it is unknown */
    Series find(String tenant, String sensorId, String location) {
        Map<String, Series[]> ofTenant = ofTenants.get(tenant);
        Series[] ofSensor = ofTenant == null ? null : ofTenant.get(sensorId);
        if (ofSensor != null) {
            for (Series series : ofSensor) {
                if (Objects.equals(series.location(), location)) {
                    return series;
                }
            }
        }
        return null;
    }

    void add(Series series) {
        Map<String, Series[]> ofTenant = ofTenants.computeIfAbsent(series.tenant(), tenant -> new ConcurrentHashMap<>());
        if (ofTenant.size() > MOST_SENSORS) {
            ofTenant.clear();
        }
        ofTenant.merge(series.sensorId(), new Series[] {series}, KnownSeries::join);
    }

    private static Series[] join(Series[] known, Series[] added) {
        if (known.length == MOST_OF_A_SENSOR) {
            return added;
        }
        Series[] joined = Arrays.copyOf(known, known.length + 1);
        joined[known.length] = added[0];
        return joined;
    }
}
