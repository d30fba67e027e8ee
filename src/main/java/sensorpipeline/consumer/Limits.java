package sensorpipeline.consumer;

import sensorpipeline.settings.Settings;

/**
 * Limits of tenants that have none of their own in the table tenant_limit.
 *
 * @param sensors of a tenant; one at two locations counts twice
 * @param metrics of a sensor
 */
record Limits(int sensors, int metrics) {

    /** Same as in tenant_limit: as many values fit in a page of PostgreSQL. */
    private static final int MOST_METRICS = 900;

    /** @throws Settings.InvalidSetting if one is not a number in its range */
    static Limits read(Settings settings) {
        return new Limits(settings.wholeNumber("limit.sensors", 1, Integer.MAX_VALUE), settings.wholeNumber("limit.metrics", 1, MOST_METRICS));
    }
}
