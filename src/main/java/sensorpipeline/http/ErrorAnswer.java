package sensorpipeline.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.database.SqlFault;
import sensorpipeline.settings.Settings;

/**
 * The format of all error responses: {@code {"status":"error","error":{"code":..., "message":...}}}.
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

    /**
     * @param cause why a request failed; internal details are only logged
     * @param requestId identifies the request in the log; the client gets it in the header X-Request-Id
     * @return the error response
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
        SqlFault fault = SqlFault.of(e);
        String state = e.getSQLState();
        if (fault.isTransient() || fault == SqlFault.DUPLICATE || fault == SqlFault.CONSTRAINT) {
            LOG.warn("Request {} failed in PostgreSQL: {} (SQLSTATE {})", requestId, e.getMessage(), state);
        } else {
            LOG.error("Request {} failed in PostgreSQL (SQLSTATE {})", requestId, state, e);
        }
        return switch (fault) {
            case UNREACHABLE -> new ErrorAnswer(503, "database_unavailable", "The database does not answer; try again in some seconds");
            case STARTING -> new ErrorAnswer(503, "database_unavailable", "The database is starting or stopping; try again in some seconds");
            case LOGIN_REFUSED -> new ErrorAnswer(503, "database_unavailable", "The database rejects the login of the REST API; /health tells its operator why");
            case BUSY, OUTDATED -> new ErrorAnswer(503, "database_busy", "The database has no free connection, lock or space at the moment; try again in some seconds");
            case CANCELLED -> new ErrorAnswer(503, "query_timeout", "The query took too long and was cancelled; ask for less, or try again");
            case READ_ONLY -> new ErrorAnswer(503, "database_read_only",
                    "The database takes no changes: it is a replica, or about to become the primary; ask a REST API that uses the primary");
            case DUPLICATE -> new ErrorAnswer(409, "already_exists", "What the request adds exists already; choose another name, or change what exists");
            case CONSTRAINT -> new ErrorAnswer(409, "conflict", "The request contradicts what is stored: it names something that does not exist, is still in use, or is not allowed");
            case NOT_PERMITTED -> new ErrorAnswer(500, "database_permission_missing",
                    "The database does not permit this to the REST API (SQLSTATE %s); its operator has to grant it, and the log says what".formatted(state));
            case SCHEMA -> new ErrorAnswer(503, "database_not_migrated",
                    "The database lacks a table or function of this version (SQLSTATE %s); the consumer creates them when it starts".formatted(state));
            // Values are validated before they reach a statement, so a value that PostgreSQL rejects is not the client's fault.
            case VALUE, INTERNAL -> INTERNAL;
        };
    }

    /** @return seconds for the header Retry-After; null if a retry would not help */
    public String retryAfter() {
        return status == 429 ? "1" : status == 502 || status == 503 ? "5" : null;
    }

    /** @return the body of the response */
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
