package sensorpipeline.kafka;

import java.time.Duration;
import sensorpipeline.settings.Settings;

/**
 * When a batch is delivered.
 *
 * @param records number of records; the poll that reaches it is the last one
 * @param bytes of their values; the poll that reaches it is the last one
 * @param linger maximum wait for more records, from the first one, in nanoseconds
 * @param firstPause backoff before the first redelivery, in nanoseconds; doubles with each further one
 * @param longestPause maximum backoff, in nanoseconds
 */
public record BatchLimits(int records, long bytes, long linger, long firstPause, long longestPause) {

    /**
     * @param settings {@code <prefix>.readings}, {@code <prefix>.bytes}, {@code <prefix>.wait}, and {@code retry.*}
     * @param prefix of the settings of this kind of consumer, such as {@code store.batch}
     * @return the configured limits
     * @throws Settings.InvalidSetting if one of them is invalid
     */
    public static BatchLimits read(Settings settings, String prefix) {
        return new BatchLimits(
                settings.wholeNumber(prefix + ".readings", 1, 1_000_000),
                settings.wholeNumber(prefix + ".bytes", 1, Integer.MAX_VALUE),
                Duration.ofMillis(settings.wholeNumber(prefix + ".wait", 0, 60_000)).toNanos(),
                Duration.ofMillis(settings.wholeNumber("retry.delay", 1, 600_000)).toNanos(),
                Duration.ofMillis(settings.wholeNumber("retry.maximum.delay", 1, 600_000)).toNanos());
    }
}
