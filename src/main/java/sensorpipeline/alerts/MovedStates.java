package sensorpipeline.alerts;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.apache.kafka.common.TopicPartition;
import sensorpipeline.database.SqlFile;

/** What PostgreSQL has of sensors whose records come to another partition than before. Thread-safe. */
final class MovedStates {

    private final DataSource database;
    private final String readStrangers = SqlFile.read("/sql/alerts/read-strangers.sql");
    private final String readWaiting = SqlFile.read("/sql/alerts/read-waiting.sql");
    private final String readSeen = SqlFile.read("/sql/alerts/read-seen.sql");
    private final String readNewest = SqlFile.read("/sql/alerts/read-newest.sql");
    private final String moveStates = SqlFile.read("/sql/alerts/move-states.sql");

    /** @param database with the states */
    MovedStates(DataSource database) {
        this.database = database;
    }

    /**
     * A state of a sensor that has moved.
     *
     * @param key whose it is
     * @param state as JSON
     * @param isOwn whether it was in the same partition before
     */
    record State(SavedStates.Key key, String state, boolean isOwn) {
    }

    /**
     * What sensors take along.
     *
     * @param states of all their rules
     * @param seen the last records that rules about silence have seen in other partitions
     * @param newest readings in other partitions, by sensor
     */
    record Moved(List<State> states, Map<SavedStates.Key, SavedStates.Seen> seen, Map<String, NewestTimes> newest) {
    }

    /**
     * How far another program has evaluated a partition.
     *
     * @param delivered offset of the first record that it does not have
     * @param appliedChange the last change that the saved states contain
     * @param waiting sensors of records that are delivered but not evaluated
     */
    record Progress(long delivered, long appliedChange, Set<String> waiting) {
    }

    /** @return how far the partitions of a topic are evaluated, of those that the database knows */
    Map<TopicPartition, Progress> progress(String topic) throws SQLException {
        Map<TopicPartition, Progress> progress = new HashMap<>();
        try (Connection connection = database.getConnection(); PreparedStatement statement = connection.prepareStatement(readWaiting)) {
            statement.setString(1, topic);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    Set<String> waiting = rows.getArray("waiting") == null ? Set.of() : Set.of((String[]) rows.getArray("waiting").getArray());
                    progress.put(new TopicPartition(topic, rows.getInt("partition")), new Progress(rows.getLong("delivered_offset"), rows.getLong("applied_change"), waiting));
                }
            }
        }
        return progress;
    }

    /** @return what has a state in other partitions of a topic than these */
    Set<SavedStates.Key> strangers(String topic, Collection<Integer> partitions) throws SQLException {
        try (Connection connection = database.getConnection()) {
            return strangers(connection, topic, partitions);
        }
    }

    Set<SavedStates.Key> strangers(Connection connection, String topic, Collection<Integer> partitions) throws SQLException {
        Set<SavedStates.Key> strangers = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(readStrangers)) {
            statement.setString(1, topic);
            statement.setObject(2, partitions.toArray(Integer[]::new));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    strangers.add(new SavedStates.Key(rows.getString("sensor_id"), rows.getLong("rule_id")));
                }
            }
        }
        return strangers;
    }

    /** @return as {@link SeenElsewhere#ask} */
    Map<SavedStates.Key, SavedStates.Seen> seenElsewhere(TopicPartition partition) throws SQLException {
        try (Connection connection = database.getConnection()) {
            return seenElsewhere(connection, partition);
        }
    }

    private Map<SavedStates.Key, SavedStates.Seen> seenElsewhere(Connection connection, TopicPartition partition) throws SQLException {
        Map<SavedStates.Key, SavedStates.Seen> seen = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(readSeen)) {
            statement.setString(1, partition.topic());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    int other = rows.getInt("partition");
                    if (other != partition.partition()) {
                        SeenRecords.read(rows.getBytes("seen")).entrySet().stream()
                                .filter(record -> record.getValue().offset() >= 0 || record.getValue().at() >= 0 && other < partition.partition())
                                .forEach(record -> seen.merge(record.getKey(), record.getValue(), (one, another) -> one.at() >= another.at() ? one : another));
                    }
                }
            }
        }
        return seen;
    }

    /** Moves the states of sensors to the partition of a checkpoint. */
    Moved move(Connection connection, Checkpoint checkpoint, Set<String> sensors) throws SQLException {
        List<State> states = new ArrayList<>();
        TopicPartition partition = checkpoint.partition();
        try (PreparedStatement statement = connection.prepareStatement(moveStates)) {
            statement.setString(1, checkpoint.tenant());
            statement.setString(2, partition.topic());
            statement.setObject(3, sensors.toArray(String[]::new));
            statement.setInt(4, partition.partition());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    states.add(new State(new SavedStates.Key(rows.getString("sensor_id"), rows.getLong("rule_id")), rows.getString("state"),
                            rows.getInt("previous") == partition.partition()));
                }
            }
        }
        Map<SavedStates.Key, SavedStates.Seen> seen = seenElsewhere(connection, partition);
        seen.entrySet().removeIf(record -> !sensors.contains(record.getKey().sensorId()) || record.getValue().offset() < 0);
        Map<String, NewestTimes> newest = new HashMap<>();
        Map<Integer, byte[]> others = newest(connection, partition.topic());
        others.remove(partition.partition());
        others.values().forEach(other -> NewestReadings.read(other).forEach((sensorId, times) -> {
            if (sensors.contains(sensorId)) {
                newest.merge(sensorId, times, NewestTimes::with);
            }
        }));
        return new Moved(states, seen, newest);
    }

    /** @return the newest readings of the partitions of a topic: {@link NewestReadings#take} */
    Map<Integer, byte[]> newest(Connection connection, String topic) throws SQLException {
        Map<Integer, byte[]> newest = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(readNewest)) {
            statement.setString(1, topic);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    newest.put(rows.getInt("partition"), rows.getBytes("newest"));
                }
            }
        }
        return newest;
    }
}
