package sensorpipeline.reading;

/**
 * A sensor of a tenant at a location. Series and time identify a reading.
 *
 * @param tenant name of the tenant
 * @param sensorId the sensor's id within the tenant
 * @param location of the sensor, or null if not given
 */
public record Series(String tenant, String sensorId, String location) {
}
