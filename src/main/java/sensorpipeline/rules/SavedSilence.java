package sensorpipeline.rules;

import java.util.List;

/**
 * What is kept of a rule about silence and a sensor, beside its alert, to be continued later. All times are in milliseconds since 1970. Immutable.
 *
 * @param isSilent whether the sensor is silent
 * @param overSince when the last silence ended, or {@link SilenceRule#NONE}
 * @param firings when the alert fired last, the oldest first
 */
public record SavedSilence(boolean isSilent, long overSince, List<Long> firings) {
}
