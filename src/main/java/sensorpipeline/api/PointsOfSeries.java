package sensorpipeline.api;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.JdbcConstants;
import sensorpipeline.database.NamedParameters;
import sensorpipeline.database.SqlFile;
import sensorpipeline.http.RequestError;

/** Writes the points of a chart, one per interval, including intervals without readings. Thread-safe. */
public final class PointsOfSeries {

    private static final int MOST_POINTS = 100_000;
    /** Rows per fetch. */
    private static final int FETCH = 5000;

    private static final String DECLARATION = SqlFile.read("/sql/api/select-declaration.sql");

    private final DataSource database;
    private final String countLines = SqlFile.read("/sql/api/count-lines.sql");

    /** @param database connections for short queries */
    public PointsOfSeries(DataSource database) {
        this.database = database;
    }

    /**
     * @param exchange with select-points.sql as its body, and its parameters from {@link TimeSeries#question}
     * @return JSON, CSV or NDJSON, by the parameter "format". If it exceeded 100,000 points and the interval is auto, a longer interval is used
     * @throws RequestError (400) if it still exceeds 100,000 points
     */
    @SuppressWarnings("unchecked")
    public byte[] answer(Exchange exchange) throws SQLException {
        Map<String, Object> question = exchange.getMessage().getHeader(JdbcConstants.JDBC_PARAMETERS, Map.class);
        String statement = exchange.getMessage().getBody(String.class);
        try (Connection connection = database.getConnection()) {
            try {
                return answer(connection, exchange, statement, question);
            } catch (TooManyPoints e) {
                if (!Boolean.TRUE.equals(question.get("is_auto"))) {
                    throw e.error();
                }
            }
            try {
                int points = (int) Math.max(1, MOST_POINTS / countLines(connection, exchange, question));
                return answer(connection, exchange, statement, new TimeSeries().withPoints(question, points));
            } catch (TooManyPoints e) {
                throw e.error();
            }
        }
    }

    private static byte[] answer(Connection connection, Exchange exchange, String sql, Map<String, Object> question) throws SQLException, TooManyPoints {
        try (PreparedStatement statement = NamedParameters.prepare(connection, exchange, sql, question)) {
            statement.setFetchSize(FETCH);
            try (ResultSet rows = statement.executeQuery()) {
                boolean isRow = rows.next();
                Map<String, Object> chosen = new HashMap<>(question);
                if (isRow && rows.getBoolean("is_coarse")) {
                    chosen.put("bounds", question.get("coarse_bounds"));
                    chosen.put("interval", question.get("coarse_interval"));
                }
                return new Answer(chosen, rows, isRow, Aggregates.select(connection, exchange, chosen, isRow ? rows.getLong("readings_of_all") : 0),
                        declaration(connection, exchange, question)).write();
            }
        }
    }

    /**
     * What was declared of the metric.
     *
     * @param unit as shown behind values, or null
     * @param kind gauge, counter or direction
     */
    private record Declaration(String unit, String kind) {

        /** @return whether the average of values says something: that of 350 and 10 degrees is 180 */
        boolean hasAverage() {
            return !"direction".equals(kind);
        }
    }

    private static Declaration declaration(Connection connection, Exchange exchange, Map<String, Object> question) throws SQLException {
        try (PreparedStatement statement = NamedParameters.prepare(connection, exchange, DECLARATION, question); ResultSet row = statement.executeQuery()) {
            row.next();
            return new Declaration(row.getString("unit"), row.getString("kind"));
        }
    }

    private long countLines(Connection connection, Exchange exchange, Map<String, Object> question) throws SQLException {
        try (PreparedStatement statement = NamedParameters.prepare(connection, exchange, countLines, question); ResultSet rows = statement.executeQuery()) {
            rows.next();
            return Math.max(1, rows.getLong("lines"));
        }
    }

    /** A response exceeds the maximum number of points. */
    private static final class TooManyPoints extends Exception {
        private static final long serialVersionUID = 1L;

        TooManyPoints() {
            super(null, null, false, false);
        }

        RequestError error() {
            return new RequestError(400, "too_many_points", "There would be more than " + MOST_POINTS
                    + " points; ask for longer intervals, for fewer sensors, or for less time");
        }
    }

    /** One response, written line by line: the rows are ordered by line and interval. */
    private static final class Answer {

        private final Map<String, Object> question;
        private final ResultSet rows;
        private final boolean isBySensor;
        private final boolean isByLocation;
        private final String format;
        private final List<String> names;
        private final Aggregates aggregates;
        private final Declaration declaration;
        private final Long[] bounds;
        private final AnswerText text = new AnswerText(64 * 1024);
        private boolean isRow;
        private int lines;

        Answer(Map<String, Object> question, ResultSet rows, boolean isRow, Aggregates aggregates, Declaration declaration) {
            this.question = question;
            this.rows = rows;
            this.isRow = isRow;
            this.names = Aggregates.names(question);
            this.aggregates = aggregates;
            this.declaration = declaration;
            this.bounds = (Long[]) question.get("bounds");
            this.isBySensor = "sensor".equals(question.get("by"));
            this.isByLocation = !"all".equals(question.get("by"));
            this.format = (String) question.get("format");
        }

        byte[] write() throws SQLException, TooManyPoints {
            begin();
            if (!isRow && !isByLocation) {
                writeLine(null, null);
            }
            while (isRow) {
                writeLine(rows.getString("sensor_id"), rows.getString("location"));
            }
            return ("json".equals(format) ? text.add("]}") : text).toBytes();
        }

        private void begin() {
            if ("json".equals(format)) {
                text.add("{\"status\":\"success\",\"metric\":" + ReadingFormat.quoted((String) question.get("metric")) + ",\"unit\":"
                        + ReadingFormat.quoted(declaration.unit) + ",\"kind\":\"" + declaration.kind + "\",\"interval\":\"" + question.get("interval")
                        + "\",\"tz\":" + ReadingFormat.quoted((String) question.get("tz")) + ",\"from\":\"");
                text.addTime(bounds[0] * AnswerText.SECOND).add("\",\"to\":\"").addTime(bounds[bounds.length - 1] * AnswerText.SECOND).add("\",\"data\":[");
            } else if ("csv".equals(format)) {
                text.add((isBySensor ? "sensor_id," : "") + (isByLocation ? "location," : "") + "time,avg,min,max,count"
                        + names.stream().map(name -> "," + name).collect(Collectors.joining()) + "\r\n");
            }
        }

        private void writeLine(String sensorId, String location) throws SQLException, TooManyPoints {
            if ((long) ++lines * (bounds.length - 1) > MOST_POINTS) {
                throw new TooManyPoints();
            }
            if ("csv".equals(format)) {
                writeCsv((isBySensor ? ReadingFormat.Csv.field(sensorId) + "," : "")
                        + (isByLocation ? (location == null ? "" : ReadingFormat.Csv.field(location)) + "," : ""), sensorId, location);
            } else {
                text.add("json".equals(format) && lines > 1 ? "," : "");
                writeJson(sensorId, location);
                text.add("json".equals(format) ? "" : "\n");
            }
        }

        private void writeJson(String sensorId, String location) throws SQLException {
            text.add("{" + (isBySensor ? "\"sensor_id\":" + ReadingFormat.quoted(sensorId) + "," : "")
                    + (isByLocation ? "\"location\":" + ReadingFormat.quoted(location) + "," : "") + "\"points\":[");
            for (int i = 0; i < bounds.length - 1; i++) {
                text.add(i == 0 ? "{\"time\":\"" : ",{\"time\":\"").addTime(bounds[i] * AnswerText.SECOND);
                if (isPoint(i, sensorId, location)) {
                    text.add("\",\"avg\":");
                    addAverage("null");
                    text.add(",\"min\":").add(rows.getDouble("lowest")).add(",\"max\":").add(rows.getDouble("highest"))
                            .add(",\"count\":" + rows.getLong("readings"));
                    for (String name : names) {
                        addAggregate(",\"" + name + "\":", name, "null");
                    }
                    isRow = rows.next();
                } else {
                    text.add("\",\"avg\":null,\"min\":null,\"max\":null,\"count\":0");
                    for (String name : names) {
                        text.add(",\"" + name + "\":null");
                    }
                }
                text.add('}');
            }
            text.add("]}");
        }

        private void writeCsv(String line, String sensorId, String location) throws SQLException {
            for (int i = 0; i < bounds.length - 1; i++) {
                text.add(line).addTime(bounds[i] * AnswerText.SECOND);
                if (isPoint(i, sensorId, location)) {
                    text.add(",");
                    addAverage("");
                    text.add(",").add(rows.getDouble("lowest")).add(",").add(rows.getDouble("highest")).add("," + rows.getLong("readings"));
                    for (String name : names) {
                        addAggregate(",", name, "");
                    }
                    isRow = rows.next();
                } else {
                    text.add(",,,,0" + ",".repeat(names.size()));
                }
                text.add("\r\n");
            }
        }

        private void addAverage(String none) throws SQLException {
            if (declaration.hasAverage()) {
                text.add(rows.getDouble("average"));
            } else {
                text.add(none);
            }
        }

        private void addAggregate(String before, String name, String none) throws SQLException {
            Double value = aggregate(name);
            text.add(before);
            if (value == null) {
                text.add(none);
            } else {
                text.add(value.doubleValue());
            }
        }

        /** @return an aggregate of the current row, or null */
        private Double aggregate(String name) throws SQLException {
            if (Aggregates.SUM.equals(name)) {
                double total = rows.getDouble("total");
                return rows.wasNull() ? null : total;
            }
            return aggregates.value(rows.getString("sensor_id"), rows.getString("location"), rows.getInt("interval_number"), rows.getLong("readings"), name);
        }

        /** @return true if the current row is the point of this line in this interval */
        private boolean isPoint(int interval, String sensorId, String location) throws SQLException {
            return isRow && rows.getInt("interval_number") == interval + 1
                    && Objects.equals(rows.getString("sensor_id"), sensorId) && Objects.equals(rows.getString("location"), location);
        }
    }
}
