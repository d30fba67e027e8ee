package sensorpipeline.consumer;

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
import sensorpipeline.kafka.Topics;

/** The positions of the store's group, in the table stored_position. Thread-safe. */
final class StoredPositions implements Positions {

    private final DataSource database;
    private final String group;
    private final Topics topics;
    private final String readPositions = SqlFile.read("/sql/consumer/read-positions.sql");
    private final String insertPositions = SqlFile.read("/sql/consumer/insert-positions.sql");
    private final String advancePositions = SqlFile.read("/sql/consumer/advance-positions.sql");
    private final String insertLostRecords = SqlFile.read("/sql/consumer/insert-lost-records.sql");

    /**
     * @param database of the store
     * @param group that consumes
     * @param topics map a partition to its tenant
     */
    StoredPositions(DataSource database, String group, Topics topics) {
        this.database = database;
        this.group = group;
        this.topics = topics;
    }

    @Override
    public Map<TopicPartition, Long> read(Set<TopicPartition> partitions) throws SQLException {
        Map<TopicPartition, Long> positions = new HashMap<>();
        try (Connection connection = database.getConnection(); PreparedStatement statement = connection.prepareStatement(readPositions)) {
            statement.setString(1, group);
            setPartitions(statement, 2, partitions);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    positions.put(new TopicPartition(rows.getString("topic"), rows.getInt("partition")), rows.getLong("next_offset"));
                }
            }
        }
        return positions;
    }

    @Override
    public void add(Map<TopicPartition, Long> first) throws SQLException {
        List<TopicPartition> partitions = List.copyOf(first.keySet());
        try (Connection connection = database.getConnection(); PreparedStatement statement = connection.prepareStatement(insertPositions)) {
            statement.setString(1, group);
            setPartitions(statement, 2, partitions);
            statement.setObject(4, numbers(partitions, first));
            statement.executeUpdate();
        }
    }

    @Override
    public void advance(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to, List<Lost> lost) throws SQLException {
        List<TopicPartition> partitions = List.copyOf(to.keySet());
        try (Connection connection = database.getConnection(); PreparedStatement statement = connection.prepareStatement(advancePositions)) {
            connection.setAutoCommit(false);
            try {
                insert(connection, lost);
                statement.setString(1, group);
                setPartitions(statement, 2, partitions);
                statement.setObject(4, numbers(partitions, from));
                statement.setObject(5, numbers(partitions, to));
                if (statement.executeUpdate() < partitions.size()) {
                    throw new SQLException("PostgreSQL has other positions of these partitions than it had: another consumer of group " + group
                            + " has one of them, or it is another database, such as a restored backup", SqlFault.OUTDATED_STATE);
                }
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    private void insert(Connection connection, List<Lost> lost) throws SQLException {
        if (lost.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(insertLostRecords)) {
            for (Lost records : lost) {
                statement.setString(1, topics.tenantOf(records.partition().topic()));
                statement.setString(2, records.partition().topic());
                statement.setInt(3, records.partition().partition());
                statement.setLong(4, records.first());
                statement.setLong(5, records.last());
                statement.setString(6, group);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static void setPartitions(PreparedStatement statement, int index, Collection<TopicPartition> partitions) throws SQLException {
        statement.setObject(index, partitions.stream().map(TopicPartition::topic).toArray(String[]::new));
        statement.setObject(index + 1, partitions.stream().map(TopicPartition::partition).toArray(Integer[]::new));
    }

    private static Long[] numbers(List<TopicPartition> partitions, Map<TopicPartition, Long> offsets) {
        return partitions.stream().map(offsets::get).toArray(Long[]::new);
    }
}
