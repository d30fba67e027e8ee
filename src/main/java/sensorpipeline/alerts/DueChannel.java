package sensorpipeline.alerts;

import java.net.URI;
import sensorpipeline.rules.NotificationChannel;

/**
 * A channel that has something to tell. Immutable.
 *
 * @param id of the channel
 * @param tenant whose channel it is
 * @param channel as its author wants it
 * @param secret that signs messages, or null
 * @param isTest whether it has a test to deliver, rather than what it tells of alerts
 */
public record DueChannel(long id, String tenant, NotificationChannel channel, String secret, boolean isTest) {

    /** @return name of the route that delivers its messages, after {@code notify-} */
    public String kind() {
        return channel.kind();
    }

    /**
     * @param mailServer to which e-mail goes, such as {@code mail.example.org:25}
     * @return the server that its messages are for, as far as that is known
     */
    String server(String mailServer) {
        return switch (kind()) {
            case "webhook" -> URI.create(setting("url")).getAuthority();
            case "email" -> mailServer;
            default -> "the server";
        };
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
