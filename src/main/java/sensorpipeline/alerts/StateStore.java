package sensorpipeline.alerts;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.contract.Parameters;
import sensorpipeline.database.SqlFile;
import sensorpipeline.http.RequestError;
import sensorpipeline.rules.AlertRule;
import sensorpipeline.rules.Severity;

/** States, positions and changes in PostgreSQL. Thread-safe. */
final class StateStore {

    private static final Logger LOG = LoggerFactory.getLogger(StateStore.class);

    private final DataSource database;
    private final AlertPositions positions;
    private final Parameters contract;
    private final String readStates = SqlFile.read("/sql/alerts/read-states.sql");
    private final String readRules = SqlFile.read("/sql/alerts/read-rules.sql");
    private final String readChanges = SqlFile.read("/sql/alerts/read-changes.sql");
    private final String upsertStates = SqlFile.read("/sql/alerts/upsert-states.sql");
    private final String deleteStates = SqlFile.read("/sql/alerts/delete-states.sql");
    private final String upsertLate = SqlFile.read("/sql/alerts/upsert-late-readings.sql");
    private final String readSeen = SqlFile.read("/sql/alerts/read-seen.sql");
    private final String updateSeen = SqlFile.read("/sql/alerts/update-seen.sql");
    private final MovedStates moved;
    /** By change; each partition of a tenant has the same. */
    private final Map<Long, AlertRule> rules = new ConcurrentHashMap<>();

    /**
     * @param database with the states
     * @param positions in the same database
     * @param contract that rules were validated by
     */
    StateStore(DataSource database, AlertPositions positions, Parameters contract) {
        this.database = database;
        this.positions = positions;
        this.contract = contract;
        moved = new MovedStates(database);
    }

    /** @return what other partitions have of the sensors of a partition */
    MovedStates moved() {
        return moved;
    }

    /**
     * @param partition of a tenant's topic
     * @param count how many partitions the topic has
     * @return what the database has of it, or null if it does not know it
     */
    SavedStates read(TopicPartition partition, String tenant, int count) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            // States and position must be of the same moment.
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try {
                AlertPositions.Position position = positions.read(connection, Set.of(partition)).get(partition);
                if (position == null) {
                    return null;
                }
                // The program that adds the other partitions may not have done so yet.
                long raisedAt = position.raisedAt() == 0 && position.partitions() < count ? System.currentTimeMillis() : position.raisedAt();
                return new SavedStates(position.next(), position.appliedChange(), position.change(),
                        rules(connection, tenant, position.appliedChange()), DeclaredMetric.read(connection, tenant, position.appliedChange()), states(connection, partition), seen(connection, partition),
                        moved.newest(connection, partition.topic()).get(partition.partition()), raisedAt,
                        raisedAt == 0 ? Set.of() : moved.strangers(connection, partition.topic(), List.of(partition.partition())),
                        changes(connection, position.appliedChange()).stream().filter(change -> change.id() <= position.change()).toList());
            } finally {
                connection.rollback();
            }
        }
    }

    private Map<SavedStates.Key, String> states(Connection connection, TopicPartition partition) throws SQLException {
        Map<SavedStates.Key, String> states = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(readStates)) {
            statement.setFetchSize(10_000);
            statement.setString(1, partition.topic());
            statement.setInt(2, partition.partition());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    states.put(new SavedStates.Key(rows.getString("sensor_id"), rows.getLong("rule_id")), rows.getString("state"));
                }
            }
        }
        return states;
    }

    private Map<SavedStates.Key, SavedStates.Seen> seen(Connection connection, TopicPartition partition) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(readSeen)) {
            statement.setString(1, partition.topic());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (rows.getInt("partition") == partition.partition()) {
                        return SeenRecords.read(rows.getBytes("seen"));
                    }
                }
            }
        }
        return Map.of();
    }

    /** @return the rules of a tenant as they were after a change */
    List<RuleVersion> rules(Connection connection, String tenant, long change) throws SQLException {
        List<RuleVersion> versions = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(readRules)) {
            statement.setString(1, tenant);
            statement.setLong(2, change);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    RuleVersion version = version(rows);
                    if (version != null) {
                        versions.add(version);
                    }
                }
            }
        }
        return versions;
    }

    /** @return the version in a row, or null if the rule was deleted, or the program cannot read it */
    private RuleVersion version(ResultSet row) throws SQLException {
        String definition = row.getString("definition");
        if (definition == null) {
            return null;
        }
        long change = row.getLong("change_id");
        long ruleId = row.getLong("rule_id");
        try {
            AlertRule rule = rules.computeIfAbsent(change, missing -> AlertRule.of(contract.readObject("AlertRule", definition)));
            return new RuleVersion(change, ruleId, row.getTimestamp("created_at").getTime(), row.getTimestamp("changed_at").getTime(), rule);
        } catch (RequestError e) {
            LOG.error("Alert rule {} is not evaluated, because this version of the program cannot read it: {}", ruleId, e.getMessage());
            return null;
        }
    }

    /** @return all changes after a change, in their order; if there are very many, the first of them */
    List<Change> changesAfter(long change) throws SQLException {
        try (Connection connection = database.getConnection()) {
            return changes(connection, change);
        }
    }

    private List<Change> changes(Connection connection, long after) throws SQLException {
        List<Change> changes = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(readChanges)) {
            statement.setLong(1, after);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String kind = rows.getString("kind");
                    Timestamp until = rows.getTimestamp("until");
                    changes.add(new Change(rows.getLong("change_id"), rows.getString("tenant"), kind, rows.getLong("rule_id"), kind.equals("rule") ? version(rows) : null,
                            rows.getString("alert_id"), rows.getString("sensor_id"), rows.getString("by"), rows.getString("comment"),
                            until == null ? null : until.toInstant(), rows.getTimestamp("changed_at").toInstant(),
                            kind.equals("metric") ? DeclaredMetric.of(rows.getString("definition")) : null,
                            rows.getString("severity") == null ? null : Severity.of(rows.getString("severity"))));
                }
            }
        }
        return changes;
    }

    /**
     * Saves a checkpoint in one transaction.
     *
     * @return when the topic was found to have more partitions, in milliseconds since 1970, or 0
     * @throws SQLException if the database fails, or has another position than it had; nothing is then changed
     */
    long save(Checkpoint checkpoint) throws SQLException {
        return save(checkpoint, connection -> { });
    }

    /**
     * Saves a checkpoint, and moves the states of sensors to its partition, in one transaction.
     *
     * @return the states that were saved of these sensors
     * @throws SQLException as {@link #save(Checkpoint)}
     */
    MovedStates.Moved move(Checkpoint checkpoint, Set<String> sensors) throws SQLException {
        AtomicReference<MovedStates.Moved> states = new AtomicReference<>();
        save(checkpoint, connection -> states.set(moved.move(connection, checkpoint, sensors)));
        return states.get();
    }

    private interface Addition {
        void run(Connection connection) throws SQLException;
    }

    private long save(Checkpoint checkpoint, Addition addition) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                long raisedAt = positions.advance(connection, checkpoint);
                save(connection, checkpoint);
                addition.run(connection);
                connection.commit();
                return raisedAt;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    private void saveLate(Connection connection, Checkpoint checkpoint) throws SQLException {
        if (checkpoint.late().isEmpty()) {
            return;
        }
        List<String> sensors = List.copyOf(checkpoint.late().keySet());
        List<LateReadings.Span> spans = sensors.stream().map(checkpoint.late()::get).toList();
        try (PreparedStatement statement = connection.prepareStatement(upsertLate)) {
            statement.setString(1, checkpoint.tenant());
            statement.setString(2, checkpoint.partition().topic());
            statement.setInt(3, checkpoint.partition().partition());
            statement.setLong(4, checkpoint.next());
            statement.setObject(5, sensors.toArray(String[]::new));
            statement.setObject(6, spans.stream().map(LateReadings.Span::from).toArray(Long[]::new));
            statement.setObject(7, spans.stream().map(LateReadings.Span::until).toArray(Long[]::new));
            statement.setObject(8, spans.stream().map(LateReadings.Span::received).toArray(Long[]::new));
            statement.executeUpdate();
        }
    }

    private void save(Connection connection, Checkpoint checkpoint) throws SQLException {
        saveLate(connection, checkpoint);
        if (checkpoint.seen() != null || checkpoint.newest() != null) {
            try (PreparedStatement statement = connection.prepareStatement(updateSeen)) {
                statement.setBytes(1, checkpoint.seen() == null ? null : SeenRecords.write(checkpoint.seen()));
                statement.setBytes(2, checkpoint.newest());
                statement.setString(3, checkpoint.partition().topic());
                statement.setInt(4, checkpoint.partition().partition());
                statement.executeUpdate();
            }
        }
        List<SavedStates.Key> there = checkpoint.states().entrySet().stream().filter(state -> state.getValue() != null).map(Map.Entry::getKey).toList();
        List<SavedStates.Key> gone = checkpoint.states().entrySet().stream().filter(state -> state.getValue() == null).map(Map.Entry::getKey).toList();
        if (!there.isEmpty()) {
            try (PreparedStatement statement = connection.prepareStatement(upsertStates)) {
                statement.setString(1, checkpoint.tenant());
                statement.setString(2, checkpoint.partition().topic());
                statement.setInt(3, checkpoint.partition().partition());
                setKeys(statement, 4, there);
                statement.setObject(6, there.stream().map(checkpoint.states()::get).toArray(String[]::new));
                statement.executeUpdate();
            }
        }
        if (!gone.isEmpty()) {
            try (PreparedStatement statement = connection.prepareStatement(deleteStates)) {
                setKeys(statement, 1, gone);
                statement.setString(3, checkpoint.tenant());
                statement.setString(4, checkpoint.partition().topic());
                statement.setInt(5, checkpoint.partition().partition());
                statement.executeUpdate();
            }
        }
    }

    private static void setKeys(PreparedStatement statement, int index, List<SavedStates.Key> keys) throws SQLException {
        statement.setObject(index, keys.stream().map(SavedStates.Key::sensorId).toArray(String[]::new));
        statement.setObject(index + 1, keys.stream().map(SavedStates.Key::ruleId).toArray(Long[]::new));
    }
}
