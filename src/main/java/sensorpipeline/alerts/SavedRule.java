package sensorpipeline.alerts;

import java.util.List;
import sensorpipeline.rules.KeptReading;
import sensorpipeline.rules.SavedSilence;
import sensorpipeline.rules.SavedState;
import sensorpipeline.rules.Severity;

/**
 * What is kept of a rule and sensor. Immutable.
 *
 * @param rule state of a rule about values, or null
 * @param kept readings that are compared with later ones, the oldest first, or null
 * @param keptAt when Kafka received the last one of them, in milliseconds since 1970
 * @param silence state of a rule about silence, or null
 * @param alert the last one, or null
 * @param revision number of its last transition
 * @param acknowledgedSeverity how bad it was when it was acknowledged, or null
 */
record SavedRule(SavedState rule, List<KeptReading> kept, long keptAt, SavedSilence silence, Alert alert, int revision, Severity acknowledgedSeverity) {
}
