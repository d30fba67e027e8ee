package sensorpipeline.alerts;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.camel.Body;
import sensorpipeline.database.NumberArray;
import sensorpipeline.database.SqlFile;
import sensorpipeline.reading.EventTime;
import sensorpipeline.rules.AlertRule;
import sensorpipeline.rules.EvaluatedAlert;
import sensorpipeline.rules.Evaluation;
import sensorpipeline.rules.Transition;
import sensorpipeline.settings.RetentionTime;

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
    private final RetentionTime kept;
    private final String selectValues = SqlFile.read("/sql/alerts/select-late-values.sql");
    private final String selectOverlapping = SqlFile.read("/sql/alerts/select-overlapping-alerts.sql");

    /**
     * @param database with readings and alerts
     * @param store of rules, in the same database
     * @param storeGroup consumer group of the store, whose positions tell what is stored
     * @param longestSpan of late readings that is evaluated, in microseconds; of a longer one, the newest part
     * @param kept how long alerts are kept: what is older makes none
     */
    LateEvaluation(DataSource database, StateStore store, String storeGroup, long longestSpan, RetentionTime kept) {
        this.database = database;
        this.store = store;
        this.storeGroup = storeGroup;
        this.longestSpan = longestSpan;
        this.kept = kept;
    }

    /**
     * An alert that would have been.
     *
     * @param alert what its readings made of it
     * @param endedAt when it was over, or what is known ends
     */
    private record Found(EvaluatedAlert alert, long endedAt) {

        boolean overlaps(long from, long until) {
            return alert.fired().startedAt() <= until && endedAt >= from;
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
        Instant expired = kept.before(Instant.now());
        long from = Math.max(Math.max((Long) span.get("from_at"), until - longestSpan), expired == null ? Long.MIN_VALUE : EventTime.micros(expired));
        if (from > until) {
            return List.of();
        }
        long received = TimeUnit.MICROSECONDS.toMillis((Long) span.get("received_at"));
        List<OutgoingTransition> transitions = new ArrayList<>();
        try (Connection connection = database.getConnection()) {
            // Required for rows to be fetched in portions instead of all at once.
            connection.setAutoCommit(false);
            try {
                List<RuleVersion> versions = store.rules(connection, tenant, Long.MAX_VALUE);
                becomeReader(connection, tenant);
                for (RuleVersion version : versions) {
                    AlertRule rule = version.rule();
                    if (!rule.isOfSilence() && version.createdAt() <= received && rule.sensors().match(sensorId)) {
                        for (Found found : alerts(connection, rule, sensorId, from, until, received)) {
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

    private static void becomeReader(Connection connection, String tenant) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT set_config('pipeline.tenant', ?, true), set_config('role', 'sensor_pipeline_reader', true)")) {
            statement.setString(1, tenant);
            statement.execute();
        }
    }

    private List<Found> alerts(Connection connection, AlertRule rule, String sensorId, long from, long until, long received) throws SQLException {
        long context = Math.max(LEAST_CONTEXT, 2 * (rule.rate() + rule.delay() + rule.clearDelay()));
        List<EvaluatedAlert> alerts = new ArrayList<>();
        long knownUntil = 0;
        Evaluation evaluation = new Evaluation(rule);
        try (PreparedStatement statement = connection.prepareStatement(selectValues)) {
            statement.setFetchSize(FETCH);
            statement.setObject(1, rule.metrics().toArray(String[]::new));
            statement.setObject(2, rule.locations().forLike());
            statement.setString(3, sensorId);
            statement.setLong(4, from - context);
            statement.setLong(5, until + context);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    knownUntil = rows.getLong("at");
                    Transition transition = evaluation.read(sensorId, rows.getString("location"), knownUntil, NumberArray.of(rows, "values"));
                    if (transition != null && transition.kind() == Transition.Kind.FIRED) {
                        alerts.add(new EvaluatedAlert(rows.getString("location"), transition));
                    } else if (transition != null) {
                        alerts.get(alerts.size() - 1).follow(transition);
                    }
                }
            }
        }
        long end = knownUntil;
        return alerts.stream().map(alert -> new Found(alert, alert.isCleared() ? alert.last().at() : end)).filter(found -> found.overlaps(from, until)
                || found.overlaps(from, until + 2 * rule.rate()) && SensorClock.isLate(TimeUnit.MILLISECONDS.toMicros(received), found.alert.fired().at())).toList();
    }

    private void tell(Connection connection, String tenant, RuleVersion version, String sensorId, Found found, List<OutgoingTransition> transitions) throws SQLException {
        Transition fired = found.alert.fired();
        Cause cause = new Cause(tenant, "late-" + fired.startedAt(), 0, transitions::add);
        String id = cause.alertId(version, sensorId);
        int revision = 0;
        try (PreparedStatement statement = connection.prepareStatement(selectOverlapping)) {
            statement.setString(1, tenant);
            statement.setLong(2, version.ruleId());
            statement.setString(3, sensorId);
            statement.setLong(4, found.endedAt);
            statement.setLong(5, fired.startedAt());
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
        Alert alert = Alert.fired(id, version, sensorId, found.alert.location(), found.alert.worst()).late(EventTime.text(fired.startedAt()), EventTime.text(fired.at()));
        if (revision == 0) {
            revision = 1;
            transitions.add(new OutgoingTransition(tenant, cause.id(), "fired", revision, fired.at(), id, AlertJson.write(alert), 0));
        }
        Alert over = alert.clearedAt(EventTime.text(found.endedAt));
        transitions.add(new OutgoingTransition(tenant, cause.id() + "-" + found.endedAt, "cleared", revision + 1, found.endedAt, id, AlertJson.write(over), 0));
    }

    /** @return the parameters of forget-late-readings.sql */
    public Map<String, Object> forget(Map<String, Object> span) {
        return Map.of("tenant", span.get("tenant"), "sensor_id", span.get("sensor_id"), "topic", span.get("topic"), "partition", span.get("partition"), "until_at", span.get("until_at"),
                "changed_at", span.get("changed_at"));
    }
}
