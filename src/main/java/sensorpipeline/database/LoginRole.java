package sensorpipeline.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/**
 * The role that the REST API logs in as: {@code api.db.user}. It owns nothing and inherits nothing, so a session reads and changes nothing until a transaction becomes
 * the role of a caller ({@code SET LOCAL ROLE}); who resets that has no rights at all. The program that migrates the schema makes it. Thread-safe.
 */
final class LoginRole {

    private static final Logger LOG = LoggerFactory.getLogger(LoginRole.class);
    /** Which it may become. */
    private static final List<String> ROLES = List.of("sensor_pipeline_reader", "sensor_pipeline_operator", "sensor_pipeline_administrator", "sensor_pipeline_access");
    private static final String USER = "api.db.user";
    private static final String PASSWORD = "api.db.password";

    private final Settings settings;
    private final String name;

    /** @param settings {@code db.*} and {@code api.db.*} */
    LoginRole(Settings settings) {
        this.settings = in(settings);
        name = this.settings.text("db.user");
    }

    /**
     * @return settings whose {@code db.user} and {@code db.password} are this role's; without a password of its own, it has that of {@code db.user}
     * @throws Settings.InvalidSetting if it is also {@code db.user}, which the rights of callers would not restrict
     */
    static Settings in(Settings settings) {
        String name = settings.text(USER);
        if (name.isEmpty() || name.equals(settings.text("db.user"))) {
            throw new Settings.InvalidSetting(USER, name, "a role of its own, not that of DB_USER, which owns the tables");
        }
        boolean hasPassword = settings.has(PASSWORD) || settings.has(PASSWORD + ".file");
        return settings.with("db.user", name).with("db.password", settings.secret(hasPassword ? PASSWORD : "db.password")).with("db.password.file", "");
    }

    /** @return true if settings are those of {@link #in} */
    static boolean isIn(Settings settings) {
        return settings.text("db.user").equals(settings.text(USER));
    }

    /**
     * Makes the role if it is not there, lets it become the roles of callers, and sets its password if it cannot log in with the one of the settings.
     *
     * @param owner connections of {@code db.user}
     * @throws CannotStart if {@code db.user} may not do this, or the role has rights of its own
     * @throws SQLException if PostgreSQL is unreachable
     */
    void ensure(DataSource owner) throws SQLException {
        try {
            make(owner);
        } catch (SQLException e) {
            if (SqlFault.of(e) == SqlFault.NOT_PERMITTED) {
                throw new CannotStart("""
                        DB_USER may not make the role that the REST API logs in as (API_DB_USER, API_DB_PASSWORD); an administrator of PostgreSQL has to: \
                        CREATE ROLE "%s" LOGIN NOINHERIT PASSWORD '...'; GRANT %s TO "%1$s" WITH INHERIT FALSE, SET TRUE: %s""".formatted(name, String.join(", ", ROLES), e.getMessage()), e);
            }
            LOG.debug("Another program may have made the role {} at the same time, for another database of this server", name, e);
            make(owner);
        }
    }

    private void make(DataSource owner) throws SQLException {
        try (Connection connection = owner.getConnection(); Statement statement = connection.createStatement()) {
            String quoted = statement.enquoteIdentifier(name, true);
            if (!isThere(connection)) {
                statement.execute("CREATE ROLE %s LOGIN NOINHERIT".formatted(quoted));
                LOG.info("Made the role {}, as which the REST API logs in", name);
            }
            for (String role : rolesToGrant(connection)) {
                statement.execute("GRANT %s TO %s WITH INHERIT FALSE, SET TRUE".formatted(role, quoted));
            }
            String password = settings.text("db.password");
            if (!password.isEmpty() && isRefused()) {
                statement.execute("ALTER ROLE %s LOGIN".formatted(quoted));
                connection.unwrap(PGConnection.class).alterUserPassword(name, password.toCharArray(), null);
            }
        }
    }

    /** @throws CannotStart if it has rights that the role of a caller would not restrict */
    private boolean isThere(Connection owner) throws SQLException {
        try (PreparedStatement statement = owner.prepareStatement("SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = ?")) {
            statement.setString(1, name);
            try (ResultSet role = statement.executeQuery()) {
                boolean isThere = role.next();
                if (isThere && role.getBoolean(1)) {
                    throw new CannotStart("The role %s (API_DB_USER) may do more than callers of the REST API: choose one without SUPERUSER, BYPASSRLS and CREATEROLE".formatted(name));
                }
                return isThere;
            }
        }
    }

    private List<String> rolesToGrant(Connection owner) throws SQLException {
        try (PreparedStatement statement = owner.prepareStatement("SELECT role FROM unnest(?::text[]) AS role WHERE NOT pg_has_role(?, role, 'SET')")) {
            statement.setArray(1, owner.createArrayOf("text", ROLES.toArray()));
            statement.setString(2, name);
            try (ResultSet roles = statement.executeQuery()) {
                List<String> missing = new ArrayList<>();
                while (roles.next()) {
                    missing.add(roles.getString(1));
                }
                return missing;
            }
        }
    }

    private boolean isRefused() throws SQLException {
        try {
            Databases.connect(settings).close();
            return false;
        } catch (SQLException e) {
            if (SqlFault.of(e) == SqlFault.LOGIN_REFUSED) {
                return true;
            }
            throw e;
        }
    }
}
