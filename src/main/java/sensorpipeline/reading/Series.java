package sensorpipeline.reading;

import java.util.List;

/**
 * What makes readings comparable: the same sensor of the same tenant at the same location with the same metrics. A
 * series and a time together identify a reading.
 *
 * @param tenant name of the tenant
 * @param sensorId the sensor's own name
 * @param location where it stands, or null if it does not say
 * @param metrics names of its metrics, in ascending order, without repeats
 */
public record Series(String tenant, String sensorId, String location, List<String> metrics) {

    /** Copies the names, so that a series can be a key. */
    public Series {
        metrics = List.copyOf(metrics);
    }
}
