package sensorpipeline.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.Settings;

/**
 * The one shape of every error that a caller sees: {@code {"status":"error","error":{"code":..., "message":...}}}.
 *
 * @param status HTTP status
 * @param code what went wrong, for programs
 * @param message what was wrong and what to do, for people
 */
public record ErrorAnswer(int status, String code, String message) {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswer.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ErrorAnswer INTERNAL =
            new ErrorAnswer(500, "internal_error", "The request failed for a reason of our own; the log says more");
    private static final String QUERY_CANCELED = "57014";
    private static final String READ_ONLY = "25006";

    /**
     * @param cause why a request failed; what is not the caller's to know goes to the log
     * @param requestId names the request in the log; the caller has it in the header X-Request-Id
     * @return the answer to it
     */
    public static ErrorAnswer of(Throwable cause, String requestId) {
        for (Throwable e = cause; e != null; e = e.getCause()) {
            if (e instanceof RequestError error) {
                return new ErrorAnswer(error.getStatus(), error.getCode(), error.getMessage());
            }
            if (e instanceof Settings.InvalidSetting invalid) {
                return new ErrorAnswer(400, "invalid_setting", invalid.getMessage());
            }
            if (e instanceof SQLException sql) {
                return of(sql, requestId);
            }
        }
        LOG.error("Request {} failed", requestId, cause);
        return INTERNAL;
    }

    private static ErrorAnswer of(SQLException e, String requestId) {
        if (e.getSQLState() != null && e.getSQLState().startsWith("22")) {
            LOG.error("Request {} led to a query that PostgreSQL refuses", requestId, e);
            return INTERNAL;
        }
        LOG.warn("Request {} could not be answered by PostgreSQL: {} (SQLSTATE {})", requestId, e.getMessage(), e.getSQLState());
        if (QUERY_CANCELED.equals(e.getSQLState())) {
            return new ErrorAnswer(503, "query_timeout", "The query took too long and was cancelled; ask for less, or try again");
        }
        if (READ_ONLY.equals(e.getSQLState())) {
            return new ErrorAnswer(503, "database_read_only", "The database takes no changes: it is a replica, or about to become the primary; ask a REST API that uses the primary");
        }
        return new ErrorAnswer(503, "database_unavailable", "The database does not answer; try again in some seconds");
    }

    /** @return seconds after which to try again, as the header Retry-After says them; null where that would not help */
    public String retryAfter() {
        return status == 429 ? "1" : status == 502 || status == 503 ? "5" : null;
    }

    /** @return the body of the answer */
    public String json() {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("message", message);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", "error");
        body.put("error", error);
        try {
            return JSON.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
