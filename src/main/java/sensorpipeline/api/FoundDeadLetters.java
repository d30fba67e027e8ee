package sensorpipeline.api;

import java.util.Map;
import org.apache.camel.Body;
import sensorpipeline.http.RequestError;

/** PostgreSQL's result for a request that names dead letters. */
public final class FoundDeadLetters {

    private FoundDeadLetters() {
    }

    /**
     * @param row with an {@code answer}, and {@code unknown}: the ids that do not exist, or null
     * @return the answer
     * @throws RequestError (404) if an id is unknown
     */
    public static String answer(@Body Map<String, Object> row) {
        if (row.get("unknown") instanceof String unknown) {
            throw new RequestError(404, "unknown_dead_letter", "There is no dead letter " + unknown);
        }
        return (String) row.get("answer");
    }
}
