package sensorpipeline.alerts;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.contract.Parameters;
import sensorpipeline.database.SqlFile;
import sensorpipeline.http.RequestError;
import sensorpipeline.rules.AlertRule;

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
    private final String readSeen = SqlFile.read("/sql/alerts/read-seen.sql");
    private final String updateSeen = SqlFile.read("/sql/alerts/update-seen.sql");
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
    }

    /**
     * @param partition of a tenant's topic
     * @param partitions how many that topic has
     * @return what the database has of it, or null if it does not know it
     */
    SavedStates read(TopicPartition partition, String tenant, int partitions) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            // States and position must be of the same moment.
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try {
                AlertPositions.Position position = positions.read(connection, Set.of(partition)).get(partition);
                return position == null ? null : new SavedStates(position.next(), position.appliedChange(), position.change(),
                        rules(connection, tenant, position.appliedChange()), states(connection, partition, partitions), seen(connection, partition, partitions),
                        changes(connection, position.appliedChange()).stream().filter(change -> change.id() <= position.change()).toList());
            } finally {
                connection.rollback();
            }
        }
    }

    private Map<SavedStates.Key, String> states(Connection connection, TopicPartition partition, int partitions) throws SQLException {
        Map<SavedStates.Key, String> states = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(readStates)) {
            statement.setFetchSize(10_000);
            statement.setString(1, partition.topic());
            statement.setInt(2, partition.partition());
            statement.setInt(3, partitions);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String sensorId = rows.getString("sensor_id");
                    if (rows.getInt("partitions") == partitions || partition.partition() == SavedStates.partitionOf(sensorId, partitions)) {
                        states.put(new SavedStates.Key(sensorId, rows.getLong("rule_id")), rows.getString("state"));
                    }
                }
            }
        }
        return states;
    }

    private Map<SavedStates.Key, SavedStates.Seen> seen(Connection connection, TopicPartition partition, int partitions) throws SQLException {
        Map<SavedStates.Key, SavedStates.Seen> seen = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(readSeen)) {
            statement.setString(1, partition.topic());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    boolean isOwn = rows.getInt("partitions") == partitions && rows.getInt("partition") == partition.partition();
                    boolean isOther = rows.getInt("partitions") == partitions && !isOwn;
                    if (!isOther) {
                        SeenRecords.read(rows.getBytes("seen")).forEach((key, record) -> {
                            if (isOwn || SavedStates.partitionOf(key.sensorId(), partitions) == partition.partition()) {
                                seen.put(key, record);
                            }
                        });
                    }
                }
            }
        }
        return seen;
    }

    /**
     * @param partition of a topic
     * @return the sensors that rules have seen in other partitions of the topic
     */
    Set<SavedStates.Key> seenElsewhere(TopicPartition partition) throws SQLException {
        Set<SavedStates.Key> seen = new HashSet<>();
        try (Connection connection = database.getConnection(); PreparedStatement statement = connection.prepareStatement(readSeen)) {
            statement.setString(1, partition.topic());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (rows.getInt("partition") != partition.partition()) {
                        SeenRecords.read(rows.getBytes("seen")).entrySet().stream().filter(record -> record.getValue().offset() >= 0).forEach(record -> seen.add(record.getKey()));
                    }
                }
            }
        }
        return seen;
    }

    private List<RuleVersion> rules(Connection connection, String tenant, long change) throws SQLException {
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
            return new RuleVersion(change, ruleId, row.getTimestamp("created_at").getTime(), rule);
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
                            until == null ? null : until.toInstant(), rows.getTimestamp("changed_at").toInstant()));
                }
            }
        }
        return changes;
    }

    /**
     * Saves a checkpoint in one transaction.
     *
     * @throws SQLException if the database fails, or has another position than it had; nothing is then changed
     */
    void save(Checkpoint checkpoint) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                positions.advance(connection, checkpoint.partition(), new AlertPositions.Position(checkpoint.previousNext(), checkpoint.previousChange(), 0),
                        new AlertPositions.Position(checkpoint.next(), checkpoint.changeId(), checkpoint.appliedChange()));
                save(connection, checkpoint);
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    private void save(Connection connection, Checkpoint checkpoint) throws SQLException {
        if (checkpoint.seen() != null) {
            try (PreparedStatement statement = connection.prepareStatement(updateSeen)) {
                statement.setBytes(1, SeenRecords.write(checkpoint.seen()));
                statement.setInt(2, checkpoint.partitions());
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
                statement.setInt(4, checkpoint.partitions());
                setKeys(statement, 5, there);
                statement.setObject(7, there.stream().map(checkpoint.states()::get).toArray(String[]::new));
                statement.executeUpdate();
            }
        }
        if (!gone.isEmpty()) {
            try (PreparedStatement statement = connection.prepareStatement(deleteStates)) {
                setKeys(statement, 1, gone);
                statement.setString(3, checkpoint.tenant());
                statement.executeUpdate();
            }
        }
    }

    private static void setKeys(PreparedStatement statement, int index, List<SavedStates.Key> keys) throws SQLException {
        statement.setObject(index, keys.stream().map(SavedStates.Key::sensorId).toArray(String[]::new));
        statement.setObject(index + 1, keys.stream().map(SavedStates.Key::ruleId).toArray(Long[]::new));
    }
}
