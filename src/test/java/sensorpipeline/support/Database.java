package sensorpipeline.support;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import sensorpipeline.database.Databases;
import sensorpipeline.database.Schema;
import sensorpipeline.settings.Settings;

/** Runs SQL as superuser. */
public final class Database {

    /** Totals by group, hour and metric, computed from the readings. */
    public static final String RECOUNTED_TOTALS = """
            SELECT of_series.group_id, date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00') AS hour, metrics[m.position] AS metric, count(*) AS readings,
                   count(*) FILTER (WHERE m.position = first_position("values")) AS events, min(at) AS first_at, max(at) AS last_at,
                   sum(scaled(m.value)) AS scaled_total, min(m.value) AS lowest, max(m.value) AS highest, max(received_at) AS last_received_at
            FROM reading JOIN series USING (series_id)
            JOIN series_group AS of_series ON of_series.group_id = series.group_id OR of_series.kind = 'all' AND of_series.tenant = series.tenant
            CROSS JOIN LATERAL unnest("values") WITH ORDINALITY AS m (value, position)
            WHERE m.value IS NOT NULL GROUP BY 1, 2, 3""";
    /** Compares the monthly rollups with an aggregation of the hourly ones. */
    public static final String MONTHS_RECOUNTED = """
            WITH months AS (
                SELECT month, series_id, position, sum(readings) AS readings, sum(events) AS events, min(first_at) AS first_at,
                       max(last_at) AS last_at, sum(scaled_total) AS total, min(lowest) AS lowest, max(highest) AS highest
                FROM monthly_rollups GROUP BY 1, 2, 3
            ), hours AS (
                SELECT date_trunc('month', hour, 'UTC') AS month, series_id, position, sum(readings) AS readings, sum(events) AS events, min(first_at) AS first_at,
                       max(last_at) AS last_at, sum(scaled_total) AS total, min(lowest) AS lowest, max(highest) AS highest
                FROM rollup_hour GROUP BY 1, 2, 3
            )
            SELECT count(*) FILTER (WHERE (h.readings, h.events, h.first_at, h.last_at, h.lowest, h.highest)
                                    IS DISTINCT FROM (m.readings, m.events, m.first_at, m.last_at, m.lowest, m.highest)
                                    OR abs(h.total - m.total) > 1e-9 * greatest(1e-9, abs(h.total)))
                   || ' of ' || count(*) FROM hours h FULL JOIN months m USING (month, series_id, position)""";

    /** The same as the program has them. */
    public static final String TOTALS = """
            SELECT group_id, hour, metric, sum(readings)::bigint AS readings, sum(events)::bigint AS events, min(first_at) AS first_at, max(last_at) AS last_at,
                   sum(scaled_total) AS scaled_total, min(lowest) AS lowest, max(highest) AS highest, max(last_received_at) AS last_received_at
            FROM (SELECT group_id, hour, metric, readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at FROM rollup_total
                  UNION ALL
                  SELECT of_series.group_id, hour, metric, readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at FROM pending_total CROSS JOIN unnest(totals) AS one
                  JOIN series_group AS of_series ON of_series.group_id = one.group_id OR of_series.kind = 'all' AND of_series.tenant = pending_total.tenant) AS parts
            GROUP BY 1, 2, 3""";

    private static final String MONTHS_OF_TOTALS = """
            SELECT group_id, date_trunc('month', hour, 'UTC'), metric, sum(readings), sum(events), min(first_at), max(last_at), sum(scaled_total), min(lowest), max(highest), max(last_received_at)
            FROM rollup_total GROUP BY 1, 2, 3""";

    private static final String TEMPLATE = "migrated";

    private final Settings settings;

    /** @param settings with the database */
    public Database(Settings settings) {
        this.settings = settings;
    }

    /**
     * Creates a database with the schema, as a copy of a template that is migrated once per server.
     *
     * @param server settings of an existing database, with a superuser
     * @param name of the new database
     */
    public static synchronized void createMigrated(Settings server, String name) {
        Database administrator = new Database(server);
        if (administrator.ask("SELECT 1 FROM pg_database WHERE datname = '" + TEMPLATE + "'") == null) {
            administrator.run("CREATE DATABASE " + TEMPLATE);
            Settings migrated = server.with("db.name", TEMPLATE);
            try (HikariDataSource template = Databases.schema(migrated)) {
                new Schema(migrated, template).migrate();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
        administrator.run("CREATE DATABASE %s TEMPLATE %s".formatted(name, TEMPLATE));
    }

    /** @return the first column of the first row, as text */
    public String ask(String sql) {
        try (Session session = session()) {
            return session.ask(sql);
        }
    }

    /** Runs a statement. */
    public void run(String sql) {
        if (sql.contains(" DATABASE ")) {
            // PostgreSQL drops, moves and copies only databases without sessions.
            IdleConnections.closeAll();
        }
        try (Session session = session()) {
            session.run(sql);
        }
    }

    /**
     * Makes sensors with old last readings silent, by setting the time of receipt to the time of measurement. Readings are unchanged.
     *
     * @param age minimum age of these readings
     */
    public void silence(Duration age) {
        Awaitility.await("all rollups are written").atMost(Duration.ofMinutes(1)).until(() -> ask("SELECT count(*) FROM batch WHERE NOT rolled_up").equals("0"));
        for (String table : List.of("rollup_hour", "rollup_month", "series_activity")) {
            run("UPDATE %s SET last_received_at = last_at WHERE last_at < now() - interval '%d seconds'".formatted(table, age.toSeconds()));
        }
    }

    /** Deletes all readings of a sensor, as if it had never sent any. */
    public void forget(String sensor) {
        for (String table : List.of("reading", "rollup_hour", "rollup_month", "series_activity")) {
            run("DELETE FROM " + table + " WHERE series_id IN (SELECT series_id FROM series WHERE sensor_id = '" + sensor + "')");
        }
        run("TRUNCATE pending_total, rollup_total, rollup_total_month, rollup_total_minute; INSERT INTO rollup_total " + RECOUNTED_TOTALS + "; INSERT INTO rollup_total_month " + MONTHS_OF_TOTALS);
    }

    /** Deletes all data except sensor names and dead letters. */
    public void empty() {
        run("TRUNCATE batch, reading, rollup_hour, rollup_month, series_activity, pending_total, rollup_total, rollup_total_month, rollup_total_minute");
    }

    /** @return number of stored readings, 0 if the table does not exist yet */
    public long readings() {
        try (Session session = session()) {
            return session.readings();
        }
    }

    /** Waits until a session of this database waits for a lock; not the rollup, which waits only briefly and then gives up. */
    public void awaitWaitingForLocks() {
        try (Session session = session()) {
            Awaitility.await("a session that waits for a lock").pollInterval(Duration.ofMillis(10)).until(() -> !"0".equals(session.ask("""
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query NOT LIKE '%roll_up_batches%'""")));
        }
    }

    /** What a transaction does. */
    public interface Change {
        void run(Connection connection) throws SQLException;
    }

    /** Asks for something. */
    public interface Question<T> {
        T ask(Connection connection) throws SQLException;
    }

    /**
     * Makes a change, asks the question in another session, which has to wait for the change, and then commits the change.
     *
     * @return the answer
     */
    public <T> T askDuring(Change change, Question<T> question) throws Exception {
        try (Connection first = Servers.connect(settings); Connection second = Servers.connect(settings)) {
            first.setAutoCommit(false);
            change.run(first);
            CompletableFuture<T> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return question.ask(second);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            awaitWaitingForLocks();
            first.commit();
            return answer.get(1, TimeUnit.MINUTES);
        }
    }

    /** @return a connection for many questions; to be closed */
    public Session session() {
        return new Session();
    }

    /** Waits until this number of readings are stored; fails after a minute, or if there are more. */
    public void awaitReadings(long count) {
        awaitReadings(count, Duration.ofMinutes(1));
    }

    /** Waits until this number of readings are stored; fails after a timeout, or if there are more. */
    public void awaitReadings(long count, Duration limit) {
        try (Session session = session()) {
            Awaitility.await(count + " readings").atMost(limit).pollInterval(Duration.ofMillis(50)).until(() -> {
                long stored = session.readings();
                if (stored > count) {
                    throw new AssertionError(stored + " readings are stored instead of " + count);
                }
                return stored == count;
            });
        }
    }

    /**
     * A connection for many questions. Closed sessions leave theirs to the next session of the same database, because opening one
     * costs PostgreSQL more than most questions. Opened anew if it was lost.
     */
    public final class Session implements AutoCloseable {

        private static final int VALIDATION_LIMIT_SECONDS = 5;

        private Connection connection;

        private Session() {
        }

        /** @return the first column of the first row, as text */
        public String ask(String sql) {
            try (Statement statement = statement(); ResultSet rows = statement.executeQuery(sql)) {
                return rows.next() ? rows.getString(1) : null;
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        }

        /** @return number of stored readings, 0 if the table does not exist yet */
        public long readings() {
            return ask("SELECT to_regclass('reading')") == null ? 0 : Long.parseLong(ask("SELECT count(*) FROM reading"));
        }

        private void run(String sql) {
            try (Statement statement = statement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        }

        private Statement statement() throws SQLException {
            if (connection == null) {
                connection = IdleConnections.take(settings);
            }
            if (connection != null && !connection.isValid(VALIDATION_LIMIT_SECONDS)) {
                connection.close();
                connection = null;
            }
            if (connection == null) {
                connection = Servers.connect(settings);
            }
            return connection.createStatement();
        }

        @Override
        public void close() {
            if (connection != null) {
                IdleConnections.put(settings, connection);
                connection = null;
            }
        }
    }

    /** The connections of closed sessions, a few of them. Thread-safe. */
    private static final class IdleConnections {

        private static final int MOST = 2;
        private static final Deque<Idle> IDLE = new ArrayDeque<>();

        private record Idle(List<String> server, Connection connection) { }

        private static List<String> server(Settings settings) {
            return Stream.of("db.host", "db.port", "db.name", "db.user", "db.password").map(settings::text).toList();
        }

        /** @return null if there is none */
        static synchronized Connection take(Settings settings) {
            List<String> server = server(settings);
            Idle found = IDLE.stream().filter(idle -> idle.server().equals(server)).findFirst().orElse(null);
            IDLE.remove(found);
            return found == null ? null : found.connection();
        }

        static synchronized void put(Settings settings, Connection connection) {
            Idle idle = new Idle(server(settings), connection);
            try (Statement statement = connection.createStatement()) {
                statement.execute("RESET ROLE; RESET ALL");
            } catch (SQLException e) {
                // It was lost, or the server is going away.
                close(idle);
                return;
            }
            IDLE.addFirst(idle);
            while (IDLE.size() > MOST) {
                close(IDLE.removeLast());
            }
        }

        static synchronized void closeAll() {
            IDLE.forEach(IdleConnections::close);
            IDLE.clear();
        }

        private static void close(Idle idle) {
            try {
                idle.connection().close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
