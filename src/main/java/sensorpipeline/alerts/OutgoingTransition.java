package sensorpipeline.alerts;

/**
 * A transition to be published. Immutable.
 *
 * @param tenant of the alert
 * @param eventId what caused it, by which a repetition is recognized
 * @param kind {@code fired}, {@code changed}, {@code reopened}, {@code cleared}, {@code acknowledged} or {@code shelved}
 * @param revision number of the transition of this alert
 * @param at when, in microseconds since 1970 UTC: the device's time, or that of the request
 * @param alertId of the alert
 * @param json the alert after the transition
 * @param receivedAt when Kafka received the record that caused it, in milliseconds since 1970, or 0 if none did
 */
record OutgoingTransition(String tenant, String eventId, String kind, int revision, long at, String alertId, String json, long receivedAt) {
}
