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
     * @throws Settings.InvalidSetting if its name is not valid, or it is also {@code db.user} or the role of a caller, which the rights of callers would not restrict
     */
    static Settings in(Settings settings) {
        String name = settings.text(USER);
        if (!name.matches("[A-Za-z_][A-Za-z0-9_.@$-]{0,62}")) {
            throw new Settings.InvalidSetting(USER, name, "1 to 63 letters, digits, underscores, dots, hyphens, @ or $, the first a letter or an underscore");
        }
        if (name.equals(settings.text("db.user")) || ROLES.contains(name)) {
            throw new Settings.InvalidSetting(USER, name, "a role of its own, neither that of DB_USER, which owns the tables, nor one of callers");
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
            boolean isNew = !isThere(connection);
            if (isNew) {
                statement.execute("CREATE ROLE %s LOGIN NOINHERIT".formatted(quoted));
                LOG.info("Made the role {}, as which the REST API logs in", name);
            }
            requireNoRights(statement);
            List<String> missing = rolesToGrant(connection);
            // Another application may have a role of this name: its password is its own.
            boolean isOurs = isNew || missing.isEmpty();
            for (String role : missing) {
                statement.execute("GRANT %s TO %s WITH INHERIT FALSE, SET TRUE".formatted(role, quoted));
            }
            String password = settings.text("db.password");
            if (isOurs && !password.isEmpty() && isRefused()) {
                connection.unwrap(PGConnection.class).alterUserPassword(name, password.toCharArray(), null);
            }
        }
    }

    /** @throws CannotStart if it has rights that the role of a caller would not restrict */
    private void requireNoRights(Statement owner) throws SQLException {
        try {
            owner.execute(requireNoRights(owner.enquoteLiteral(name)));
        } catch (SQLException e) {
            if (SqlFault.of(e) == SqlFault.LOGIN_REFUSED) {
                throw new CannotStart("API_DB_USER must be a role without rights of its own: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    /**
     * @param role expression of SQL with the name of a role
     * @return a statement that fails (SQLSTATE 28000) if that role has rights of its own, inherits some, or can become another role than those of callers
     */
    static String requireNoRights(String role) {
        return """
                DO $$
                DECLARE
                    login pg_roles := (SELECT r FROM pg_roles AS r WHERE rolname = %s);
                    other text := (SELECT min(rolname) FROM pg_roles AS r
                                   WHERE r.oid <> login.oid AND (pg_has_role(login.oid, r.oid, 'USAGE') OR pg_has_role(login.oid, r.oid, 'MEMBER WITH ADMIN OPTION')
                                                                 OR pg_has_role(login.oid, r.oid, 'SET') AND rolname <> ALL ('{%s}')));
                BEGIN
                    IF login.rolsuper OR login.rolbypassrls OR login.rolcreaterole OR NOT login.rolcanlogin THEN
                        RAISE EXCEPTION 'role %% has SUPERUSER, BYPASSRLS, CREATEROLE or NOLOGIN', login.rolname USING ERRCODE = '28000';
                    ELSIF other IS NOT NULL THEN
                        RAISE EXCEPTION 'role %% has the rights of role %%, or can get them', login.rolname, other USING ERRCODE = '28000';
                    END IF;
                END $$""".formatted(role, String.join(",", ROLES));
    }

    private boolean isThere(Connection owner) throws SQLException {
        try (PreparedStatement statement = owner.prepareStatement("SELECT FROM pg_roles WHERE rolname = ?")) {
            statement.setString(1, name);
            try (ResultSet role = statement.executeQuery()) {
                return role.next();
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
