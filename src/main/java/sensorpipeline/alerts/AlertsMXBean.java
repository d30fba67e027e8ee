package sensorpipeline.alerts;

/**
 * What this program does about alerts, for JMX clients: {@code sensorpipeline:type=Alerts}. The values are those of {@code /observe/metrics}. Counts start with the program. Thread-safe.
 */
public interface AlertsMXBean {

    /** @return transitions of alerts that this program published because of a reading */
    double getTransitionsPublished();

    /** @return seconds from Kafka's receipt of a reading until all in-sync replicas have the transition of the alert that it changed: the mean */
    double getMeanLatencySeconds();

    /** @return rules and sensors whose limit is breached, or was lately */
    double getStates();

    /** @return seconds since states and positions were saved; after a crash, readings of so long are evaluated again */
    double getCheckpointAgeSeconds();

    /** @return messages to channels that were delivered */
    double getMessagesDelivered();

    /** @return attempts to deliver a message that failed */
    double getAttemptsFailed();

    /** @return events of alerts that channels still have to tell, of all tenants */
    double getNoticesWaiting();

    /** @return channels whose last message could not be delivered, of all tenants */
    double getChannelsFailing();
}
