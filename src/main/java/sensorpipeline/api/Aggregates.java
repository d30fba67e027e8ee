package sensorpipeline.api;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import sensorpipeline.database.NamedParameters;
import sensorpipeline.database.SqlFile;
import sensorpipeline.http.RequestError;

/** The requested aggregates of a chart that its points do not have anyway, by line and interval. Not thread-safe. */
final class Aggregates {

    /** The only one that the statement for points computes. */
    static final String SUM = "sum";

    private static final Set<String> ENDS = Set.of("first", "last");
    private static final int MOST_READINGS = 600_000;
    private static final String OF_READINGS = SqlFile.read("/sql/api/select-aggregates.sql");
    private static final String OF_HOURS = SqlFile.read("/sql/api/select-ends.sql");

    private final List<String> names;
    private final Map<Place, Found> found = new HashMap<>();

    /** @param names of the requested aggregates that need a query */
    private Aggregates(List<String> names) {
        this.names = names;
    }

    private record Place(String sensorId, String location, int interval) {
    }

    /**
     * @param readings that the values were computed from; null if they do not depend on all of the interval's
     * @param values in the order of the names, null if there is none
     */
    private record Found(Long readings, List<Double> values) {
    }

    /** @return the names of all aggregates that the parameters of a chart request, once each */
    static List<String> names(Map<String, Object> question) {
        return question.get("agg") instanceof String[] names ? Stream.of(names).distinct().toList() : List.of();
    }

    /**
     * @param connection in the transaction in which the points were read
     * @param exchange of the route
     * @param question of the chart, with the bounds of its points
     * @param readings in all of its points
     * @throws RequestError (400) if too many readings or rollups would have to be read
     */
    static Aggregates select(Connection connection, Exchange exchange, Map<String, Object> question, long readings) throws SQLException {
        Aggregates aggregates = new Aggregates(names(question).stream().filter(name -> !SUM.equals(name)).toList());
        if (!aggregates.names.isEmpty()) {
            boolean areOfHours = ENDS.containsAll(aggregates.names) && TimeSeries.areWholeHours((Long[]) question.get("bounds"));
            if (!areOfHours && readings > MOST_READINGS) {
                throw aggregates.error("%,d readings".formatted(readings), "%,d".formatted(MOST_READINGS));
            }
            try (PreparedStatement statement = NamedParameters.prepare(connection, exchange, areOfHours ? OF_HOURS : OF_READINGS, question);
                    ResultSet rows = statement.executeQuery()) {
                aggregates.read(rows, areOfHours);
            }
        }
        return aggregates;
    }

    private void read(ResultSet rows, boolean areOfHours) throws SQLException {
        while (rows.next()) {
            if (areOfHours && rows.getBoolean("are_too_many")) {
                throw error("more than 1,000,000 hourly rollups", "1,000,000");
            }
            List<Double> values = new ArrayList<>(names.size());
            for (String name : names) {
                double value = rows.getDouble(name);
                values.add(rows.wasNull() || !Double.isFinite(value) ? null : value);
            }
            found.put(new Place(rows.getString("sensor_id"), rows.getString("location"), rows.getInt("interval_number")),
                    new Found(areOfHours ? null : rows.getLong("readings"), values));
        }
    }

    private RequestError error(String needed, String allowed) {
        return new RequestError(400, "too_many_readings", "%s would be computed from %s, %s are allowed; ask for less time or for fewer sensors"
                .formatted(String.join(", ", names), needed, allowed));
    }

    /**
     * @param sensorId of the line, or null
     * @param location of the line, or null
     * @param interval from 1
     * @param readings in this point
     * @param name of an aggregate
     * @return its value; null if there is none, or if not all readings of the point are there any more
     */
    Double value(String sensorId, String location, int interval, long readings, String name) {
        Found one = found.get(new Place(sensorId, location, interval));
        return one == null || one.readings != null && one.readings != readings ? null : one.values.get(names.indexOf(name));
    }
}
