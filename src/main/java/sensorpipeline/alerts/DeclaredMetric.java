package sensorpipeline.alerts;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import sensorpipeline.database.SqlFile;
import sensorpipeline.reading.PlausibleRange;
import sensorpipeline.reading.PlausibleValues;

/**
 * Which values of a metric are plausible, as a change declares. Immutable.
 *
 * @param metric name of it
 * @param minPlausible the least, or null
 * @param maxPlausible the greatest, or null
 */
record DeclaredMetric(String metric, Double minPlausible, Double maxPlausible) {

    private static final String READ = SqlFile.read("/sql/alerts/read-plausible-values.sql");

    static DeclaredMetric of(String definition) {
        return AlertJson.read(definition, DeclaredMetric.class);
    }

    /** @return the range, or null if all values are plausible */
    @JsonIgnore
    PlausibleRange range() {
        return minPlausible == null && maxPlausible == null ? null
                : new PlausibleRange(minPlausible == null ? Double.NEGATIVE_INFINITY : minPlausible, maxPlausible == null ? Double.POSITIVE_INFINITY : maxPlausible);
    }

    /**
     * @param before what was plausible before, or null if everything was
     * @return what is plausible since, or null if everything is
     */
    PlausibleValues addTo(PlausibleValues before) {
        Map<String, PlausibleRange> ranges = new HashMap<>(before == null ? Map.of() : before.ranges());
        ranges.compute(metric, (name, range) -> range());
        return ranges.isEmpty() ? null : new PlausibleValues(ranges);
    }

    /** @return the ranges of a tenant as they were after a change, by metric */
    static Map<String, PlausibleRange> read(Connection connection, String tenant, long change) throws SQLException {
        Map<String, PlausibleRange> ranges = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setString(1, tenant);
            statement.setLong(2, change);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    DeclaredMetric declared = of(rows.getString("definition"));
                    if (declared.range() != null) {
                        ranges.put(declared.metric, declared.range());
                    }
                }
            }
        }
        return ranges;
    }
}
