package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whoever reads a message on a phone at night understands it. */
class MessageTextTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final MessageFormat FORMAT = new MessageFormat("https://sensors.example.org", ZoneOffset.UTC);
    private static final String KNOWN = """
            {"metrics": {"heart_rate": {"name": "Heart rate", "unit": "bpm"}, "x": {"name": null, "unit": null}}, "rules": {"1": {"tz": "Europe/Berlin", "is_rate": false}, "2": {"tz": null, "is_rate": true}}}""";

    private static String event(String event, String id, String sensor, String changes) {
        try {
            JsonNode alert = JSON.readTree("""
                    {"event": "%s", "id": "%s", "rule_id": 1, "rule": "Tachycardia", "severity": "critical", "sensor_id": "%s", "location": "icu-1", "metric": "heart_rate", "value": 152,
                     "state": "firing", "late": false, "flapping": false, "latched": false, "started_at": "2025-01-15T22:59:59.500000Z", "fired_at": "2025-01-15T23:00:09.500000Z", "cleared_at": null,
                     "message": "heart_rate is 152, above 140"}""".formatted(event, id, sensor));
            return JSON.readerForUpdating(alert).readTree(changes).toString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MessageText text(ZoneId zone, MessageFormat format, String... events) throws JsonProcessingException {
        return MessageText.of(JSON.readTree("{\"channel\": \"c\", \"test\": false, \"storm\": false, \"count\": %d, \"alerts\": [%s]}".formatted(events.length, String.join(",", events))),
                JSON.readTree(KNOWN), zone, format);
    }

    @Test
    void itTellsWhatWhereAndSinceWhenWithUnitZoneAndLink() throws Exception {
        MessageText text = text(null, FORMAT, event("fired", "a", "bed 3&4", "{}"));
        assertEquals("CRITICAL Tachycardia, bed 3&4 (icu-1): 152 bpm", text.subject());
        assertEquals("""
                CRITICAL Tachycardia
                What: Heart rate is 152 bpm, above 140
                Where: bed 3&4 (icu-1)
                Since: Wed 15 Jan 2025, 23:59:59 (Europe/Berlin)
                Link: https://sensors.example.org/alert?alert_id=a""", text.body());
    }

    @Test
    void theZoneIsThatOfTheChannelOrElseOfTheRuleOrElseOfTheInstallation() throws Exception {
        MessageFormat tokyo = new MessageFormat("", ZoneId.of("Asia/Tokyo"));
        assertTrue(text(ZoneId.of("America/New_York"), tokyo, event("fired", "a", "bed-3", "{}")).body().endsWith("Since: Wed 15 Jan 2025, 17:59:59 (America/New_York)"));
        assertTrue(text(null, tokyo, event("fired", "a", "bed-3", "{\"rule_id\": 3}")).body().endsWith("Since: Thu 16 Jan 2025, 07:59:59 (Asia/Tokyo)"));
        assertTrue(text(ZoneId.of("UTC"), tokyo, event("fired", "a", "bed-3", "{}")).body().endsWith("Since: Wed 15 Jan 2025, 22:59:59 UTC"));
    }

    @Test
    void ofSeveralEventsOfAnAlertItTellsWhatTheyLeadTo() throws Exception {
        String over = event("cleared", "a", "bed-3", "{\"cleared_at\": \"2025-01-15T23:05:00.123456Z\"}");
        MessageText text = text(null, FORMAT, event("fired", "a", "bed-3", "{}"), over);
        assertEquals("Over: Tachycardia, bed-3 (icu-1)", text.subject());
        assertEquals("""
                Over: Tachycardia
                What: Heart rate is 152 bpm, above 140
                Where: bed-3 (icu-1)
                When: Wed 15 Jan 2025, 23:59:59 to Thu 16 Jan 2025, 00:05:00 (Europe/Berlin)
                Link: https://sensors.example.org/alert?alert_id=a""", text.body());
        assertTrue(text(ZoneOffset.UTC, FORMAT, over).body().contains("When: Wed 15 Jan 2025, 22:59:59 to 23:05:00 UTC\n"));
        assertEquals("CRITICAL Tachycardia, bed-3 (icu-1): 152 bpm", text(null, FORMAT, event("fired", "a", "bed-3", "{}"), over, event("reopened", "a", "bed-3", "{}")).subject());
        assertEquals("Again: CRITICAL Tachycardia, bed-3 (icu-1): 152 bpm", text(null, FORMAT, over, event("reopened", "a", "bed-3", "{}")).subject());
        assertEquals("More severe: CRITICAL Tachycardia, bed-3 (icu-1): 152 bpm", text(null, FORMAT, event("changed", "a", "bed-3", "{}")).subject());
        assertEquals("Still open: CRITICAL Tachycardia, bed-3 (icu-1): 152 bpm (condition ended, not acknowledged)", text(null, FORMAT, event("repeated", "a", "bed-3", "{\"latched\": true}")).subject());
    }

    @Test
    void ofSeveralAlertsTheMostSevereOpenOneIsInTheSubject() throws Exception {
        MessageText text = text(null, FORMAT, event("cleared", "a", "bed-1", "{\"cleared_at\": \"2025-01-15T23:05:00Z\"}"), event("fired", "b", "bed-2", "{\"severity\": \"warning\"}"), event("fired", "c", "bed-3", "{}"));
        assertEquals("CRITICAL Tachycardia, bed-3 (icu-1): 152 bpm (and 2 more)", text.subject());
        assertEquals(List.of("CRITICAL Tachycardia", "WARNING Tachycardia", "Over: Tachycardia", "All open alerts: https://sensors.example.org/alerts"),
                Arrays.stream(text.body().split("\n\n")).map(paragraph -> paragraph.lines().findFirst().orElseThrow()).toList());
    }

    @Test
    void aValueIsToldOnceAndOnlyWhereItIsThatOfTheMetric() throws Exception {
        MessageText own = text(null, FORMAT, event("fired", "a", "bed-3", "{\"message\": \"Call the nurse\", \"location\": null}"));
        assertEquals("CRITICAL Tachycardia, bed-3: 152 bpm", own.subject());
        assertTrue(own.body().contains("\nWhat: Call the nurse\nValue: Heart rate 152 bpm\nWhere: bed-3\n"), own.body());
        MessageText plain = text(null, FORMAT, event("fired", "a", "bed-3", "{\"metric\": \"x\", \"message\": \"x is 152, above 140\"}"));
        assertEquals("CRITICAL Tachycardia, bed-3 (icu-1): x 152", plain.subject());
        assertTrue(plain.body().contains("\nWhat: x is 152, above 140\nWhere:"), plain.body());
        assertEquals("CRITICAL Tachycardia, bed-3 (icu-1): heart_rate rises by 152 per minute, above 20",
                text(null, FORMAT, event("fired", "a", "bed-3", "{\"rule_id\": 2, \"message\": \"heart_rate rises by 152 per minute, above 20\"}")).subject());
        assertEquals("CRITICAL Tachycardia, bed-3 (icu-1): no reading for 5 min",
                text(null, FORMAT, event("fired", "a", "bed-3", "{\"metric\": null, \"value\": null, \"message\": \"no reading for 5 min\"}")).subject());
    }

    @Test
    void aStormCountsAndShowsTheMostSevere() throws Exception {
        MessageText text = MessageText.of(JSON.readTree("""
                {"channel": "c", "test": false, "storm": true, "count": 2500, "critical": 1200, "warning": 0, "info": 1000, "cleared": 300, "alerts": [%s]}""".formatted(event("fired", "a", "bed-3", "{}"))),
                JSON.readTree(KNOWN), null, FORMAT);
        assertEquals("Storm of alerts: 1,200 critical, 1,000 info, 300 over", text.subject());
        assertTrue(text.body().startsWith("2,500 events within seconds. These are the most severe:\n\nCRITICAL Tachycardia\n"), text.body());
    }

    @Test
    void aTestSaysSo() throws Exception {
        MessageText text = MessageText.of(JSON.readTree("{\"channel\": \"ward\", \"test\": true, \"storm\": false, \"count\": 0, \"alerts\": []}"), JSON.readTree("{}"), null, FORMAT);
        assertEquals("Test of channel ward", text.subject());
        assertEquals("This is a test. Messages about alerts to the channel ward arrive here.\n\nAlerts: https://sensors.example.org/alerts", text.body());
    }
}
