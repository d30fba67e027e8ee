package sensorpipeline.database;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a failure of PostgreSQL means, by its SQLSTATE. The only place that classifies SQLSTATEs: the consumer decides by it what is
 * retried and what becomes a dead letter, the REST API what a caller is told, {@code /health} what an operator is told.
 */
public enum SqlFault {

    /** No connection, or it broke; also a failure without any SQLSTATE, which is the pool's or the driver's. */
    UNREACHABLE(Blame.WAIT),
    /** The server is starting, stopping or recovering. */
    STARTING(Blame.WAIT),
    /** The login is refused, or there is no such database: someone has to change a setting, and then it goes on. */
    LOGIN_REFUSED(Blame.WAIT),
    /** No connection, lock, memory or disk space is free, or a conflict with another transaction. */
    BUSY(Blame.WAIT),
    /** The statement was cancelled because it took too long. */
    CANCELLED(Blame.WAIT),
    /** The server is a standby or set to read-only. */
    READ_ONLY(Blame.WAIT),
    /** A row with this key exists. */
    DUPLICATE(Blame.DATA),
    /** A row breaks another constraint. */
    CONSTRAINT(Blame.DATA),
    /** A value is out of range, too large or malformed. */
    VALUE(Blame.DATA),
    /** A table, column, function or role does not exist until a consumer migrates the schema. */
    SCHEMA(Blame.WAIT),
    /** The role lacks a right. */
    NOT_PERMITTED(Blame.OURS),
    /** Anything else: a wrong statement, or an internal error of the server. */
    INTERNAL(Blame.OURS);

    /** SQLSTATE of a change that a standby or a read-only session refuses. */
    public static final String READ_ONLY_STATE = "25006";

    private enum Blame { WAIT, DATA, OURS }

    /** A sequence is used up: class 22, but not the fault of any value. */
    private static final String SEQUENCE_LIMIT = "2200H";
    /** A role that a session is to take does not exist; PostgreSQL has no state of its own for it. */
    private static final String INVALID_PARAMETER = "22023";
    /** Undefined schema, table, column, function and object. */
    private static final Set<String> UNDEFINED = Set.of("3F000", "42P01", "42703", "42883", "42704");

    private final Blame blame;

    SqlFault(Blame blame) {
        this.blame = blame;
    }

    /**
     * @param problem that a statement or a connection had, or whatever wraps it
     * @return what it means; {@link #INTERNAL} if no cause of it is an SQLException
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
     * @param problem of a statement that inserts
     * @return true if a row with the same key exists
     */
    public static boolean isDuplicate(Throwable problem) {
        return of(problem) == DUPLICATE;
    }

    /** @return true if the same may succeed later without a change of the program or its rights */
    public boolean isTransient() {
        return blame == Blame.WAIT;
    }

    /** @return the failures of SQL among the causes of a problem, the outermost first */
    static List<SQLException> failures(Throwable problem) {
        return Stream.iterate(problem, cause -> cause != null, Throwable::getCause)
                .filter(SQLException.class::isInstance).map(SQLException.class::cast).toList();
    }

    /** Without a connection at all, the pool waits for a server that accepts connections and does not answer; only the message of its time-out tells. */
    private static boolean isPoolInUse(SQLException timeout) {
        return timeout instanceof SQLTransientConnectionException && !String.valueOf(timeout.getMessage()).contains("(total=0,");
    }

    /** The pool takes the role when it opens a connection, so that this comes as the cause of having none. */
    private static boolean isRoleMissing(List<SQLException> failures) {
        return failures.size() > 1 && failures.get(0) instanceof SQLTransientConnectionException
                && INVALID_PARAMETER.equals(failures.get(failures.size() - 1).getSQLState());
    }

    private static SqlFault ofState(String state) {
        return switch (state) {
            case "23505" -> DUPLICATE;
            case READ_ONLY_STATE -> READ_ONLY;
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
