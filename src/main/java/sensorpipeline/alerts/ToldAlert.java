package sensorpipeline.alerts;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import sensorpipeline.rules.Severity;

/**
 * An alert in a message to people, after the last of its events there. Immutable.
 *
 * @param alert in JSON, as that event left it
 * @param news what precedes its severity, such as "Again: ", or empty
 * @param metric its name for people
 * @param unit of its values, or empty
 * @param isRate whether its value is how much the metric changes a minute
 * @param zone of its times
 * @param link to the page that shows it, or empty
 */
record ToldAlert(JsonNode alert, String news, String metric, String unit, boolean isRate, ZoneId zone, String link) {

    private static final DateTimeFormatter DAY_AND_TIME = DateTimeFormatter.ofPattern("EEE d MMM uuuu, HH:mm:ss", Locale.ENGLISH);
    private static final DateTimeFormatter TIME_OF_DAY = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ENGLISH);
    private static final String CLEARED = "cleared";
    private static final String PAGE = "/alert?alert_id=";
    private static final Map<String, String> NEWS = Map.of("reopened", "Again: ", "changed", "More severe: ", "repeated", "Still open: ");

    /**
     * @param events of the alert in their order, at least one
     * @param known what else is known of metrics and rules, as claim-message.sql selects it
     * @param channelZone time zone of the channel, or null for that of the rule
     * @param format of messages
     */
    static ToldAlert of(List<JsonNode> events, JsonNode known, ZoneId channelZone, MessageFormat format) {
        JsonNode last = events.get(events.size() - 1);
        JsonNode metric = known.path("metrics").path(last.path("metric").asText());
        JsonNode rule = known.path("rules").path(last.path("rule_id").asText());
        // To whoever is told now that it fires, it is new, whatever it did meanwhile.
        boolean isNew = events.stream().anyMatch(event -> event.path("event").asText().equals("fired"));
        ZoneId zone = channelZone != null ? channelZone : rule.hasNonNull("tz") ? ZoneId.of(rule.path("tz").asText()) : format.zone();
        return new ToldAlert(last, isNew ? "" : NEWS.getOrDefault(last.path("event").asText(), ""), metric.hasNonNull("name") ? metric.path("name").asText() : last.path("metric").asText(),
                metric.hasNonNull("unit") ? metric.path("unit").asText() : "", rule.path("is_rate").asBoolean(), zone,
                format.link(PAGE + last.path("id").asText()));
    }

    boolean isOver() {
        return alert.path("event").asText().equals(CLEARED);
    }

    Severity severity() {
        return Severity.of(alert.path("severity").asText());
    }

    /** @return all that matters in a line, such as {@code CRITICAL Tachycardia, bed-3 (icu-1): 152 bpm} */
    String line() {
        return title() + ", " + where() + (isOver() ? "" : ": " + (hasValue() ? (unit.isEmpty() ? metric + " " : "") + value() : message())) + ending();
    }

    private String ending() {
        return isOverButOpen() ? " (condition ended, not acknowledged)" : "";
    }

    /** @return some lines: what, where, since when, and where to look */
    String text() {
        List<String> lines = new ArrayList<>();
        lines.add(title() + ending());
        lines.add("What: " + message());
        if (hasValue() && !message().contains(value())) {
            lines.add("Value: %s %s".formatted(metric, value()));
        }
        lines.add("Where: " + where());
        lines.add((isOver() ? "When: " : "Since: ") + when());
        if (!link.isEmpty()) {
            lines.add("Link: " + link);
        }
        return String.join("\n", lines);
    }

    private String title() {
        return (isOver() ? "Over: " : news + alert.path("severity").asText().toUpperCase(Locale.ROOT) + " ") + alert.path("rule").asText();
    }

    private String where() {
        return alert.path("sensor_id").asText() + (alert.path("location").isNull() ? "" : " (" + alert.path("location").asText() + ")");
    }

    private boolean isOverButOpen() {
        return alert.path("latched").asBoolean();
    }

    private boolean hasValue() {
        return alert.path("value").isNumber() && !isRate;
    }

    private String value() {
        return alert.path("value").asText() + (unit.isEmpty() ? "" : " " + unit);
    }

    /** @return the alert's own message, with the name for people and the unit where it begins with a metric and its value */
    private String message() {
        String message = alert.path("message").asText();
        String measured = alert.path("metric").asText() + " is " + alert.path("value").asText();
        return hasValue() && message.startsWith(measured) ? metric + " is " + value() + message.substring(measured.length()) : message;
    }

    private String when() {
        Instant began = Instant.parse(alert.path("started_at").asText());
        String name = zone.normalized().equals(ZoneOffset.UTC) ? " UTC" : " (" + zone + ")";
        if (!isOver()) {
            return DAY_AND_TIME.format(began.atZone(zone)) + name;
        }
        Instant ended = Instant.parse(alert.path("cleared_at").asText());
        boolean isSameDay = began.atZone(zone).toLocalDate().equals(ended.atZone(zone).toLocalDate());
        return "%s to %s%s".formatted(DAY_AND_TIME.format(began.atZone(zone)), (isSameDay ? TIME_OF_DAY : DAY_AND_TIME).format(ended.atZone(zone)), name);
    }
}
