package sensorpipeline.api;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.jdbc.JdbcConstants;
import sensorpipeline.database.NamedParameters;
import sensorpipeline.database.SqlFile;

/**
 * Writes readings as JSON, CSV or NDJSON. PostgreSQL would take five times as long, and camel-jdbc would keep the
 * connection of a client that has disconnected. Thread-safe.
 */
public final class Readings {

    /** Default page size; documented in the contract. */
    private static final int PAGE = 1000;
    /** Rows per fetch. */
    private static final int FETCH = 5000;

    private final DataSource pages;
    private final Exports exports;
    private final String selectMetrics = SqlFile.read("/sql/api/select-metrics.sql");

    /**
     * @param pages connections for short queries
     * @param exports connections that are held until a client has read everything
     */
    Readings(DataSource pages, Exports exports) {
        this.pages = pages;
        this.exports = exports;
    }

    /**
     * Returns the readings of a statement with the columns of {@link ReadingRows}.
     *
     * @param exchange with the statement as its body, and its parameters; the response is paged if "cursor" is one of them
     * @return JSON with status, count, data and, if paged, next
     */
    public byte[] page(Exchange exchange) throws SQLException {
        Map<String, Object> parameters = parameters(exchange);
        parameters.putIfAbsent("limit", PAGE);
        boolean hasPages = parameters.containsKey("cursor");
        try (Connection connection = pages.getConnection()) {
            Page page = page(connection, exchange, parameters, new ReadingFormat.Json((String) parameters.get("metric"), false));
            return new AnswerText(page.data.length() + 100).add("{\"status\":\"success\",\"count\":" + page.count + ",\"data\":[").add(page.data.toBytes())
                    .add(!hasPages ? "]}" : page.next == null ? "],\"next\":null}" : "],\"next\":\"" + page.next + "\"}").toBytes();
        }
    }

    /**
     * Formatted readings.
     *
     * @param next cursor of the next page, or null at the end
     */
    private record Page(AnswerText data, int count, String next) {
    }

    private static Page page(Connection connection, Exchange exchange, Map<String, Object> parameters, ReadingFormat format) throws SQLException {
        boolean hasPages = parameters.containsKey("cursor");
        try (PreparedStatement statement = prepare(connection, exchange, parameters); ResultSet found = statement.executeQuery()) {
            ReadingRows rows = new ReadingRows(found, format);
            AnswerText data = new AnswerText(64 * 1024).add(format.head());
            for (int count = 0; rows.next(); count++) {
                if (hasPages && rows.isOfNextPage()) {
                    return new Page(data, count, rows.cursor());
                }
                rows.write(count == 0 ? data : data.add(format.separator()));
            }
            return new Page(data, rows.count(), null);
        }
    }

    /**
     * Returns all readings of a statement as a stream, or one page of them with a link to the next one.
     *
     * @param exchange with the statement as its body, its parameters, and the variable "client"; becomes the response, with its content type
     * @return CSV or NDJSON, by the parameter "format"; reading it fails if PostgreSQL does, and it is closed when the client disconnects
     */
    public Object export(Exchange exchange) throws SQLException {
        Message message = exchange.getMessage();
        Map<String, Object> parameters = parameters(exchange);
        boolean isCsv = "csv".equals(parameters.get("format"));
        String next = null;
        Object answer = new byte[0];
        if (parameters.get("limit") != null) {
            try (Connection connection = pages.getConnection()) {
                Page page = page(connection, exchange, parameters, format(connection, exchange, parameters, isCsv));
                next = page.next == null ? null : link(message, page.next);
                answer = page.data.toBytes();
            }
        } else if (!"HEAD".equals(message.getHeader(Exchange.HTTP_METHOD))) {
            answer = open(exchange, parameters, isCsv);
        }
        message.removeHeaders("*");
        message.setHeader(Exchange.CONTENT_TYPE, isCsv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson");
        message.setHeader("Link", next);
        return answer;
    }

    /**
     * Relative to the path of the request: correct wherever the API is mounted, such as under /api of the dashboard or
     * behind a proxy, without headers about it.
     */
    private static String link(Message request, String cursor) {
        String path = request.getHeader(Exchange.HTTP_PATH, String.class);
        String query = Stream.of(request.getHeader(Exchange.HTTP_RAW_QUERY, String.class).split("&"))
                .filter(parameter -> !parameter.isEmpty() && !parameter.startsWith("cursor=")).collect(Collectors.joining("&"));
        return "<" + (path.endsWith("/") ? "./" : path.substring(path.lastIndexOf('/') + 1)) + "?" + query + "&cursor=" + cursor + ">; rel=\"next\"";
    }

    private ReadingFormat format(Connection connection, Exchange exchange, Map<String, Object> parameters, boolean isCsv) throws SQLException {
        return isCsv ? new ReadingFormat.Csv(metrics(connection, exchange, parameters)) : new ReadingFormat.Json((String) parameters.get("metric"), true);
    }

    private ReadingExport open(Exchange exchange, Map<String, Object> parameters, boolean isCsv) throws SQLException {
        Connection connection = exports.connection();
        try {
            ReadingFormat format = format(connection, exchange, parameters, isCsv);
            PreparedStatement statement = prepare(connection, exchange, parameters);
            statement.setFetchSize(FETCH);
            ReadingExport export = new ReadingExport(exports.pool(), connection, new ReadingRows(statement.executeQuery(), format), format.head());
            exchange.getVariable("client", ClientConnection.class).onGone(export::close);
            return export;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private List<String> metrics(Connection connection, Exchange exchange, Map<String, Object> parameters) throws SQLException {
        try (PreparedStatement statement = NamedParameters.prepare(connection, exchange, selectMetrics, parameters); ResultSet rows = statement.executeQuery()) {
            List<String> metrics = new ArrayList<>();
            while (rows.next()) {
                metrics.add(rows.getString(1));
            }
            return metrics;
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> parameters(Exchange exchange) {
        return new HashMap<>(exchange.getMessage().getHeader(JdbcConstants.JDBC_PARAMETERS, Map.class));
    }

    private static PreparedStatement prepare(Connection connection, Exchange exchange, Map<String, Object> parameters) throws SQLException {
        return NamedParameters.prepare(connection, exchange, exchange.getMessage().getBody(String.class), parameters);
    }
}
