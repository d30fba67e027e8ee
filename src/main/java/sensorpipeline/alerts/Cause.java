package sensorpipeline.alerts;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What caused transitions: a record, or a change. The ids of alerts and events are made of it, so that who evaluates the same records again publishes the same ids. Immutable.
 *
 * @param tenant of the alerts
 * @param id of the cause
 * @param receivedAt when Kafka received the record, in milliseconds since 1970; 0 for a change
 * @param outgoing takes the transitions
 */
record Cause(String tenant, String id, long receivedAt, Consumer<OutgoingTransition> outgoing) {

    /** @return the id of an alert of a rule and sensor that this causes */
    String alertId(RuleVersion version, String sensorId) {
        return UUID.nameUUIDFromBytes((version.changeId() + "/" + tenant + "/" + id + "/" + sensorId).getBytes(StandardCharsets.UTF_8)).toString();
    }

    /** @return what the same cause leads to afterwards: an alert has one transition of a cause */
    Cause next() {
        return new Cause(tenant, id + "-next", receivedAt, outgoing);
    }

    /**
     * @param rule whose alert has changed
     * @param kind of the change
     * @param at when, in microseconds since 1970 UTC
     */
    void tell(WatchedRule rule, String kind, long at) {
        outgoing.accept(new OutgoingTransition(tenant, id, kind, rule.revision(), at, rule.alert().id(), AlertJson.write(rule.alert()), receivedAt));
    }
}
