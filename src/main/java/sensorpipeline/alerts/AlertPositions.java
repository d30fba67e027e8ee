package sensorpipeline.alerts;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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
     */
    record Position(long next, long change, long appliedChange) {
    }

    /** @return the positions of those of these partitions that the database knows */
    Map<TopicPartition, Position> read(Connection connection, Set<TopicPartition> partitions) throws SQLException {
        Map<TopicPartition, Position> positions = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(readPositions)) {
            setPartitions(statement, partitions);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    positions.put(new TopicPartition(rows.getString("topic"), rows.getInt("partition")),
                            new Position(rows.getLong("next_offset"), rows.getLong("change_id"), rows.getLong("applied_change")));
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
        add(first, Map.of());
    }

    /** @param tenants of the partitions that have readings */
    void add(Map<TopicPartition, Long> first, Map<TopicPartition, String> tenants) throws SQLException {
        List<TopicPartition> partitions = List.copyOf(first.keySet());
        try (Connection connection = database.getConnection(); PreparedStatement statement = connection.prepareStatement(insertPositions)) {
            setPartitions(statement, partitions);
            statement.setObject(3, partitions.stream().map(tenants::get).toArray(String[]::new));
            statement.setObject(4, partitions.stream().map(first::get).toArray(Long[]::new));
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
                advance(connection, each.getKey(), new Position(from.get(each.getKey()), 0, 0), new Position(each.getValue(), 0, 0));
            }
        }
    }

    /** @throws SQLException if the database fails, or has another position */
    void advance(Connection connection, TopicPartition partition, Position from, Position to) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(advancePosition)) {
            statement.setLong(1, to.next());
            statement.setLong(2, to.change());
            statement.setLong(3, to.appliedChange());
            statement.setString(4, partition.topic());
            statement.setInt(5, partition.partition());
            statement.setLong(6, from.next());
            statement.setLong(7, from.change());
            if (statement.executeUpdate() == 0) {
                throw new SQLException("PostgreSQL has another position of " + partition + " than it had: another program evaluates it, or it is another database, such as a restored backup",
                        SqlFault.OUTDATED_STATE);
            }
        }
    }
}
