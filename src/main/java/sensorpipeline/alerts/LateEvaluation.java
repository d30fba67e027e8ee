package sensorpipeline.alerts;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.Body;
import sensorpipeline.database.SqlFile;
import sensorpipeline.reading.EventTime;
import sensorpipeline.rules.AlertRule;
import sensorpipeline.rules.Evaluation;
import sensorpipeline.rules.Transition;

/**
 * Finds the alerts that readings would have made that came late: their rules are evaluated over the stored readings around them. Such an alert is over as soon as these readings tell no more; where
 * it overlaps with one that is known, it is not told. Thread-safe.
 */
public final class LateEvaluation {

    /** What was before a span decides what its first readings mean. */
    private static final long LEAST_CONTEXT = TimeUnit.HOURS.toMicros(1);
    private static final int FETCH = 5000;

    private final DataSource database;
    private final StateStore store;
    private final String storeGroup;
    private final long longestSpan;
    private final String selectValues = SqlFile.read("/sql/alerts/select-late-values.sql");
    private final String selectOverlapping = SqlFile.read("/sql/alerts/select-overlapping-alerts.sql");

    /**
     * @param database with readings and alerts
     * @param store of rules, in the same database
     * @param storeGroup consumer group of the store, whose positions tell what is stored
     * @param longestSpan of late readings that is evaluated, in microseconds; of a longer one, the newest part
     */
    LateEvaluation(DataSource database, StateStore store, String storeGroup, long longestSpan) {
        this.database = database;
        this.store = store;
        this.storeGroup = storeGroup;
        this.longestSpan = longestSpan;
    }

    /** An alert that would have been. */
    private static final class Found {

        private final String location;
        private final Transition fired;
        private Transition worst;
        /** When it was over, or what is known ends. */
        private long endedAt;
        private boolean isOver;

        Found(String location, Transition fired) {
            this.location = location;
            this.fired = fired;
            worst = fired;
        }

        void follow(Transition transition) {
            worst = transition.severity().compareTo(worst.severity()) > 0 ? transition : worst;
            isOver = transition.kind() == Transition.Kind.CLEARED;
        }
    }

    /** @return the parameters of claim-late-readings.sql */
    public Map<String, Object> claim() {
        return Map.of("store_group", storeGroup);
    }

    /**
     * @param span row of claim-late-readings.sql
     * @return transitions to be published
     * @throws SQLException if the database fails
     */
    public List<OutgoingTransition> evaluate(@Body Map<String, Object> span) throws SQLException {
        String tenant = (String) span.get("tenant");
        String sensorId = (String) span.get("sensor_id");
        long until = (Long) span.get("until_at");
        long from = Math.max((Long) span.get("from_at"), until - longestSpan);
        long received = TimeUnit.MICROSECONDS.toMillis((Long) span.get("received_at"));
        List<OutgoingTransition> transitions = new ArrayList<>();
        try (Connection connection = database.getConnection()) {
            // Required for rows to be fetched in portions instead of all at once.
            connection.setAutoCommit(false);
            try {
                for (RuleVersion version : store.rules(connection, tenant, Long.MAX_VALUE)) {
                    AlertRule rule = version.rule();
                    if (!rule.isOfSilence() && version.createdAt() <= received && rule.sensors().match(sensorId)) {
                        for (Found found : alerts(connection, tenant, rule, sensorId, from, until)) {
                            tell(connection, tenant, version, sensorId, found, transitions);
                        }
                    }
                }
            } finally {
                connection.rollback();
            }
        }
        return transitions;
    }

    private List<Found> alerts(Connection connection, String tenant, AlertRule rule, String sensorId, long from, long until) throws SQLException {
        long context = Math.max(LEAST_CONTEXT, 2 * (rule.delay() + rule.clearDelay()));
        List<Found> alerts = new ArrayList<>();
        Found last = null;
        Evaluation evaluation = new Evaluation(rule);
        try (PreparedStatement tenantOfSession = connection.prepareStatement("SELECT set_config('pipeline.tenant', ?, true), set_config('role', 'sensor_pipeline_reader', true)");
                PreparedStatement statement = connection.prepareStatement(selectValues)) {
            tenantOfSession.setString(1, tenant);
            tenantOfSession.execute();
            statement.setFetchSize(FETCH);
            statement.setObject(1, rule.metrics().toArray(String[]::new));
            statement.setString(2, sensorId);
            statement.setLong(3, from - context);
            statement.setLong(4, until + context);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    long at = rows.getLong("at");
                    double[] values = Stream.of((Double[]) rows.getArray("values").getArray()).mapToDouble(Double::doubleValue).toArray();
                    Transition transition = evaluation.read(sensorId, rows.getString("location"), at, values);
                    if (transition != null && transition.kind() == Transition.Kind.FIRED) {
                        last = new Found(rows.getString("location"), transition);
                        alerts.add(last);
                    } else if (transition != null) {
                        last.follow(transition);
                        last.endedAt = at;
                    }
                    if (last != null && !last.isOver) {
                        last.endedAt = at;
                    }
                }
            }
        }
        return alerts.stream().filter(alert -> alert.fired.startedAt() <= until && alert.endedAt >= from).toList();
    }

    private void tell(Connection connection, String tenant, RuleVersion version, String sensorId, Found found, List<OutgoingTransition> transitions) throws SQLException {
        String cause = "late-" + found.fired.startedAt();
        String id = UUID.nameUUIDFromBytes((version.changeId() + "/" + tenant + "/" + cause + "/" + sensorId).getBytes(StandardCharsets.UTF_8)).toString();
        int revision = 0;
        try (PreparedStatement statement = connection.prepareStatement(selectOverlapping)) {
            statement.setString(1, tenant);
            statement.setLong(2, version.ruleId());
            statement.setString(3, sensorId);
            statement.setLong(4, found.endedAt);
            statement.setLong(5, found.fired.startedAt());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (!rows.getString("alert_id").equals(id) || rows.getLong("cleared_at") == found.endedAt) {
                        return;
                    }
                    // Told before, with fewer readings.
                    revision = rows.getInt("revision");
                }
            }
        }
        Alert alert = Alert.fired(id, version, sensorId, found.location, found.worst).late(EventTime.text(found.fired.startedAt()), EventTime.text(found.fired.at()));
        if (revision == 0) {
            revision = 1;
            transitions.add(new OutgoingTransition(tenant, cause, "fired", revision, found.fired.at(), id, AlertJson.write(alert), 0));
        }
        Alert over = alert.clearedAt(EventTime.text(found.endedAt));
        transitions.add(new OutgoingTransition(tenant, cause + "-" + found.endedAt, "cleared", revision + 1, found.endedAt, id, AlertJson.write(over), 0));
    }

    /** @return the parameters of forget-late-readings.sql */
    public Map<String, Object> forget(Map<String, Object> span) {
        return Map.of("tenant", span.get("tenant"), "sensor_id", span.get("sensor_id"), "topic", span.get("topic"), "partition", span.get("partition"), "until_at", span.get("until_at"),
                "changed_at", span.get("changed_at"));
    }
}
