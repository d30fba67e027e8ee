package sensorpipeline.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.util.TimeUtils;

/**
 * The settings of one program: {@code application.properties}, overridden by the environment ({@code api.port} by {@code
 * API_PORT}). Immutable; {@link #with} returns a modified copy. Thread-safe.
 */
public final class Settings {

    private static final String FILE = "application.properties";

    /** The syntax that Camel accepts in routes; a number alone is milliseconds. */
    private static final Pattern DURATION = Pattern.compile("\\d{1,12}|(\\d{1,9}(d|h|m|s|ms))+");

    /** Long enough for any interval; Camel's timers cannot wait for thousands of years. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private final Map<String, String> values;
    private final Set<String> given;

    private Settings(Map<String, String> values, Set<String> given) {
        this.values = values;
        this.given = given;
    }

    /**
     * @param environment names and values of environment variables
     * @return the settings of {@code application.properties}, overridden by the environment
     */
    public static Settings load(Map<String, String> environment) {
        Properties defaults = new Properties();
        try (InputStream file = Settings.class.getClassLoader().getResourceAsStream(FILE)) {
            defaults.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> values = new HashMap<>();
        Set<String> given = new TreeSet<>();
        for (String key : defaults.stringPropertyNames()) {
            String fromEnvironment = environment.get(environmentName(key));
            if (fromEnvironment != null) {
                given.add(key);
            }
            values.put(key, (fromEnvironment != null ? fromEnvironment : defaults.getProperty(key)).strip());
        }
        return new Settings(values, given);
    }

    /** @return a copy in which {@code key} has {@code value} */
    public Settings with(String key, Object value) {
        Map<String, String> changed = new HashMap<>(values);
        changed.put(key, String.valueOf(value));
        return new Settings(changed, given);
    }

    /** @return the name of the environment variable for a setting, such as {@code API_PORT} for {@code api.port} */
    public static String environmentName(String key) {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** @return true if the environment sets this setting, false if it has its default */
    public boolean isGiven(String key) {
        return given.contains(key);
    }

    /** @return all settings by name, with their values as text */
    public Map<String, String> all() {
        return Map.copyOf(values);
    }

    /** @return the value as text, empty if it is not set */
    public String text(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("No such setting: " + key);
        }
        return value;
    }

    /** @return true if the setting has a value */
    public boolean has(String key) {
        return !text(key).isEmpty();
    }

    /** @return the value, which is one of {@code allowed}; otherwise throws {@link InvalidSetting} */
    public String oneOf(String key, List<String> allowed) {
        if (!allowed.contains(text(key))) {
            throw new InvalidSetting(key, text(key), String.join(", ", allowed.subList(0, allowed.size() - 1)) + " or " + allowed.get(allowed.size() - 1));
        }
        return text(key);
    }

    /** @return the value as an integer from {@code least} to {@code most}; otherwise throws {@link InvalidSetting} */
    public int wholeNumber(String key, int least, int most) {
        try {
            int number = Integer.parseInt(text(key));
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Not an integer.
        }
        throw new InvalidSetting(key, text(key), "a whole number from " + least + " to " + most);
    }

    /** @return the value as a port number, 0 to 65535; otherwise throws {@link InvalidSetting} */
    public int port(String key) {
        return wholeNumber(key, 0, Addresses.HIGHEST_PORT);
    }

    /** @return the value as a number of 0 or more; otherwise throws {@link InvalidSetting} */
    public double number(String key) {
        try {
            double number = Double.parseDouble(text(key));
            if (number >= 0 && Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Not a number.
        }
        throw new InvalidSetting(key, text(key), "a number of 0 or more");
    }

    /** @return the value, such as {@code 500ms}, {@code 5s} or {@code 1m}, as a duration above 0, at most a year; otherwise throws {@link InvalidSetting} */
    public Duration duration(String key) {
        if (DURATION.matcher(text(key)).matches()) {
            long milliseconds = TimeUtils.toMilliSeconds(text(key));
            if (milliseconds > LONGEST.toMillis()) {
                throw new InvalidSetting(key, text(key), "at most " + LONGEST.toDays() + "d");
            }
            if (milliseconds > 0) {
                return Duration.ofMillis(milliseconds);
            }
        }
        throw new InvalidSetting(key, text(key), "a time above 0, such as 500ms, 5s or 1m");
    }

    /**
     * @param allowed what is allowed, for the message
     * @return the value, which is an http or https address without a slash at its end; otherwise throws {@link InvalidSetting}
     */
    public String webAddress(String key, String allowed) {
        if (!Addresses.isWeb(text(key))) {
            throw new InvalidSetting(key, text(key), allowed);
        }
        return text(key);
    }

    /**
     * @param needsPort whether each needs its own port
     * @return the value as addresses of servers, separated by commas; otherwise throws {@link InvalidSetting}
     */
    public List<String> servers(String key, boolean needsPort) {
        List<String> servers = Arrays.stream(text(key).split(",")).map(String::strip).toList();
        if (servers.isEmpty() || !servers.stream().allMatch(server -> Addresses.isServer(server, needsPort))) {
            throw new InvalidSetting(key, text(key), needsPort ? "addresses such as kafka:9092, separated by commas, with ports from 1 to 65535"
                    : "hosts such as db or db:5432, separated by commas, with ports from 1 to 65535");
        }
        return servers;
    }

    /** @return the value as the path of an existing, readable file; otherwise throws {@link InvalidSetting} */
    public Path file(String key) {
        Path file = Path.of(text(key));
        if (!(Files.isRegularFile(file) && Files.isReadable(file))) {
            throw new InvalidSetting(key, text(key), "a file that can be read");
        }
        return file;
    }

    /** @return true if the public HTTP listeners use TLS */
    public boolean listensWithTls() {
        return has("listen.tls.certificate") || has("listen.tls.key");
    }

    /**
     * @return true if callers of the REST API need a key, and false if everybody who reaches it is an administrator
     * @throws InvalidSetting if {@code access} is neither open nor restricted
     */
    public boolean restrictsAccess() {
        return oneOf("access", List.of("open", "restricted")).equals("restricted");
    }

    /** @return true if only programs on this machine can reach the listeners */
    public boolean listensOnLoopback() {
        return text("listen.host").matches("127(\\.[0-9]+){3}|::1|localhost");
    }

    /** @return the host name or address for connections to this machine's own listeners, as written in a URL */
    public String ownHost() {
        String host = text("listen.host");
        return "0.0.0.0".equals(host) ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
    }

    /**
     * @param key such as {@code db.password}
     * @return the content of the file named by {@code <key>.file}, otherwise the value itself
     */
    public String secret(String key) {
        String file = key + ".file";
        if (!has(file)) {
            return text(key);
        }
        try {
            return Files.readString(Path.of(text(file))).strip();
        } catch (IOException e) {
            throw new InvalidSetting(file, text(file), "a file that can be read");
        }
    }

    /** An invalid setting; the message names it, and what is allowed. */
    public static final class InvalidSetting extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        /** @param message what is wrong and what to do, in one line, with the names of the settings */
        public InvalidSetting(String message) {
            super(message);
        }

        /**
         * @param key name of the setting
         * @param value as given
         * @param allowed what is allowed, to follow "must be"
         */
        public InvalidSetting(String key, String value, String allowed) {
            this(environmentName(key) + " must be " + allowed + "; got '" + value + "'");
        }
    }
}
