package sensorpipeline.database;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a PostgreSQL error means, by its SQLSTATE. SQLSTATEs are classified only here: the consumer decides by it whether
 * to retry or to create dead letters, the REST API what to report to clients, {@code /health} what to report to operators.
 */
public enum SqlFault {

    /** No connection, or a broken one; also an error of the pool or the driver, which has no SQLSTATE. */
    UNREACHABLE(Blame.WAIT),
    /** The server is starting, shutting down or recovering. */
    STARTING(Blame.WAIT),
    /** The login is rejected, or the database does not exist: recoverable once someone corrects a setting. */
    LOGIN_REFUSED(Blame.WAIT),
    /** Out of connections, locks, memory or disk space, or a conflict with another transaction. */
    BUSY(Blame.WAIT),
    /** The statement was cancelled by a timeout. */
    CANCELLED(Blame.WAIT),
    /** The server is a standby or read-only. */
    READ_ONLY(Blame.WAIT),
    /** What this program looked up in the database before is not true any more. */
    OUTDATED(Blame.WAIT),
    /** A row with this key exists. */
    DUPLICATE(Blame.DATA),
    /** A row breaks another constraint. */
    CONSTRAINT(Blame.DATA),
    /** A value is out of range, too large or malformed. */
    VALUE(Blame.DATA),
    /** A table, column, function or role does not exist until a consumer migrates the schema. */
    SCHEMA(Blame.WAIT),
    /** The role lacks a privilege. */
    NOT_PERMITTED(Blame.OURS),
    /** Anything else: an invalid statement, or an internal error of the server. */
    INTERNAL(Blame.OURS);

    /** SQLSTATE of a write that a standby or a read-only session rejects. */
    public static final String READ_ONLY_STATE = "25006";

    /** Our own SQLSTATE, of the function hold_series(). */
    public static final String OUTDATED_STATE = "SP001";

    private enum Blame { WAIT, DATA, OURS }

    /** A sequence is exhausted: class 22, but not caused by a value. */
    private static final String SEQUENCE_LIMIT = "2200H";
    /** The role to set for a session does not exist; PostgreSQL has no specific SQLSTATE for it. */
    private static final String INVALID_PARAMETER = "22023";
    /** Undefined schema, table, column, function and object. */
    private static final Set<String> UNDEFINED = Set.of("3F000", "42P01", "42703", "42883", "42704");

    private final Blame blame;

    SqlFault(Blame blame) {
        this.blame = blame;
    }

    /**
     * @param problem of a statement or a connection, or an exception that wraps it
     * @return what it means; {@link #INTERNAL} if none of its causes is an SQLException
     */
    public static SqlFault of(Throwable problem) {
        List<SQLException> failures = failures(problem);
        for (SQLException failure : failures) {
            if (failure.getSQLState() != null) {
                return isRoleMissing(failures) ? SCHEMA : ofState(failure.getSQLState());
            }
        }
        return failures.isEmpty() ? INTERNAL : isPoolInUse(failures.get(0)) ? BUSY : UNREACHABLE;
    }

    /**
     * @param problem of a statement with data
     * @return true if the data is at fault; false if the same statement may succeed later
     */
    public static boolean isFaultOfData(Throwable problem) {
        return of(problem).blame == Blame.DATA;
    }

    /**
     * @param problem of an insert
     * @return true if a row with the same key exists
     */
    public static boolean isDuplicate(Throwable problem) {
        return of(problem) == DUPLICATE;
    }

    /**
     * @param problem of a statement
     * @return true if it may succeed once the caller has looked up again what it knows of the database
     */
    public static boolean isOutdated(Throwable problem) {
        return of(problem) == OUTDATED;
    }

    /** @return true if a retry may succeed without a change of the program or its privileges */
    public boolean isTransient() {
        return blame == Blame.WAIT;
    }

    /** @return the SQL exceptions among the causes of a problem, the outermost first */
    static List<SQLException> failures(Throwable problem) {
        return Stream.iterate(problem, cause -> cause != null, Throwable::getCause)
                .filter(SQLException.class::isInstance).map(SQLException.class::cast).toList();
    }

    /** A pool without any connection waits for a server that accepts connections but does not answer; only the message of its time-out shows this. */
    private static boolean isPoolInUse(SQLException timeout) {
        return timeout instanceof SQLTransientConnectionException && !String.valueOf(timeout.getMessage()).contains("(total=0,");
    }

    /** The pool sets the role when it opens a connection, so this error is the cause of a connection failure. */
    private static boolean isRoleMissing(List<SQLException> failures) {
        return failures.size() > 1 && failures.get(0) instanceof SQLTransientConnectionException
                && INVALID_PARAMETER.equals(failures.get(failures.size() - 1).getSQLState());
    }

    private static SqlFault ofState(String state) {
        return switch (state) {
            case "23505" -> DUPLICATE;
            case READ_ONLY_STATE -> READ_ONLY;
            case OUTDATED_STATE -> OUTDATED;
            case "42501" -> NOT_PERMITTED;
            case "57014" -> CANCELLED;
            case SEQUENCE_LIMIT -> INTERNAL;
            default -> UNDEFINED.contains(state) ? SCHEMA : ofClass(state);
        };
    }

    private static SqlFault ofClass(String state) {
        return switch (state.substring(0, Math.min(2, state.length()))) {
            case "08" -> UNREACHABLE;
            case "28", "3D" -> LOGIN_REFUSED;
            case "57" -> STARTING;
            case "40", "53", "55" -> BUSY;
            case "23" -> CONSTRAINT;
            case "22", "54" -> VALUE;
            default -> INTERNAL;
        };
    }
}
