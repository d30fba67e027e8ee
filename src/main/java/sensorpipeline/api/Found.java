package sensorpipeline.api;

import java.util.Map;
import org.apache.camel.Body;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.Quoted;

/** PostgreSQL's result for a request that names something: a row with the answer, or with the name of what does not exist. */
public final class Found {

    private Found() {
    }

    /**
     * @param row with an {@code answer}, and {@code unknown}: the ids that do not exist, or null
     * @return the answer
     * @throws RequestError (404) if an id is unknown
     */
    public static String deadLetters(@Body Map<String, Object> row) {
        if (row.get("unknown") instanceof String unknown) {
            throw new RequestError(404, "unknown_dead_letter", "There is no dead letter " + unknown);
        }
        return (String) row.get("answer");
    }

    /**
     * @param row with an {@code answer}, and {@code unknown}: the sensor if it does not exist, or null
     * @return the answer
     * @throws RequestError (404) if there is no such sensor
     */
    public static String sensor(@Body Map<String, Object> row) {
        if (row.get("unknown") instanceof String unknown) {
            throw new RequestError(404, "unknown_sensor", "No readings of sensor " + Quoted.of(unknown) + " are stored");
        }
        return (String) row.get("answer");
    }

    /**
     * @param row with an {@code answer}, and {@code unknown}: the id of a rule that does not exist; {@code other_version}: its version if that is none of those in If-Match; {@code taken}: a name that
     *     another rule has; {@code full}: true if no more rules can be added
     * @return the answer
     * @throws RequestError (404, 409, 412) if it has one of these
     */
    public static String rule(@Body Map<String, Object> row) {
        if (row.get("unknown") != null) {
            throw new RequestError(404, "unknown_rule", "There is no alert rule " + row.get("unknown"));
        }
        requireSameVersion("alert rule", row);
        if (row.get("taken") instanceof String taken) {
            throw new RequestError(409, "name_taken", "Another alert rule has the name " + Quoted.of(taken) + "; change that rule, or choose another name");
        }
        if (Boolean.TRUE.equals(row.get("full"))) {
            throw new RequestError(409, "too_many_rules", "There can be 10,000 alert rules, whose conditions (when) have up to 10,000 characters together; delete or shorten one first");
        }
        return (String) row.get("answer");
    }

    /**
     * @param row with an {@code answer}, and {@code unknown}: the id of an alert that does not exist; {@code over}: true if it is cleared, and only one that is firing can be shelved
     * @return the answer
     * @throws RequestError (404, 409) if it has one of these
     */
    public static String alert(@Body Map<String, Object> row) {
        if (row.get("unknown") instanceof String unknown) {
            throw new RequestError(404, "unknown_alert", "There is no alert " + unknown);
        }
        if (Boolean.TRUE.equals(row.get("over"))) {
            throw new RequestError(409, "alert_cleared", "The alert is cleared, and only one that is firing can be shelved");
        }
        return (String) row.get("answer");
    }

    /**
     * @param row with an {@code answer}, and {@code unknown}: the id of a channel that does not exist; {@code other_version}: its version if that is none of those in If-Match; {@code taken}: a name
     *     that another channel has; {@code missing}: the name of a channel that it is to be a fallback for; {@code needed}: that of a fallback for it; {@code full}: true if no more channels can be added
     * @return the answer
     * @throws RequestError (400, 404, 409, 412) if it has one of these
     */
    public static String channel(@Body Map<String, Object> row) {
        if (row.get("unknown") != null) {
            throw new RequestError(404, "unknown_channel", "There is no channel " + row.get("unknown"));
        }
        requireSameVersion("channel", row);
        if (row.get("missing") instanceof String missing) {
            throw new RequestError(400, "invalid_fallback_for", "fallback_for must be names of other channels, which are not fallbacks for this one; got " + Quoted.of(missing));
        }
        if (row.get("needed") instanceof String needed) {
            throw new RequestError(409, "channel_needed", "The channel " + Quoted.of(needed) + " is a fallback for this one, and would tell nothing any more; change or delete that first");
        }
        if (row.get("taken") instanceof String taken) {
            throw new RequestError(409, "name_taken", "Another channel has the name " + Quoted.of(taken) + "; change that channel, or choose another name");
        }
        if (Boolean.TRUE.equals(row.get("full"))) {
            throw new RequestError(409, "too_many_channels", "There are as many channels as there can be, 100; delete one first");
        }
        return (String) row.get("answer");
    }

    private static void requireSameVersion(String what, Map<String, Object> row) {
        if (row.get("other_version") != null) {
            throw new RequestError(412, "changed_meanwhile", "The %s has version %s, which If-Match does not name: somebody has changed it meanwhile; read it, and send the change for that version if it is still right"
                    .formatted(what, row.get("other_version")));
        }
    }
}
