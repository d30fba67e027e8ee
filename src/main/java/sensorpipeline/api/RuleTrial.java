package sensorpipeline.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.JdbcConstants;
import sensorpipeline.database.NamedParameters;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.EventTime;
import sensorpipeline.rules.AlertRule;
import sensorpipeline.rules.EvaluatedAlert;
import sensorpipeline.rules.Evaluation;
import sensorpipeline.rules.Transition;

/** Tells which alerts a rule would have fired for stored readings. Thread-safe. */
public final class RuleTrial {

    private static final int FETCH = 5000;
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
        if (rule.isOfSilence()) {
            throw new RequestError(400, "untried_rule", "A rule with silent_for cannot be tried: it goes by the times at which Kafka received readings");
        }
        question.put("metrics", rule.metrics().toArray(String[]::new));
        question.put("sensor_patterns", rule.sensors().forLike());
        question.put("location_patterns", rule.locations().forLike());
        Trial trial = new Trial(rule, (Integer) question.get("limit"));
        try (Connection connection = exports.connection()) {
            // Required for rows to be fetched in portions instead of all at once.
            connection.setAutoCommit(false);
            try (PreparedStatement statement = NamedParameters.prepare(connection, exchange, exchange.getMessage().getBody(String.class), question)) {
                statement.setFetchSize(FETCH);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        if (trial.readings == mostReadings) {
                            throw new RequestError(400, "too_many_readings",
                                    "The rule would be tried with more than %,d readings; ask for less time or for fewer sensors".formatted(mostReadings));
                        }
                        trial.read(rows.getString(1), rows.getString(2), rows.getLong(3), values(rows));
                    }
                }
            }
        }
        return JSON.writeValueAsString(trial.result());
    }

    private static double[] values(ResultSet row) throws SQLException {
        Double[] values = (Double[]) row.getArray(4).getArray();
        return Stream.of(values).mapToDouble(Double::doubleValue).toArray();
    }

    /** One evaluation of a rule. Not thread-safe. */
    private static final class Trial {

        private final AlertRule rule;
        private final int most;
        private final Evaluation evaluation;
        /** The newest alerts, the oldest first. */
        private final Deque<Alert> newest = new ArrayDeque<>();
        /** The last alert of each sensor. */
        private final Map<String, Alert> last = new HashMap<>();
        private int alerts;
        private int readings;

        Trial(AlertRule rule, int most) {
            this.rule = rule;
            this.most = most;
            this.evaluation = new Evaluation(rule);
        }

        void read(String sensorId, String location, long at, double[] values) {
            readings++;
            Transition transition = evaluation.read(sensorId, location, at, values);
            if (transition == null) {
                return;
            }
            if (transition.kind() == Transition.Kind.FIRED) {
                Alert alert = new Alert(sensorId, new EvaluatedAlert(location, transition));
                last.put(sensorId, alert);
                newest.add(alert);
                alerts++;
                if (newest.size() > most) {
                    newest.remove();
                }
            } else {
                last.get(sensorId).evaluated.follow(transition);
            }
        }

        Map<String, Object> result() {
            List<Map<String, Object>> data = new ArrayList<>();
            newest.descendingIterator().forEachRemaining(alert -> data.add(alert.fields(rule)));
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("status", "success");
            result.put("readings", readings);
            result.put("alerts", alerts);
            result.put("pending", evaluation.pending());
            result.put("data", data);
            return result;
        }
    }

    /**
     * An alert that would have fired.
     *
     * @param sensorId of its sensor
     * @param evaluated what its readings made of it
     */
    private record Alert(String sensorId, EvaluatedAlert evaluated) {

        /** @return as in the contract */
        Map<String, Object> fields(AlertRule rule) {
            Transition fired = evaluated.fired();
            Transition worst = evaluated.worst();
            Transition last = evaluated.last();
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("rule", rule.name());
            fields.put("severity", worst.severity().text());
            fields.put("sensor_id", sensorId);
            fields.put("location", evaluated.location());
            fields.put("metric", rule.metric());
            fields.put("value", rule.valueOf(worst));
            fields.put("state", evaluated.isCleared() ? "cleared" : "firing");
            fields.put("flapping", last.isFlapping());
            fields.put("started_at", EventTime.text(fired.startedAt()));
            fields.put("fired_at", EventTime.text(fired.at()));
            fields.put("cleared_at", evaluated.isCleared() ? EventTime.text(last.at()) : null);
            fields.put("message", rule.messageFor(worst));
            return fields;
        }
    }
}
