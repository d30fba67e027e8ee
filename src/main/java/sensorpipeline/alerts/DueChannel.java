package sensorpipeline.alerts;

import sensorpipeline.rules.NotificationChannel;

/**
 * A channel that has something to tell. Immutable.
 *
 * @param id of the channel
 * @param tenant whose channel it is
 * @param channel as its author wants it
 * @param secret that signs messages, or null
 */
public record DueChannel(long id, String tenant, NotificationChannel channel, String secret) {

    /** @return name of the route that delivers its messages, after {@code notify-} */
    public String kind() {
        return channel.kind();
    }

    /**
     * @param name of a setting of the channel
     * @return its value
     * @throws IllegalStateException if the channel does not have it
     */
    public String setting(String name) {
        String value = channel.settings().get(name);
        if (value == null) {
            throw new IllegalStateException("the channel lacks the setting " + name);
        }
        return value;
    }
}
