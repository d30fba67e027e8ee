package sensorpipeline.alerts;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sensorpipeline.rules.Severity;

/**
 * A message as people read it. Of several events of one alert, it tells what they lead to. Immutable.
 *
 * @param subject in a line, of which a locked phone shows the beginning
 * @param body some lines for each alert, the most severe first
 */
record MessageText(String subject, String body) {

    private static final String PARAGRAPH = "\n\n";
    private static final String PAGE = "/alerts";

    /**
     * @param data of the message
     * @param known what else is known of its metrics and rules, as claim-message.sql selects it
     * @param zone of the channel, or null
     * @param format of messages
     */
    static MessageText of(JsonNode data, JsonNode known, ZoneId zone, MessageFormat format) {
        List<String> paragraphs = new ArrayList<>();
        if (data.path("test").asBoolean()) {
            String channel = data.path("channel").asText();
            paragraphs.add("This is a test. Messages about alerts to the channel " + channel + " arrive here.");
            addLink(paragraphs, "Alerts", format);
            return new MessageText("Test of channel " + channel, String.join(PARAGRAPH, paragraphs));
        }
        List<ToldAlert> alerts = alerts(data, known, zone, format);
        boolean isStorm = data.path("storm").asBoolean();
        String subject = alerts.get(0).line();
        if (isStorm) {
            subject = "Storm of alerts: " + counts(data);
            paragraphs.add("%,d events within seconds. These are the most severe:".formatted(data.path("count").asLong()));
        } else if (alerts.size() > 1) {
            subject += " (and %d more)".formatted(alerts.size() - 1);
        }
        alerts.forEach(alert -> paragraphs.add(alert.text()));
        if (alerts.size() > 1) {
            addLink(paragraphs, "All open alerts", format);
        }
        return new MessageText(subject, String.join(PARAGRAPH, paragraphs));
    }

    private static void addLink(List<String> paragraphs, String text, MessageFormat format) {
        if (!format.link(PAGE).isEmpty()) {
            paragraphs.add(text + ": " + format.link(PAGE));
        }
    }

    private static List<ToldAlert> alerts(JsonNode data, JsonNode known, ZoneId zone, MessageFormat format) {
        Map<String, List<JsonNode>> events = new LinkedHashMap<>();
        data.path("alerts").forEach(event -> events.computeIfAbsent(event.path("id").asText(), id -> new ArrayList<>()).add(event));
        return events.values().stream().map(each -> ToldAlert.of(each, known, zone, format))
                .sorted(Comparator.comparing(ToldAlert::isOver).thenComparing(ToldAlert::severity, Comparator.reverseOrder())).toList();
    }

    private static String counts(JsonNode data) {
        List<String> counts = new ArrayList<>();
        for (Severity severity : List.of(Severity.CRITICAL, Severity.WARNING, Severity.INFO)) {
            addCount(counts, data.path(severity.text()).asLong(), severity.text());
        }
        addCount(counts, data.path("cleared").asLong(), "over");
        return String.join(", ", counts);
    }

    private static void addCount(List<String> counts, long count, String word) {
        if (count > 0) {
            counts.add("%,d %s".formatted(count, word));
        }
    }
}
