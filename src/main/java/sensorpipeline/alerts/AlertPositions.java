package sensorpipeline.alerts;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.apache.kafka.common.TopicPartition;
import sensorpipeline.database.SqlFault;
import sensorpipeline.database.SqlFile;
import sensorpipeline.kafka.Positions;

/** How far partitions of readings are evaluated, and the topic of alerts is stored: the table alert_position. As {@link Positions}, it is that of the topic of alerts. Thread-safe. */
final class AlertPositions implements Positions {

    private final DataSource database;
    private final String readPositions = SqlFile.read("/sql/alerts/read-positions.sql");
    private final String insertPositions = SqlFile.read("/sql/alerts/insert-positions.sql");
    private final String advancePosition = SqlFile.read("/sql/alerts/advance-position.sql");

    /** @param database with the alerts */
    AlertPositions(DataSource database) {
        this.database = database;
    }

    /**
     * A row of the table.
     *
     * @param next offset of the first record that is not dealt with
     * @param change the last one that applies to the records from there on
     * @param appliedChange the last one that the saved states contain
     * @param raisedAt when the topic was found to have more partitions, in milliseconds since 1970, or 0
     * @param partitions how many it had when this one was added, or 0 for the topic of alerts
     */
    record Position(long next, long change, long appliedChange, long raisedAt, int partitions) {
    }

    /** @return the positions of those of these partitions that the database knows */
    Map<TopicPartition, Position> read(Connection connection, Set<TopicPartition> partitions) throws SQLException {
        Map<TopicPartition, Position> positions = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(readPositions)) {
            setPartitions(statement, partitions);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    positions.put(new TopicPartition(rows.getString("topic"), rows.getInt("partition")),
                            new Position(rows.getLong("next_offset"), rows.getLong("change_id"), rows.getLong("applied_change"), raisedAt(rows), rows.getInt("partitions")));
                }
            }
        }
        return positions;
    }

    @Override
    public Map<TopicPartition, Long> read(Set<TopicPartition> partitions) throws SQLException {
        Map<TopicPartition, Long> positions = new HashMap<>();
        try (Connection connection = database.getConnection()) {
            read(connection, partitions).forEach((partition, position) -> positions.put(partition, position.next()));
        }
        return positions;
    }

    @Override
    public void add(Map<TopicPartition, Long> first) throws SQLException {
        add(first, Map.of(), Map.of());
    }

    /**
     * @param tenants of the partitions that have readings
     * @param counts how many partitions the topics of those have
     */
    void add(Map<TopicPartition, Long> first, Map<TopicPartition, String> tenants, Map<TopicPartition, Integer> counts) throws SQLException {
        List<TopicPartition> partitions = List.copyOf(first.keySet());
        try (Connection connection = database.getConnection(); PreparedStatement statement = connection.prepareStatement(insertPositions)) {
            setPartitions(statement, partitions);
            statement.setObject(3, partitions.stream().map(tenants::get).toArray(String[]::new));
            statement.setObject(4, partitions.stream().map(first::get).toArray(Long[]::new));
            statement.setObject(5, partitions.stream().map(counts::get).toArray(Integer[]::new));
            statement.executeUpdate();
        }
    }

    private static void setPartitions(PreparedStatement statement, Collection<TopicPartition> partitions) throws SQLException {
        statement.setObject(1, partitions.stream().map(TopicPartition::topic).toArray(String[]::new));
        statement.setObject(2, partitions.stream().map(TopicPartition::partition).toArray(Integer[]::new));
    }

    @Override
    public void advance(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to, List<Lost> lost) throws SQLException {
        try (Connection connection = database.getConnection()) {
            for (Map.Entry<TopicPartition, Long> each : to.entrySet()) {
                // Nothing is changed about the topic of alerts.
                advance(connection, new Checkpoint(each.getKey(), null, from.get(each.getKey()), 0, each.getValue(), 0, 0, each.getValue(), Set.of(), Map.of(), null, null, Map.of()));
            }
        }
    }

    /**
     * @return when the topic was found to have more partitions, in milliseconds since 1970, or 0
     * @throws SQLException if the database fails, or has another position
     */
    long advance(Connection connection, Checkpoint checkpoint) throws SQLException {
        boolean isWaiting = checkpoint.delivered() != checkpoint.next();
        try (PreparedStatement statement = connection.prepareStatement(advancePosition)) {
            statement.setLong(1, checkpoint.next());
            statement.setLong(2, checkpoint.changeId());
            statement.setLong(3, checkpoint.appliedChange());
            statement.setObject(4, isWaiting ? checkpoint.delivered() : null, Types.BIGINT);
            statement.setObject(5, isWaiting ? checkpoint.waiting().toArray(String[]::new) : null, Types.ARRAY);
            statement.setString(6, checkpoint.partition().topic());
            statement.setInt(7, checkpoint.partition().partition());
            statement.setLong(8, checkpoint.previousNext());
            statement.setLong(9, checkpoint.previousChange());
            try (ResultSet rows = statement.executeQuery()) {
                if (rows.next()) {
                    return raisedAt(rows);
                }
            }
        }
        throw new SQLException("PostgreSQL has another position of " + checkpoint.partition() + " than it had: another program evaluates it, or it is another database, such as a restored backup",
                SqlFault.OUTDATED_STATE);
    }

    private static long raisedAt(ResultSet row) throws SQLException {
        Timestamp time = row.getTimestamp("raised_at");
        return time == null ? 0 : time.getTime();
    }
}
