package sensorpipeline.database;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import sensorpipeline.settings.Settings;

/** Describes a database problem in one line for an operator, with the settings to check. Immutable. */
final class DatabaseProblem {

    private static final String NO_ENCRYPTION = "no encryption";

    private final Settings settings;
    private final String server;
    private final Throwable problem;
    private final List<Throwable> causes;
    /** Of the root cause: the pool wraps it, and repeats its SQLSTATE but not its message. */
    private final String message;

    /**
     * @param settings that the pool was created with
     * @param problem of getting a connection from it, or of a statement
     */
    DatabaseProblem(Settings settings, Throwable problem) {
        this.settings = settings;
        this.server = "PostgreSQL at " + Databases.hosts(settings);
        this.problem = problem;
        this.causes = Stream.iterate(problem, cause -> cause != null, Throwable::getCause).toList();
        List<SQLException> failures = SqlFault.failures(problem);
        this.message = firstLine(failures.isEmpty() ? problem : failures.get(failures.size() - 1));
    }

    @Override
    public String toString() {
        return isTls() ? server + ": TLS fails (DB_TLS_MODE, DB_TLS_CERTIFICATES): " + message : server + " " + fault();
    }

    private String fault() {
        return switch (SqlFault.of(problem)) {
            case UNREACHABLE -> unreachable();
            case STARTING -> "is starting, stopping or recovering: " + message;
            case LOGIN_REFUSED -> refused();
            case BUSY, OUTDATED -> busy();
            case CANCELLED -> "did not answer a statement in time: " + message;
            case READ_ONLY -> "takes no changes, because it is a standby or read-only (DB_HOST): " + message;
            case SCHEMA -> "does not have the tables and roles of this version; a consumer creates them: " + message;
            case NOT_PERMITTED -> "does not permit this to %s (%s): %s".formatted(settings.text("db.user"), LoginRole.isIn(settings) ? "API_DB_USER" : "DB_USER", message);
            case DUPLICATE, CONSTRAINT, VALUE, INTERNAL -> "reports an error: " + message;
        };
    }

    private String unreachable() {
        IOException cause = find(IOException.class);
        if (cause instanceof UnknownHostException) {
            return "cannot be found: the host name %s is unknown (DB_HOST)".formatted(firstLine(cause));
        }
        if (cause instanceof ConnectException && firstLine(cause).contains("refused")) {
            return "refuses the connection: it is not running, or it listens elsewhere (DB_HOST, DB_PORT)";
        }
        if (cause instanceof SocketTimeoutException || cause == null && !hasState("")) {
            return "does not answer within the time limit (DB_HOST, DB_PORT): " + (cause == null ? message : firstLine(cause));
        }
        return "cannot be reached (DB_HOST, DB_PORT): " + (cause == null ? message : firstLine(cause));
    }

    private String refused() {
        if (hasState("3D")) {
            return "has no database %s (DB_NAME): %s".formatted(settings.text("db.name"), message);
        }
        boolean wantsTls = message.contains(NO_ENCRYPTION) && "disable".equals(settings.text("db.tls.mode"));
        return "rejects the login of %s%s: %s".formatted(settings.text("db.user"),
                (LoginRole.isIn(settings) ? ", which a consumer makes (API_DB_USER, API_DB_PASSWORD%s)" : " (DB_USER, DB_PASSWORD%s)").formatted(wantsTls ? ", DB_TLS_MODE" : ""), message);
    }

    private String busy() {
        if (hasState("53300")) {
            return "has no connection left, because max_connections are open (STORE_CONNECTIONS, API_CONNECTIONS, API_EXPORTS): " + message;
        }
        if (!hasState("")) {
            return "is reached by a pool whose connections are all in use (STORE_CONNECTIONS, API_CONNECTIONS, API_EXPORTS): " + message;
        }
        return (hasState("53") ? "is short of memory or disk space: " : "is busy: ") + message;
    }

    private boolean hasState(String start) {
        return SqlFault.failures(problem).stream().anyMatch(failure -> failure.getSQLState() != null && failure.getSQLState().startsWith(start));
    }

    /** The driver has no exception class for a host name mismatch or a server without TLS; its messages are translated, but not these words. */
    private boolean isTls() {
        return find(SSLException.class) != null
                || hasState("08") && find(IOException.class) == null && (message.contains("SSL") || message.contains("HostnameVerifier"));
    }

    private <T extends Throwable> T find(Class<T> kind) {
        return causes.stream().filter(kind::isInstance).map(kind::cast).findFirst().orElse(null);
    }

    private static String firstLine(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage().lines().findFirst().orElse("");
    }
}
