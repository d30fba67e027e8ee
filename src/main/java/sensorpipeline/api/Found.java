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
}
