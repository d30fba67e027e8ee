package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.contract.Parameters;
import sensorpipeline.rules.AlertRule;

/** What a latched alert does. Readings are given as {@code second:value}, what people do as {@code second:acknowledge}, transitions told as {@code second:kind severity}. */
class LatchedAlertsTest {

    private static final long SECOND = 1_000_000;
    private static final String LEVELS = "\"levels\":[{\"severity\":\"warning\",\"above\":20},{\"severity\":\"critical\",\"above\":30}]";

    private final List<OutgoingTransition> outgoing = new ArrayList<>();

    private static RuleVersion rule(String fields) {
        return new RuleVersion(1, 1, 0, 0, AlertRule.of(new Parameters().readObject("AlertRule", "{\"name\":\"r\",\"metric\":\"x\"," + fields + "}")));
    }

    private Cause cause(String id) {
        return new Cause("default", id, 1, outgoing::add);
    }

    private WatchedValues follow(WatchedValues rule, String story) {
        for (String event : story.strip().split("\\s+")) {
            String[] parts = event.split(":");
            long at = Long.parseLong(parts[0]) * SECOND;
            switch (parts[1]) {
                case "acknowledge" -> rule.acknowledge(cause(event), new Alert.Acknowledgement("nurse", "now", null), null, at);
                case "clear" -> rule.clear(cause(event), at);
                default -> {
                    double value = Double.parseDouble(parts[1]);
                    if (!rule.isQuietAt(1, at, value)) {
                        rule.read(cause(event), null, at, value);
                    }
                }
            }
        }
        return rule;
    }

    private String told() throws Exception {
        List<String> told = new ArrayList<>();
        for (OutgoingTransition transition : outgoing) {
            JsonNode alert = new ObjectMapper().readTree(transition.json());
            assertTrue(transition.kind().equals("acknowledged") || transition.kind().equals("latched") == alert.path("latched").asBoolean(), transition.toString());
            assertEquals(transition.kind().equals("cleared"), alert.path("state").asText().equals("cleared"), transition.toString());
            told.add(transition.at() / SECOND + ":" + transition.kind() + " " + alert.path("severity").asText());
        }
        assertEquals(outgoing.size(), outgoing.stream().map(transition -> transition.alertId() + transition.eventId()).distinct().count(), "each event has an id");
        return String.join(", ", told);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            it stays open until somebody acknowledges it              | 0:21 1:9 900:acknowledge               | 0:fired warning, 1:latched warning, 900:acknowledged warning, 900:cleared warning
            one that is acknowledged already clears by itself         | 0:21 1:acknowledge 2:9                 | 0:fired warning, 1:acknowledged warning, 2:cleared warning
            a condition that comes back is the same alert             | 0:21 1:9 2:22 3:9                      | 0:fired warning, 1:latched warning, 2:resumed warning, 3:latched warning
            also much later                                           | 0:21 1:9 400:9 9000:22 9001:9          | 0:fired warning, 1:latched warning, 9000:resumed warning, 9001:latched warning
            it becomes more severe                                    | 0:21 1:9 2:31                          | 0:fired warning, 1:latched warning, 2:resumed critical
            but not less severe                                       | 0:31 1:21 2:9 3:21 4:9 5:acknowledge   | 0:fired critical, 2:latched critical, 3:resumed critical, 4:latched critical, 5:acknowledged critical, 5:cleared critical
            until somebody acknowledges it                            | 0:31 1:21 2:acknowledge 3:9            | 0:fired critical, 2:acknowledged critical, 2:changed warning, 3:cleared warning
            nobody has acknowledged what has become more severe since | 0:21 1:acknowledge 2:31 3:9            | 0:fired warning, 1:acknowledged warning, 2:changed critical, 3:latched critical
            it comes back acknowledged, and clears                    | 0:21 1:9 2:acknowledge 3:21 4:9        | 0:fired warning, 1:latched warning, 2:acknowledged warning, 2:cleared warning, 3:reopened warning, 4:cleared warning
            later it is another alert                                 | 0:21 1:9 400:9 500:acknowledge 501:21  | 0:fired warning, 1:latched warning, 500:acknowledged warning, 500:cleared warning, 501:fired warning
            it is cleared by hand                                     | 0:21 1:9 2:clear 3:21                  | 0:fired warning, 1:latched warning, 2:cleared warning, 3:fired warning
            one that flaps waits until it has been calm               | 0:21 1:9 2:21 3:9 4:21 5:9 200:9 400:9 | 0:fired warning, 1:latched warning, 2:resumed warning, 3:latched warning, 4:resumed warning, 400:latched warning
            """)
    void nobodyMissesAShortAlert(String promise, String story, String expected) throws Exception {
        follow(new WatchedValues(rule("\"latched\":true," + LEVELS), "s", null), story);
        assertEquals(expected, told());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "latched     | 0:21 1:9 2:22 3:23 4:9 | null null 2 2",
        "latched     | 0:21 1:9 2:31 3:9 4:21 | null null 2 2 4",
        "not latched | 0:21 1:9 2:22 3:31 4:9 | null null 2 2 2",
        "not latched | 0:21 1:9 2:22 3:clear  | null null 2 2",
    })
    void itTellsWhenItCameBackLast(String kind, String story, String expected) throws Exception {
        follow(new WatchedValues(rule((kind.equals("latched") ? "\"latched\":true," : "") + LEVELS), "s", null), story);
        List<String> told = new ArrayList<>();
        for (OutgoingTransition transition : outgoing) {
            told.add(new ObjectMapper().readTree(transition.json()).path("came_back_at").asText().replaceAll("1970-01-01T00:00:0(\\d).000000Z", "$1"));
        }
        assertEquals(expected, String.join(" ", told));
    }

    @Test
    void anAlertThatWasSavedBeforeThereWereSuchTimesGoesOn() throws Exception {
        WatchedValues rule = follow(new WatchedValues(rule("\"latched\":true," + LEVELS), "s", null), "0:21 1:9");
        String saved = AlertJson.write(rule.save());
        String before = saved.replace("\"cleared_by\":null,\"came_back_at\":null,", "");
        assertNotEquals(saved, before);
        follow(new WatchedValues(rule.version(), "s", AlertJson.read(before, SavedRule.class)), "2:22");
        assertEquals("0:fired warning, 1:latched warning, 2:resumed warning", told());
    }

    @Test
    void withoutLatchedItClearsByItself() throws Exception {
        follow(new WatchedValues(rule(LEVELS), "s", null), "0:31 1:21 2:9");
        assertEquals("0:fired critical, 1:changed warning, 2:cleared warning", told());
    }

    @Test
    void whatWaitsIsSavedAlthoughItsReadingsAreQuietAgain() throws Exception {
        WatchedValues rule = follow(new WatchedValues(rule("\"latched\":true," + LEVELS), "s", null), "0:21 1:9 400:9");
        assertTrue(rule.hasState() && rule.isQuietAt(1, 0, 9));
        WatchedValues restored = new WatchedValues(rule.version(), "s", AlertJson.read(AlertJson.write(rule.save()), SavedRule.class));
        assertNull(follow(restored, "500:22 501:9 900:9 901:acknowledge").save(), "nothing is left of it");
        assertEquals("0:fired warning, 1:latched warning, 500:resumed warning, 501:latched warning, 901:acknowledged warning, 901:cleared warning", told());
        assertEquals(1, outgoing.stream().map(OutgoingTransition::alertId).collect(Collectors.toSet()).size());
        assertTrue(outgoing.get(5).json().contains("\"cleared_at\":\"1970-01-01T00:15:01.000000Z\""), outgoing.get(5).json());
    }
}
