package sensorpipeline.rules;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.Quoted;

/**
 * A channel by which people are notified of alerts. Immutable.
 *
 * @param name for people
 * @param kind name of the route that delivers its messages, after {@code notify-}: {@code webhook}, {@code email}, or one that somebody has added
 * @param settings for that route: {@code url}; {@code to}, the addresses; or whatever an added route needs
 * @param severity the least of alerts that it tells of
 * @param rules names of the rules that it tells of
 * @param sensors of the alerts that it tells of
 * @param locations of these alerts
 * @param delay for which an alert has to be open and not acknowledged, in microseconds, or null: it is told at once; of a fallback, for which another channel has to have failed
 * @param repeats after which time an alert that nobody has acknowledged is told again, in microseconds; null: never
 * @param tellsCleared whether it tells that alerts are over
 * @param fallbackFor names of the channels whose alerts it tells if they fail; empty for one that tells alerts itself
 * @param quiet when it tells nothing, or null for never
 */
public record NotificationChannel(String name, String kind, Map<String, String> settings, Severity severity, NamePatterns rules, NamePatterns sensors, NamePatterns locations, Long delay,
        Long repeats, boolean tellsCleared, List<String> fallbackFor, Schedule quiet) {

    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63}){0,10}");
    private static final Pattern WITH_SCHEME = Pattern.compile("https?://", Pattern.CASE_INSENSITIVE);
    private static final int MOST_PORT = 65_535;
    /** Of the service itself. */
    private static final Set<String> TAKEN = Set.of("webhook", "email", "channel", "channels");
    private static final long SHORTEST_REPEAT = TimeUnit.MINUTES.toMicros(1);
    private static final long USUAL_FAILURE = TimeUnit.SECONDS.toMicros(30);

    /**
     * @param fields of a channel in JSON, by name, each valid by itself, and with the defaults of the contract: the types are those of {@code Parameters.readBody}
     * @return the channel
     * @throws RequestError (400) if they contradict each other
     */
    @SuppressWarnings("unchecked")
    public static NotificationChannel of(Map<String, Object> fields) {
        Map<String, Object> webhook = (Map<String, Object>) fields.get("webhook");
        Map<String, Object> email = (Map<String, Object>) fields.get("email");
        Map<String, Object> route = (Map<String, Object>) fields.get("route");
        if (Stream.of(webhook, email, route).filter(one -> one != null).count() != 1) {
            throw invalid("give exactly one of webhook, email and route");
        }
        List<String> fallbackFor = fields.get("fallback_for") == null ? List.of() : List.of((String[]) fields.get("fallback_for"));
        Long repeats = microseconds(fields, "repeat");
        if (repeats != null && repeats < SHORTEST_REPEAT) {
            throw invalid("repeat must be at least 1m");
        }
        if (route != null && TAKEN.contains((String) route.get("name"))) {
            throw invalid("route: name must be that of a route of your own, notify-<name>; got " + route.get("name"));
        }
        Map<String, String> settings = webhook != null ? Map.of("url", url((String) webhook.get("url"))) : email != null ? Map.of("to", addresses((String[]) email.get("to")))
                : route.get("settings") == null ? Map.of() : (Map<String, String>) route.get("settings");
        return new NotificationChannel((String) fields.get("name"), webhook != null ? "webhook" : email != null ? "email" : (String) route.get("name"), settings,
                Severity.of((String) fields.get("severity")), RuleFields.patterns(fields, "rules"), RuleFields.patterns(fields, "sensors"), RuleFields.patterns(fields, "locations"),
                delay(fields, !fallbackFor.isEmpty()), repeats, (Boolean) fields.get("cleared"), fallbackFor, RuleFields.schedule(fields, "quiet"));
    }

    private static Long delay(Map<String, Object> fields, boolean isFallback) {
        Long after = microseconds(fields, "after");
        Long fallbackAfter = microseconds(fields, "fallback_after");
        if (isFallback && after != null) {
            throw invalid("after cannot be given with fallback_for: say in fallback_after for how long the other channel must have failed");
        }
        if (!isFallback && fallbackAfter != null) {
            throw invalid("fallback_after cannot be given without fallback_for; for alerts that nobody has acknowledged for so long, give after");
        }
        if (!isFallback) {
            return after;
        }
        return fallbackAfter == null ? Long.valueOf(USUAL_FAILURE) : fallbackAfter;
    }

    private static Long microseconds(Map<String, Object> fields, String name) {
        return fields.get(name) == null ? null : Long.valueOf(AlertRule.microseconds((String) fields.get(name)));
    }

    private static String url(String text) {
        // Not quoted in errors: it may have a password.
        if (!WITH_SCHEME.matcher(text).lookingAt()) {
            throw invalid("webhook: url must begin with http:// or https://, such as https://pager.example.org/alerts");
        }
        try {
            URI url = new URI(text);
            if (url.getHost() != null && url.getRawUserInfo() == null && url.getRawFragment() == null && url.getPort() != 0 && url.getPort() <= MOST_PORT) {
                return url.toString();
            }
        } catch (URISyntaxException e) {
            // Reported below, together with what is allowed.
        }
        throw invalid("webhook: url must be such as https://pager.example.org/alerts, without user name, password or fragment, and with a host of letters, digits, hyphens and dots, and a valid port");
    }

    private static String addresses(String[] texts) {
        for (String text : texts) {
            if (!ADDRESS.matcher(text).matches()) {
                throw invalid("email: to must be addresses such as shift@example.org, of ASCII characters; got " + Quoted.of(text));
            }
        }
        return String.join(",", texts);
    }

    private static RequestError invalid(String message) {
        return new RequestError(400, "invalid_channel", message);
    }

    /** @return the time zone of its quiet hours, or null without them */
    public ZoneId zone() {
        return quiet == null ? null : quiet.zone();
    }

    /** @return whether it tells nothing at this time */
    public boolean isQuietAt(Instant time) {
        return quiet != null && quiet.covers(time);
    }
}
