package sensorpipeline.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import sensorpipeline.kafka.Topics;
import sensorpipeline.reading.Quoted;

/** The command {@code keys}: makes, lists and revokes keys of all tenants, with the rights of the owner of the tables. Immutable. */
public final class KeyCommand {

    /** How the command is used. */
    public static final String USAGE = """
            keys create --role ROLE [--tenant TENANT] [--name NAME] [--expires 90d]   makes a key, and writes it to standard output
            keys list                                                                 lists the keys of all tenants
            keys revoke ID                                                            revokes a key
            """;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> OPTIONS = List.of("--role", "--tenant", "--name", "--expires");
    private static final String ROLES = Arrays.stream(Role.values()).map(Role::text).collect(Collectors.joining(", "));
    private static final int LONGEST_NAME = 200;
    private static final int PAGE = 1000;
    private static final String LINE = "%-6s %-13s %-20s %-8s %-27s %-27s %s%n";

    private final Action action;

    private KeyCommand(Action action) {
        this.action = action;
    }

    private interface Action {
        boolean run(Connection database, PrintStream out, PrintStream messages) throws SQLException, JsonProcessingException;
    }

    /**
     * @param arguments of the command
     * @param usualTenant whose data a key is for if none is named
     * @return the command
     * @throws IllegalArgumentException if they are wrong; the message says what is allowed
     */
    public static KeyCommand of(List<String> arguments, String usualTenant) {
        String name = arguments.isEmpty() ? "" : arguments.get(0);
        List<String> rest = arguments.isEmpty() ? List.of() : arguments.subList(1, arguments.size());
        return new KeyCommand(switch (name) {
            case "create" -> creation(options(rest), usualTenant);
            case "list" -> {
                if (!rest.isEmpty()) {
                    throw new IllegalArgumentException("keys list has no arguments; got " + Quoted.of(rest.get(0)));
                }
                yield KeyCommand::list;
            }
            case "revoke" -> revocation(rest);
            default -> throw new IllegalArgumentException("keys must be followed by create, list or revoke" + (name.isEmpty() ? "" : "; got " + Quoted.of(name)));
        });
    }

    private static Map<String, String> options(List<String> arguments) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < arguments.size(); i += 2) {
            String option = arguments.get(i);
            if (!OPTIONS.contains(option)) {
                throw new IllegalArgumentException("keys create has the options " + String.join(", ", OPTIONS) + "; got " + Quoted.of(option));
            }
            if (i + 1 == arguments.size() || arguments.get(i + 1).isBlank()) {
                throw new IllegalArgumentException(option + " must be followed by its value");
            }
            if (options.put(option, arguments.get(i + 1).strip()) != null) {
                throw new IllegalArgumentException(option + " can be given once");
            }
        }
        return options;
    }

    private static Action creation(Map<String, String> options, String usualTenant) {
        Role role = Optional.ofNullable(options.get("--role")).flatMap(Role::named)
                .orElseThrow(() -> new IllegalArgumentException("--role must be one of " + ROLES + (options.containsKey("--role") ? "; got " + Quoted.of(options.get("--role")) : "")));
        if (role == Role.INSTALLATION && options.containsKey("--tenant")) {
            throw new IllegalArgumentException("A key with the role installation is for all tenants: leave out --tenant");
        }
        String tenant = role == Role.INSTALLATION ? null : options.getOrDefault("--tenant", usualTenant);
        if (tenant != null && !tenant.matches(Topics.TENANT)) {
            throw new IllegalArgumentException("--tenant must be 1 to 63 lower-case letters, digits or hyphens; got " + Quoted.of(tenant));
        }
        String name = options.get("--name");
        if (name != null && (name.codePointCount(0, name.length()) > LONGEST_NAME || !name.codePoints().allMatch(Quoted::isPlain))) {
            throw new IllegalArgumentException("--name must be text of at most %d characters without control characters; got %s".formatted(LONGEST_NAME, Quoted.of(name)));
        }
        Instant expiry = KeyExpiry.parse("--expires", options.get("--expires"), Instant.now());
        return (database, out, messages) -> {
            AccessKey key = AccessKey.create();
            try (PreparedStatement statement = database.prepareStatement("SELECT make_access_key(?, ?, ?, ?, 'command line', ?::timestamptz)")) {
                statement.setBytes(1, key.hash());
                statement.setString(2, tenant);
                statement.setString(3, role.text());
                statement.setString(4, name);
                statement.setString(5, expiry == null ? null : expiry.toString());
                JsonNode stored = answer(statement);
                messages.printf("Made key %s with the role %s%s%s; it is shown only now%n", stored.path("id").asText(), role.text(), tenant == null ? "" : " for tenant " + tenant,
                        expiry == null ? "" : ", which expires at " + expiry);
            }
            out.println(key.text());
            return true;
        };
    }

    private static boolean list(Connection database, PrintStream out, PrintStream messages) throws SQLException, JsonProcessingException {
        out.printf(LINE, "ID", "ROLE", "TENANT", "STATUS", "EXPIRES", "LAST USED", "NAME");
        String cursor = null;
        do {
            try (PreparedStatement statement = database.prepareStatement("SELECT find_access_keys(?, ?::bigint)")) {
                statement.setInt(1, PAGE);
                statement.setString(2, cursor);
                JsonNode page = answer(statement);
                page.path("data").forEach(key -> out.printf(LINE, text(key, "id", ""), text(key, "role", ""), text(key, "tenant", "-"), text(key, "status", ""),
                        text(key, "expires_at", "never"), text(key, "last_used_at", "never"), text(key, "name", "")));
                cursor = page.path("next").isNull() ? null : page.path("next").asText();
            }
        } while (cursor != null);
        return true;
    }

    private static String text(JsonNode key, String field, String none) {
        return key.path(field).isNull() ? none : key.path(field).asText();
    }

    private static Action revocation(List<String> arguments) {
        if (arguments.size() != 1 || !arguments.get(0).matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("keys revoke must be followed by the id of one key, as keys list shows it" + (arguments.isEmpty() ? "" : "; got " + Quoted.of(String.join(" ", arguments))));
        }
        long id = Long.parseLong(arguments.get(0));
        return (database, out, messages) -> {
            try (PreparedStatement statement = database.prepareStatement("SELECT revoke_access_key(?)")) {
                statement.setLong(1, id);
                boolean isThere = !answer(statement).isMissingNode();
                messages.println(isThere ? "Revoked key " + id : "There is no key " + id + "; keys list shows all");
                return isThere;
            }
        };
    }

    private static JsonNode answer(PreparedStatement statement) throws SQLException, JsonProcessingException {
        try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            String json = rows.getString(1);
            return json == null ? JSON.missingNode() : JSON.readTree(json);
        }
    }

    /**
     * @param database with the tables, as their owner
     * @param out what was asked for
     * @param messages what else there is to say
     * @return false if the key to revoke does not exist
     * @throws SQLException if PostgreSQL is unreachable
     */
    public boolean run(DataSource database, PrintStream out, PrintStream messages) throws SQLException, JsonProcessingException {
        try (Connection connection = database.getConnection()) {
            return action.run(connection, out, messages);
        }
    }
}
