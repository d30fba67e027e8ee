package sensorpipeline.database;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/**
 * A connection pool for the jdbc: component, which asks for the number of a statement's parameters before each execution. PostgreSQL parses the
 * statement for that, which takes longer than executing most of them; so it is asked once per statement. Thread-safe.
 */
public final class RouteDatabase {

    /** Routes have about fifty statements; this limits the harm of those that are built anew each time. */
    private static final int MOST_STATEMENTS = 1000;

    private final Map<String, Integer> parameterCounts = new ConcurrentHashMap<>();

    private RouteDatabase() {
    }

    /**
     * @param pool of connections
     * @return the same pool, whose statements remember the number of their parameters
     */
    public static DataSource of(DataSource pool) {
        RouteDatabase database = new RouteDatabase();
        return proxy(DataSource.class, (proxy, method, arguments) -> {
            Object answer = call(pool, method, arguments);
            return answer instanceof Connection connection ? database.connection(connection) : answer;
        });
    }

    private Connection connection(Connection connection) {
        return proxy(Connection.class, (proxy, method, arguments) -> {
            Object answer = call(connection, method, arguments);
            return answer instanceof PreparedStatement statement ? statement(statement, (String) arguments[0]) : answer;
        });
    }

    private PreparedStatement statement(PreparedStatement statement, String sql) {
        return proxy(PreparedStatement.class, (proxy, method, arguments) ->
                method.getName().equals("getParameterMetaData") ? parameters(statement, sql) : call(statement, method, arguments));
    }

    private ParameterMetaData parameters(PreparedStatement statement, String sql) {
        return proxy(ParameterMetaData.class, (proxy, method, arguments) ->
                method.getName().equals("getParameterCount") ? count(statement, sql) : call(statement.getParameterMetaData(), method, arguments));
    }

    private int count(PreparedStatement statement, String sql) throws SQLException {
        Integer known = parameterCounts.get(sql);
        if (known != null) {
            return known;
        }
        int count = statement.getParameterMetaData().getParameterCount();
        if (parameterCounts.size() < MOST_STATEMENTS) {
            parameterCounts.put(sql, count);
        }
        return count;
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(RouteDatabase.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
