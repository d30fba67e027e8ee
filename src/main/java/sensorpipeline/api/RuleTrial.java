package sensorpipeline.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.JdbcConstants;
import sensorpipeline.database.NamedParameters;
import sensorpipeline.http.RequestError;
import sensorpipeline.rules.AlertRule;

/** Tells which alerts a rule would have fired for stored readings. Thread-safe. */
public final class RuleTrial {

    private static final int FETCH = 5000;
    private static final Duration DEFAULT_RANGE = Duration.ofDays(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Exports exports;
    private final int mostReadings;

    /**
     * @param exports connections for queries that may take long
     * @param mostReadings maximum number of readings of a trial
     */
    RuleTrial(Exports exports, int mostReadings) {
        this.exports = exports;
        this.mostReadings = mostReadings;
    }

    /**
     * @param exchange with a statement as its body that selects the readings, and as its parameters a rule, the range, and "limit", the maximum number of alerts
     * @return JSON with the newest alerts that would have fired, the newest first
     * @throws RequestError (400) if the rule is invalid, or there are too many readings
     */
    @SuppressWarnings("unchecked")
    public String answer(Exchange exchange) throws SQLException, JsonProcessingException {
        Map<String, Object> question = new HashMap<>(exchange.getMessage().getHeader(JdbcConstants.JDBC_PARAMETERS, Map.class));
        AlertRule rule = AlertRule.of(question);
        Instant until = earliest(Instant.now(), (String) question.get("to"));
        Instant from = question.get("from") == null ? until.minus(DEFAULT_RANGE) : Instant.parse((String) question.get("from"));
        question.put("from_time", from.toString());
        question.put("until_time", until.toString());
        question.put("most_readings", mostReadings);
        question.put("metrics", rule.metrics().toArray(String[]::new));
        question.put("sensor_patterns", rule.sensors().forLike());
        question.put("location_patterns", rule.locations().forLike());
        Trial trial = Trial.of(rule, (Integer) question.get("limit"), from.toEpochMilli());
        try (Connection connection = exports.connection()) {
            try (PreparedStatement statement = NamedParameters.prepare(connection, exchange, exchange.getMessage().getBody(String.class), question)) {
                statement.setFetchSize(FETCH);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        trial.read(rows);
                        if (trial.readReadings() > mostReadings) {
                            throw new RequestError(400, "too_many_readings",
                                    "The rule would be tried with more than %,d readings; ask for less time or for fewer sensors".formatted(mostReadings));
                        }
                    }
                }
            }
        }
        return JSON.writeValueAsString(trial.result());
    }

    private static Instant earliest(Instant now, String to) {
        return to == null || Instant.parse(to).isAfter(now) ? now : Instant.parse(to);
    }
}
