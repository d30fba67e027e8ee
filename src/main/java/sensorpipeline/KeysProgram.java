package sensorpipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.apache.logging.log4j.core.config.Configurator;
import sensorpipeline.access.KeyCommand;
import sensorpipeline.database.Databases;
import sensorpipeline.database.Schema;
import sensorpipeline.embedded.EmbeddedServers;
import sensorpipeline.embedded.EmbeddedSettings;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/** Runs the command {@code keys} on the database of the settings: that of DB_HOST, or the embedded one, which it joins, or starts for the moment. */
final class KeysProgram {

    /** The first argument of the program. */
    static final String NAME = "keys";

    private KeysProgram() {
    }

    /**
     * @param arguments that follow the name of the command
     * @param settings of the program
     * @return true if it did what it was told to
     * @throws IllegalArgumentException if the arguments or a setting are wrong; the message says what is allowed
     * @throws CannotStart if the database cannot be used
     */
    static boolean run(List<String> arguments, Settings settings) throws IOException {
        KeyCommand command = KeyCommand.of(arguments, Databases.tenant(settings));
        // The key alone is on standard output, so that a script can read it.
        System.setProperty("log.target", "SYSTEM_ERR");
        Configurator.reconfigure();
        EmbeddedSettings embedded = new EmbeddedSettings(settings, false, true);
        embedded.requireFitting();
        if (!embedded.areServersNeeded()) {
            Databases.require(settings);
            return run(command, patient(settings));
        }
        try (EmbeddedServers servers = EmbeddedServers.startOrJoin(settings, true)) {
            return run(command, patient(servers.applyTo(settings)));
        }
    }

    /** Who waits for a key waits for a server that is busy, too. */
    private static Settings patient(Settings settings) {
        return settings.with("db.connect.timeout", 30_000);
    }

    private static boolean run(KeyCommand command, Settings settings) {
        try (HikariDataSource database = Databases.schema(settings)) {
            requireTables(settings, database);
            return command.run(database, System.out, System.err);
        } catch (SQLException e) {
            throw new CannotStart(Databases.describe(settings, e), e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first key can be made before any service has run. */
    private static void requireTables(Settings settings, HikariDataSource database) throws SQLException {
        boolean isMigrated;
        try (Connection connection = database.getConnection(); Statement statement = connection.createStatement(); ResultSet table = statement.executeQuery("SELECT to_regclass('access_key') IS NOT NULL")) {
            table.next();
            isMigrated = table.getBoolean(1);
        }
        if (!isMigrated) {
            new Schema(settings, database).migrate();
        }
    }
}
