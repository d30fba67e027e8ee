package sensorpipeline.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.zaxxer.hikari.HikariDataSource;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.database.Databases;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** The command line for keys. */
class KeyCommandTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final HikariDataSource DATABASE = Databases.schema(SETTINGS);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

    @AfterAll
    static void close() {
        DATABASE.close();
    }

    private boolean run(String... arguments) throws SQLException, JsonProcessingException {
        out.reset();
        messages.reset();
        return KeyCommand.of(List.of(arguments), "default").run(DATABASE, new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(messages, true, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'' | keys must be followed by create, list or revoke",
        "make | keys must be followed by create, list or revoke; got 'make'",
        "create | --role must be one of device, reader, operator, administrator, installation",
        "create --role boss | --role must be one of device, reader, operator, administrator, installation; got 'boss'",
        "create reader | keys create has the options --role, --tenant, --name, --expires; got 'reader'",
        "create --role | --role must be followed by its value",
        "create --role reader --role reader | --role can be given once",
        "create --role reader --tenant A | --tenant must be 1 to 63 lower-case letters, digits or hyphens; got 'A'",
        "create --role installation --tenant a | A key with the role installation is for all tenants: leave out --tenant",
        "create --role reader --expires 90 | --expires must be a duration such as 90d (s, m, h, d, w, y), or a time to come such as 2030-01-15T00:00:00Z; got '90'",
        "create --role reader --expires 0d | --expires must be a duration such as 90d (s, m, h, d, w, y), or a time to come such as 2030-01-15T00:00:00Z; got '0d'",
        "create --role reader --expires 2020-01-15T00:00:00Z | --expires must be a duration such as 90d (s, m, h, d, w, y), or a time to come such as 2030-01-15T00:00:00Z; got '2020-01-15T00:00:00Z'",
        "create --role reader --expires 999999y | --expires must be a duration such as 90d (s, m, h, d, w, y), or a time to come such as 2030-01-15T00:00:00Z; got '999999y'",
        "list all | keys list has no arguments; got 'all'",
        "revoke | keys revoke must be followed by the id of one key, as keys list shows it",
        "revoke spk | keys revoke must be followed by the id of one key, as keys list shows it; got 'spk'",
    })
    void wrongArgumentsAreToldWithWhatIsAllowed(String arguments, String message) {
        List<String> split = arguments.isEmpty() ? List.of() : List.of(arguments.split(" "));
        assertEquals(message, assertThrows(IllegalArgumentException.class, () -> KeyCommand.of(split, "default")).getMessage());
    }

    @Test
    void aNewKeyAloneIsWrittenToStandardOutput() throws Exception {
        assertTrue(run("create", "--role", "operator", "--tenant", "ward-3", "--name", "nurses' station", "--expires", "90d"));
        String key = out.toString(StandardCharsets.UTF_8).strip();
        assertTrue(AccessKey.parse(key).isPresent(), key);
        assertEquals("operator ward-3 nurses' station command line 90", new Database(SETTINGS).ask("""
                SELECT concat_ws(' ', role, tenant, name, made_by, (expires_at::date - created_at::date)) FROM access_key WHERE hash = sha256('%s')""".formatted(key)));
        assertFalse(messages.toString(StandardCharsets.UTF_8).contains(key));
        assertTrue(messages.toString(StandardCharsets.UTF_8).contains("with the role operator for tenant ward-3, which expires at "));
    }

    @Test
    void allKeysAreListedAndOneIsRevoked() throws Exception {
        run("create", "--role", "installation");
        String id = messages.toString(StandardCharsets.UTF_8).replaceAll("(?s)Made key (\\d+) .*", "$1");
        run("list");
        assertTrue(out.toString(StandardCharsets.UTF_8).matches("(?s).*" + id + " +installation +- +valid +never +never.*"), out::toString);
        assertTrue(run("revoke", id));
        assertTrue(run("revoke", id));
        run("list");
        assertTrue(out.toString(StandardCharsets.UTF_8).matches("(?s).*" + id + " +installation +- +revoked .*"), out::toString);
        assertFalse(run("revoke", "999999"));
        assertEquals("There is no key 999999; keys list shows all", messages.toString(StandardCharsets.UTF_8).strip());
    }
}
