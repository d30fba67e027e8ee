package sensorpipeline.reading;

import java.util.List;

/**
 * Identifies comparable readings: the same sensor of the same tenant at the same location with the same metrics. Series and time identify a reading.
 *
 * @param tenant name of the tenant
 * @param sensorId the sensor's id within the tenant
 * @param location of the sensor, or null if not given
 * @param metrics names of its metrics, in ascending order, without duplicates
 */
public record Series(String tenant, String sensorId, String location, List<String> metrics) {

    /** Copies the names, so that a series can be a key. */
    public Series {
        metrics = List.copyOf(metrics);
    }
}
