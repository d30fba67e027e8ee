package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.contract.Parameters;
import sensorpipeline.reading.EventTime;
import sensorpipeline.reading.PlausibleRange;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.reading.RefusedReading;
import sensorpipeline.rules.AlertRule;
import sensorpipeline.rules.Severity;

/** What becomes of alerts when the program ends in the middle, with times of any length: a checkpoint stands for the database, a new object for a restart. */
class PartitionAlertsTest {

    private static final TopicPartition PARTITION = new TopicPartition("readings", 3);
    private static final Parameters CONTRACT = new Parameters();
    private static final ReadingParser PARSER = new ReadingParser();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant START = Instant.parse("2026-01-15T10:00:00Z");

    private static RuleVersion version(long change, long rule, String fields) {
        String metric = fields.contains("\"metric\"") || fields.contains("silent_for") || fields.contains("\"when\"") ? "" : "\"metric\":\"x\",";
        return new RuleVersion(change, rule, 0, 0, AlertRule.of(CONTRACT.readObject("AlertRule", "{\"name\":\"r%d\",%s%s}".formatted(rule, metric, fields))));
    }

    private static Change changed(RuleVersion version) {
        return new Change(version.changeId(), "default", "rule", version.ruleId(), version, null, null, null, null, null, START, null, null);
    }

    private static Change clear(long change, JsonNode alert) {
        return new Change(change, "default", "clear", 0, null, alert.path("id").asText(), alert.path("sensor_id").asText(), "somebody", null, null, START, null, null);
    }

    private static Change acknowledge(long change, JsonNode alert) {
        return new Change(change, "default", "acknowledge", 0, null, alert.path("id").asText(), alert.path("sensor_id").asText(), "somebody", null, null, START, null,
                Severity.of(alert.path("severity").asText()));
    }

    /** A program that evaluates one partition, its database, and what the topic of alerts has. */
    private static final class Program {

        private final List<ConsumerRecord<byte[], byte[]>> records;
        private final List<RuleVersion> rules = new ArrayList<>();
        private final List<Change> changes = new ArrayList<>();
        private final Map<SavedStates.Key, String> states = new HashMap<>();
        private Map<SavedStates.Key, SavedStates.Seen> seen = Map.of();
        private byte[] newest;
        private final Map<String, LateReadings.Span> late = new HashMap<>();
        /** By alert and event; those that are published again are not added. */
        private final Map<String, String> published = new LinkedHashMap<>();
        private int publications;
        private long next;
        private long changeId;
        private long appliedChange;
        /** Like those of the database. */
        private long raisedAt;
        private Set<SavedStates.Key> strangers = Set.of();
        private Map<SavedStates.Key, SavedStates.Seen> elsewhere = Map.of();
        private PartitionAlerts alerts;

        Program(List<ConsumerRecord<byte[], byte[]>> records, RuleVersion... rules) {
            this.records = records;
            for (RuleVersion rule : rules) {
                changes.add(changed(rule));
                this.rules.add(rule);
                changeId = rule.changeId();
                appliedChange = rule.changeId();
            }
            restart();
        }

        private Map<String, PlausibleRange> ranges() {
            Map<String, PlausibleRange> ranges = new HashMap<>();
            changes.stream().filter(change -> change.kind().equals("metric") && change.id() <= appliedChange).forEach(change -> ranges.compute(change.metric().metric(), (name, before) -> change.metric().range()));
            return ranges;
        }

        /** What was not saved is lost. */
        void restart() {
            Map<Long, RuleVersion> applied = new LinkedHashMap<>();
            changes.stream().filter(change -> change.kind().equals("rule") && change.id() <= appliedChange).forEach(change -> {
                if (change.version() == null) {
                    applied.remove(change.ruleId());
                } else {
                    applied.put(change.ruleId(), change.version());
                }
            });
            List<Change> toApply = changes.stream().filter(change -> change.id() > appliedChange && change.id() <= changeId).toList();
            alerts = new PartitionAlerts(PARTITION, "default", 6, new SavedStates(next, appliedChange, changeId, List.copyOf(applied.values()), ranges(), Map.copyOf(states), seen, newest, raisedAt, Set.copyOf(strangers), toApply));
        }

        void evaluateTo(long offset) {
            while (alerts.next() < offset) {
                ConsumerRecord<byte[], byte[]> record = records.get((int) alerts.next());
                try {
                    alerts.evaluate(record, PARSER.parse("default", record.value(), Instant.ofEpochMilli(record.timestamp())));
                } catch (RefusedReading e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        /** Evaluates, publishes and saves record by record. */
        void tellTo(long offset, boolean isKilled) throws InterruptedException {
            while (alerts.next() < offset) {
                evaluateTo(alerts.next() + 1);
                publish();
                save();
                if (isKilled) {
                    restart();
                }
            }
        }

        boolean watchSilence(long now) {
            int before = alerts.outgoing().size();
            alerts.watchSilence(now, partition -> elsewhere);
            return alerts.outgoing().size() > before;
        }

        void publish() {
            List<OutgoingTransition> outgoing = alerts.outgoing();
            outgoing.forEach(transition -> {
                publications++;
                published.putIfAbsent(transition.alertId() + " " + transition.eventId(), transition.kind() + " " + transition.json());
            });
            alerts.published(Set.copyOf(outgoing));
        }

        void save() throws InterruptedException {
            Checkpoint checkpoint = alerts.checkpoint();
            if (checkpoint != null) {
                write(checkpoint);
                alerts.saved(checkpoint);
            }
        }

        private void write(Checkpoint checkpoint) {
            assertEquals(next, checkpoint.previousNext());
            assertEquals(changeId, checkpoint.previousChange());
            next = checkpoint.next();
            changeId = checkpoint.changeId();
            appliedChange = checkpoint.appliedChange();
            seen = checkpoint.seen() == null ? seen : SeenRecords.read(SeenRecords.write(checkpoint.seen()));
            newest = checkpoint.newest() == null ? newest : checkpoint.newest();
            checkpoint.late().forEach((sensor, span) -> late.merge(sensor, span, LateReadings.Span::with));
            checkpoint.states().forEach((key, state) -> {
                if (state == null) {
                    states.remove(key);
                } else {
                    states.put(key, state);
                }
            });
        }

        void change(Change change) throws InterruptedException {
            changes.add(change);
            alerts.apply(List.of(change), this::write);
        }

        /** @return what was told of a sensor, in the order of the topic */
        List<String> told(String sensor) {
            return published.values().stream().map(PartitionAlertsTest::json).filter(alert -> alert.path("sensor_id").asText().equals(sensor))
                    .map(alert -> alert.path("kind").asText() + " " + alert.path("severity").asText()).toList();
        }

        /** @return the newest alert that is latched, or else the newest of all */
        JsonNode lastWaiting() {
            Map<String, JsonNode> alerts = new LinkedHashMap<>();
            published.values().stream().map(PartitionAlertsTest::json).forEach(alert -> alerts.put(alert.path("id").asText(), alert));
            return alerts.values().stream().filter(alert -> alert.path("latched").asBoolean()).reduce((one, another) -> another).orElseGet(this::last);
        }

        JsonNode last() {
            return json(List.copyOf(published.values()).get(published.size() - 1));
        }
    }

    private static JsonNode json(String transition) {
        try {
            String[] parts = transition.split(" ", 2);
            return ((ObjectNode) JSON.readTree(parts[1])).put("kind", parts[0]);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Records of readings as Kafka has them. */
    private static final class Records {

        private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

        Records add(String sensor, Duration at, Duration received, double value) {
            return add(received, "{\"sensor_id\":\"%s\",\"x\":%s,\"timestamp\":\"%s\"}".formatted(sensor, value, START.plus(at)));
        }

        Records add(String sensor, int second, double x, double y) {
            Duration at = Duration.ofSeconds(second);
            return add(at, "{\"sensor_id\":\"%s\",\"x\":%s,\"y\":%s,\"timestamp\":\"%s\"}".formatted(sensor, x, y, START.plus(at)));
        }

        Records add(String location, int second, String metric, double value) {
            Duration at = Duration.ofSeconds(second);
            return add(at, "{\"sensor_id\":\"s\",\"location\":\"%s\",\"%s\":%s,\"timestamp\":\"%s\"}".formatted(location, metric, value, START.plus(at)));
        }

        private Records add(Duration received, String reading) {
            byte[] json = reading.getBytes(StandardCharsets.UTF_8);
            records.add(new ConsumerRecord<>(PARTITION.topic(), PARTITION.partition(), records.size(), START.plus(received).toEpochMilli(), TimestampType.LOG_APPEND_TIME, 0, json.length, null,
                    json, new RecordHeaders(), Optional.empty()));
            return this;
        }

        Records add(String sensor, int second, double value) {
            return add(sensor, Duration.ofSeconds(second), Duration.ofSeconds(second), value);
        }
    }

    private static Records everyMinute(int minutes, double value) {
        Records records = new Records();
        for (int minute = 0; minute <= minutes; minute++) {
            records.add("s", minute * 60, value);
        }
        return records;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTenMinuteRuleKilledAtMinuteSevenFiresAtMinuteTen(boolean wasSaved) throws InterruptedException {
        Program program = new Program(everyMinute(20, 9).records, version(1, 1, "\"severity\":\"critical\",\"above\":5,\"for\":\"10m\""));
        program.evaluateTo(4);
        program.save();
        program.evaluateTo(8);
        if (wasSaved) {
            program.save();
        }
        program.restart();
        program.evaluateTo(10);
        program.publish();
        assertEquals(List.of(), program.told("s"));
        program.evaluateTo(21);
        program.publish();
        assertEquals(List.of("fired critical"), program.told("s"));
        assertEquals("2026-01-15T10:10:00.000000Z", program.last().path("fired_at").asText());
        assertEquals("2026-01-15T10:00:00.000000Z", program.last().path("started_at").asText());
    }

    @Test
    void aConditionThatEndedWhileTheProgramWasDownClearsOnce() throws InterruptedException {
        Records records = everyMinute(1, 9).add("s", 120, 1).add("s", 180, 1).add("s", 240, 1);
        Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
        program.evaluateTo(2);
        program.publish();
        program.save();
        program.restart();
        program.evaluateTo(4);
        program.publish();
        program.restart();
        program.evaluateTo(5);
        program.publish();
        assertEquals(List.of("fired critical", "cleared critical"), program.told("s"));
        assertEquals(3, program.publications, "that it cleared was published twice, with the same id");
    }

    @Test
    void aRestartWithAThousandAlertsPublishesNothing() throws InterruptedException {
        Records records = new Records();
        for (int i = 0; i < 1000; i++) {
            records.add("s" + i, i / 100, 9);
        }
        Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
        program.evaluateTo(1000);
        program.publish();
        program.save();
        assertEquals(1000, program.publications);
        program.restart();
        program.publish();
        assertEquals(1000, program.publications);
        assertEquals(1000, program.alerts.states());
    }

    @Test
    void whatIsClearedByHandIsClearedAtTheSamePlaceWheneverTheProgramIsKilled() throws InterruptedException {
        Records records = everyMinute(5, 9);
        for (int killedBefore = 0; killedBefore < 3; killedBefore++) {
            Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
            program.evaluateTo(2);
            program.publish();
            program.change(clear(2, program.last()));
            if (killedBefore == 0) {
                program.restart();
            }
            program.publish();
            if (killedBefore == 1) {
                program.restart();
                program.publish();
            }
            program.evaluateTo(4);
            program.publish();
            if (killedBefore == 2) {
                program.restart();
                program.evaluateTo(4);
                program.publish();
            }
            assertEquals(List.of("fired critical", "cleared critical", "fired critical"), program.told("s"), "killed before " + killedBefore);
        }
    }

    @Test
    void aChangedRuleKeepsAPendingAlertAlsoIfTheProgramIsKilled() throws InterruptedException {
        for (int killed = 0; killed < 2; killed++) {
            Program program = new Program(everyMinute(12, 9).records, version(1, 1, "\"severity\":\"warning\",\"above\":5,\"for\":\"10m\""));
            program.evaluateTo(6);
            program.change(changed(version(2, 1, "\"severity\":\"critical\",\"above\":5,\"for\":\"10m\"")));
            if (killed == 1) {
                program.restart();
            }
            program.evaluateTo(13);
            program.publish();
            assertEquals(List.of("fired critical"), program.told("s"));
            assertEquals("2026-01-15T10:10:00.000000Z", program.last().path("fired_at").asText());
        }
    }

    @Test
    void aConditionAppliesToReadingsThatHaveItsMetricsAlsoIfTheProgramIsKilled() throws InterruptedException {
        Records records = new Records().add("s", 0, 9).add("s", 1, 9, 1).add("s", 3, 1).add("s", 6, 9, 1).add("s", 8, 0).add("s", 11, 9, 2.5).add("s", 12, 9).add("s", 13, 9, 7);
        for (int killedBefore = 1; killedBefore < 8; killedBefore++) {
            Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"when\":\"x > 5 && y < 5\",\"for\":\"10s\""));
            program.evaluateTo(killedBefore);
            program.publish();
            program.save();
            program.restart();
            program.evaluateTo(7);
            program.publish();
            assertEquals(List.of("fired critical"), program.told("s"));
            JsonNode alert = program.last();
            assertEquals("x > 5 && y < 5 with x 9, y 2.5", alert.path("message").asText());
            assertEquals("2026-01-15T10:00:01.000000Z", alert.path("started_at").asText());
            assertEquals("2026-01-15T10:00:11.000000Z", alert.path("fired_at").asText());
            assertTrue(alert.path("metric").isNull() && alert.path("value").isNull(), alert::toString);
            program.evaluateTo(8);
            program.publish();
            assertEquals(List.of("fired critical", "cleared critical"), program.told("s"));
        }
    }

    @Test
    void withAnotherConditionAnAlertStaysUntilItsReadingsEndItAndAPendingOneBeginsAnew() throws InterruptedException {
        Records records = new Records().add("s", 0, 9, 1).add("t", 0, 9, 1).add("s", 10, 9, 1).add("t", 18, 9, 1).add("t", 27, 9, 1).add("t", 28, 9, 1).add("s", 29, 1, 1);
        for (int killed = 0; killed < 2; killed++) {
            Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"when\":\"x > 5 && y < 5\",\"for\":\"10s\""));
            program.evaluateTo(3);
            program.publish();
            program.change(changed(version(2, 1, "\"severity\":\"critical\",\"when\":\"x > 6 && y < 5\",\"for\":\"10s\"")));
            if (killed == 1) {
                program.restart();
            }
            program.evaluateTo(5);
            program.publish();
            assertEquals(List.of(), program.told("t"), "for nine seconds, the new condition");
            assertEquals(List.of("fired critical"), program.told("s"));
            program.evaluateTo(7);
            program.publish();
            assertEquals(List.of("fired critical"), program.told("t"));
            assertEquals("2026-01-15T10:00:28.000000Z", json(List.copyOf(program.published.values()).get(1)).path("fired_at").asText());
            assertEquals(List.of("fired critical", "cleared critical"), program.told("s"));
            program.change(changed(version(3, 1, "\"severity\":\"critical\",\"when\":\"x > 6 && z < 5\"")));
            program.publish();
            assertEquals(List.of("fired critical", "cleared critical"), program.told("t"), "a reading without z would never end it");
        }
    }

    private static Change declared(long change, Double least) {
        return new Change(change, "default", "metric", 0, null, null, null, null, null, null, START, new DeclaredMetric("x", least, null), null);
    }

    @Test
    void valuesThatAreDeclaredImplausibleFireNothingAlsoIfTheProgramIsKilled() throws InterruptedException {
        Records records = new Records();
        for (int second = 0; second < 6; second++) {
            records.add("s", Duration.ofSeconds(second), Duration.ofSeconds(second), second < 5 ? -999 : -5);
        }
        Program program = new Program(records.records, version(1, 1, "\"below\":0,\"severity\":\"critical\""));
        program.change(declared(2, -100.0));
        program.evaluateTo(2);
        program.restart();
        program.evaluateTo(3);
        program.save();
        program.restart();
        program.evaluateTo(4);
        program.publish();
        assertEquals(List.of(), program.told("s"));
        program.change(declared(3, null));
        program.evaluateTo(5);
        program.publish();
        assertEquals(List.of("fired critical"), program.told("s"));
        program.change(declared(4, -100.0));
        program.evaluateTo(6);
        program.publish();
        assertEquals(List.of("fired critical"), program.told("s"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"metric\":\"x\",\"above\":5", "\"when\":\"x > 5\""})
    void anOldReadingFiresNothingThoughNoAlertIsOpenAlsoIfTheProgramIsKilled(String limit) throws InterruptedException {
        Records records = new Records().add("s", 10, 1).add("s", Duration.ofSeconds(9), Duration.ofSeconds(11), 9).add("t", 12, 1).add("s", Duration.ofSeconds(10), Duration.ofSeconds(13), 9);
        for (int killedBefore = 1; killedBefore < 4; killedBefore++) {
            Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\"," + limit));
            program.evaluateTo(killedBefore);
            program.publish();
            program.save();
            program.restart();
            program.evaluateTo(3);
            program.publish();
            assertEquals(List.of(), program.told("s"));
            program.evaluateTo(4);
            program.publish();
            assertEquals(List.of(), program.told("s"), "of the same time as the newest");
            program.save();
            long late = EventTime.micros(START.plusSeconds(9));
            assertEquals(Map.of("s", new LateReadings.Span(late, late, EventTime.micros(START.plusSeconds(11)))), program.late, "it is evaluated with what is stored");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"metric\":\"x\",\"above\":5", "\"when\":\"x > 5\""})
    void ofReadingsOfOneTimeAndLocationTheFirstCountsAlsoIfTheProgramIsKilled(String limit) throws InterruptedException {
        Records records = new Records().add("a", 10, "x", 1).add("a", 10, "x", 9).add("a", 10, "y", 9).add("b", 10, "x", 9).add("b", 10, "x", 1).add("b", 20, "x", 1);
        for (boolean isKilled : new boolean[] {false, true}) {
            Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\"," + limit), version(2, 2, "\"severity\":\"info\",\"metric\":\"y\",\"above\":5"));
            program.tellTo(3, isKilled);
            assertEquals(List.of("fired info"), program.told("s"), "the other metric was not there before");
            program.tellTo(5, isKilled);
            assertEquals(List.of("fired info", "fired critical"), program.told("s"), "from another location it is another reading");
            program.tellTo(6, isKilled);
            assertEquals(List.of("fired info", "fired critical", "cleared critical"), program.told("s"));
        }
    }

    @Test
    void timesThatAreTooFarAheadToBeTrueAreNotOneTime() throws InterruptedException {
        Records records = new Records().add("s", Duration.ofSeconds(100), Duration.ZERO, 1).add("s", Duration.ofSeconds(101), Duration.ZERO, 9);
        Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
        program.evaluateTo(2);
        program.publish();
        assertEquals(List.of("fired critical"), program.told("s"));
    }

    @Test
    void aReadingFromElsewhereEndsAnAlertAlsoIfItHasOtherMetricsOrTheProgramIsKilled() throws InterruptedException {
        Records records = new Records().add("icu-1", 10, "x", 9).add("ward", 9, "y", 1).add("ward", 11, "y", 1).add("ward", 12, "x", 9).add("icu-2", 13, "x", 9);
        for (boolean isKilled : new boolean[] {false, true}) {
            Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"above\":5,\"locations\":[\"icu-*\"]"));
            program.tellTo(2, isKilled);
            assertEquals(List.of("fired critical"), program.told("s"), "the other one is older");
            program.tellTo(3, isKilled);
            assertEquals(List.of("fired critical", "cleared critical"), program.told("s"));
            assertEquals("icu-1", program.last().path("location").asText());
            program.tellTo(4, isKilled);
            assertEquals(2, program.told("s").size());
            program.tellTo(5, isKilled);
            assertEquals(List.of("fired critical", "cleared critical", "reopened critical"), program.told("s"));
            assertEquals("icu-2", program.last().path("location").asText());
        }
    }

    @Test
    void metricsThatComeInReadingsOfTheirOwnDoNotMakeOthersOld() throws InterruptedException {
        Records records = new Records().add("s", 0, 1, 1).add(Duration.ofSeconds(10), "{\"sensor_id\":\"s\",\"y\":1,\"timestamp\":\"2026-01-15T10:00:10Z\"}")
                .add("s", Duration.ofSeconds(8), Duration.ofSeconds(11), 9).add("s", 9, 9, 9);
        Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"above\":5"), version(2, 2, "\"severity\":\"warning\",\"metric\":\"y\",\"above\":5"),
                version(3, 3, "\"severity\":\"info\",\"when\":\"x > 5 && y > 5\""));
        program.evaluateTo(2);
        program.save();
        program.restart();
        program.evaluateTo(3);
        program.publish();
        assertEquals(List.of("fired critical"), program.told("s"));
        program.evaluateTo(4);
        program.publish();
        assertEquals(List.of("fired critical", "fired info"), program.told("s"), "a condition is about both");
    }

    @Test
    void aClockThatIsSetBackSilencesItsSensorForAMinute() throws InterruptedException {
        Records records = new Records();
        for (int second = 0; second < 400; second += 5) {
            int setBack = second < 100 ? 0 : second < 200 ? 180 : 4000;
            records.add("s", Duration.ofSeconds(second - setBack), Duration.ofSeconds(second), second < 100 ? 1 : 9);
        }
        for (int killedBefore = 15; killedBefore < 33; killedBefore++) {
            Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
            program.evaluateTo(killedBefore);
            program.publish();
            program.save();
            program.restart();
            program.evaluateTo(32);
            program.publish();
            assertEquals(List.of(), program.told("s"));
            program.evaluateTo(33);
            program.publish();
            assertEquals(List.of("fired critical"), program.told("s"));
            assertEquals("2026-01-15T09:59:40.000000Z", program.last().path("fired_at").asText());
        }
        for (int i = 0; i < 3; i++) {
            records.records.remove(records.records.size() - 1);
        }
        int end = records.records.size();
        records.add("zone", Duration.ofMinutes(10), Duration.ofMinutes(10), 1);
        for (int second = 605; second < 670; second += 5) {
            records.add("zone", Duration.ofSeconds(second - 3600), Duration.ofSeconds(second), 9);
        }
        records.add("zone", Duration.ofSeconds(670 - 3600), Duration.ofSeconds(670), 1).add("zone", Duration.ofSeconds(669 - 3600), Duration.ofSeconds(671), 9);
        for (int killedBefore = end + 1; killedBefore < records.records.size(); killedBefore++) {
            Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
            program.evaluateTo(killedBefore);
            program.publish();
            program.save();
            program.restart();
            program.evaluateTo(records.records.size());
            program.publish();
            assertEquals(List.of("fired critical", "cleared critical"), program.told("zone"), "after a minute, and an old one of a slow clock fires nothing");
        }
    }

    @Test
    void sensorsAreFollowedForSomeMinutes() throws InterruptedException {
        Records records = new Records();
        for (int i = 0; i < 1000; i++) {
            records.add("gone-" + i, 30, 1);
        }
        Program program = new Program(records.add("s", 419, 1).add("s", 420, 1).add("u", 420, 1).records, version(1, 1, "\"severity\":\"critical\",\"above\":5,\"sensors\":[\"s\",\"gone-*\"]"));
        program.evaluateTo(1001);
        program.save();
        assertEquals(1001, NewestReadings.read(program.newest).size());
        program.evaluateTo(1003);
        program.save();
        assertEquals(Set.of("s"), NewestReadings.read(program.newest).keySet());
    }

    @Test
    void aFastClockDoesNotFreezeASensor() {
        Records records = new Records().add("s", Duration.ofHours(5), Duration.ZERO, 9).add("s", 120, 1).add("s", 180, 9);
        Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
        program.evaluateTo(3);
        program.publish();
        assertEquals(List.of("fired critical", "cleared critical", "reopened critical"), program.told("s"));
    }

    @Test
    void aLateBatchPagesNobodyButAWrongTimeZoneSilencesNoSensor() {
        Records records = new Records();
        for (int minute = 0; minute < 120; minute++) {
            records.add("backlog", Duration.ofMinutes(minute), Duration.ofMinutes(120).plusMillis(minute * 20L), 9);
        }
        for (int second = 0; second < 90; second += 5) {
            records.add("zone", Duration.ofSeconds(second).minusHours(1), Duration.ofSeconds(second), 9);
        }
        Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
        program.evaluateTo(records.records.size());
        program.publish();
        assertEquals(List.of("fired critical"), program.told("backlog"), "by those of the last five minutes");
        assertEquals("2026-01-15T11:56:00.000000Z", json(List.copyOf(program.published.values()).get(0)).path("fired_at").asText());
        assertEquals(List.of("fired critical"), program.told("zone"));
        assertEquals("2026-01-15T09:01:00.000000Z", program.last().path("fired_at").asText(), "after a minute");
    }

    private static Program watchingSilence(Records records, String fields) {
        return new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"silent_for\":\"10m\"" + fields));
    }

    private static long time(int seconds) {
        return START.plusSeconds(seconds).toEpochMilli();
    }

    @Test
    void aSilentSensorIsToldOnceItsTimeIsUpAndClearsWithItsNextReading() throws InterruptedException {
        Program program = watchingSilence(new Records().add("s", 0, 1).add("s", 3600, 1), "");
        program.evaluateTo(1);
        assertFalse(program.watchSilence(time(600)));
        assertTrue(program.watchSilence(time(601)));
        assertFalse(program.watchSilence(time(602)), "once");
        program.publish();
        assertEquals("no reading for 10 min", program.last().path("message").asText());
        assertEquals("2026-01-15T10:00:00.000000Z", program.last().path("started_at").asText());
        assertEquals("2026-01-15T10:10:00.000000Z", program.last().path("fired_at").asText());
        program.save();
        program.restart();
        assertFalse(program.watchSilence(time(700)), "nor after a restart");
        program.evaluateTo(2);
        program.publish();
        assertEquals(List.of("fired critical", "cleared critical"), program.told("s"));
    }

    @Test
    void silenceGoesOnWhileTheProgramIsDown() throws InterruptedException {
        Program program = watchingSilence(new Records().add("s", 0, 1), "");
        program.evaluateTo(1);
        program.save();
        program.restart();
        assertFalse(program.watchSilence(time(600)));
        assertTrue(program.watchSilence(time(601)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -10 | false |
            0   | false |
            10  | true  |
            -10 | false | ,"schedule":{"from":"00:00","to":"00:00","tz":"Europe/Berlin"}
            0   | false | ,"schedule":{"from":"00:00","to":"00:00","tz":"Europe/Berlin"}
            10  | true  | ,"schedule":{"from":"00:00","to":"00:00","tz":"Europe/Berlin"}
            """)
    void whetherAReadingWasInTimeIsToldByKafkasTimesAlone(int milliseconds, boolean isSilent, String schedule) {
        Records records = new Records();
        long received = 0;
        for (int i = 0; i < 10_000; i++) {
            records.add("s", Duration.ofMillis(received), Duration.ofMillis(received), 1);
            received += Duration.ofMinutes(10).toMillis() + milliseconds;
        }
        Program program = watchingSilence(records, schedule == null ? "" : schedule);
        program.evaluateTo(10_000);
        program.publish();
        assertEquals(isSilent ? 2 * 9_999 : 0, program.publications);
    }

    @Test
    void aSensorThatNeverSentAndAMetricThatIsMissingAreTold() {
        String never = Stream.iterate(0, i -> i + 1).map(i -> "never-" + i).filter(id -> SavedStates.partitionOf(id, 6) == PARTITION.partition()).findFirst().orElseThrow();
        Program program = watchingSilence(new Records(), ",\"sensors\":[\"" + never + "\",\"other-*\"]");
        assertTrue(program.watchSilence(time(0)), "since the rule was created");
        program.publish();
        assertEquals(List.of("fired critical"), program.told(never));
        Program metric = watchingSilence(new Records().add("s", 0, 1).add("s", 300, 1), ",\"metric\":\"y\"");
        metric.evaluateTo(2);
        assertFalse(metric.watchSilence(time(5000)), "it never sent that metric");
        Program sent = watchingSilence(new Records().add("s", 0, 1).add("s", 300, 1), "");
        sent.evaluateTo(2);
        assertFalse(sent.watchSilence(time(900)));
        assertTrue(sent.watchSilence(time(901)));
    }

    @Test
    void aSensorThatHasLeftIsNotWaitedForUntilItIsBackAlsoIfTheProgramIsKilled() throws InterruptedException {
        Records records = new Records().add("icu-1", 0, "x", 1).add("ward", 300, "y", 1).add("icu-1", 6000, "x", 1).add("ward", 6700, "y", 1);
        Program program = watchingSilence(records, ",\"locations\":[\"icu-*\"]");
        program.evaluateTo(2);
        assertFalse(program.watchSilence(time(5000)));
        program.save();
        program.restart();
        assertFalse(program.watchSilence(time(5000)));
        program.evaluateTo(3);
        program.save();
        program.restart();
        assertTrue(program.watchSilence(time(6601)));
        program.publish();
        program.save();
        program.restart();
        program.evaluateTo(4);
        program.publish();
        assertEquals(List.of("fired critical", "cleared critical"), program.told("s"));
        assertFalse(program.watchSilence(time(9000)));
        Program named = watchingSilence(records, ",\"sensors\":[\"s\"],\"locations\":[\"theatre\"]");
        named.evaluateTo(1);
        assertFalse(named.watchSilence(time(5000)), "it is known to be elsewhere");
    }

    @Test
    void whatIsClearedByHandFiresAnewIfTheSilenceLasts() throws InterruptedException {
        Program program = watchingSilence(new Records().add("s", 0, 1), "");
        program.evaluateTo(1);
        program.watchSilence(time(1000));
        program.publish();
        JsonNode alert = program.last();
        Change clear = new Change(2, "default", "clear", 1, null, alert.path("id").asText(), "s", "somebody", null, null, START.plusSeconds(1000), null, null);
        program.change(clear);
        program.publish();
        assertFalse(program.watchSilence(time(1600)));
        assertTrue(program.watchSilence(time(1601)));
        program.publish();
        assertEquals(List.of("fired critical", "cleared critical", "fired critical"), program.told("s"));
        program.change(new Change(3, "default", "retire", 0, null, null, "s", null, null, null, START.plusSeconds(1700), null, null));
        program.publish();
        assertEquals(List.of("fired critical", "cleared critical", "fired critical", "cleared critical"), program.told("s"));
        assertFalse(program.watchSilence(time(9000)), "it is gone");
        program.save();
        program.restart();
        assertFalse(program.watchSilence(time(9000)), "also after a restart");
    }

    @Test
    void silenceThatComesBackSoonIsTheSameAlertAndFlapsIfItDoesOften() throws InterruptedException {
        Records records = new Records().add("s", 0, 1);
        for (int second = 70; second < 700; second += 70) {
            records.add("s", second, 1);
        }
        for (int second = 700; second < 1100; second += 10) {
            records.add("s", second, 1);
        }
        Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"silent_for\":\"1m\""));
        program.evaluateTo(8);
        program.publish();
        program.save();
        program.restart();
        program.evaluateTo(records.records.size());
        program.publish();
        assertEquals(List.of("fired critical", "cleared critical", "reopened critical", "cleared critical", "reopened critical", "cleared critical"), program.told("s"));
        assertTrue(program.last().path("flapping").asBoolean());
        assertEquals("2026-01-15T10:16:50.000000Z", program.last().path("cleared_at").asText(), "five minutes after its last end");
        assertEquals(0, program.alerts.states());
    }

    /** From 10:00 to 10:30 UTC each day, of which the first begins with the records. */
    private static final String HALF_AN_HOUR = ",\"schedule\":{\"from\":\"10:00\",\"to\":\"10:30\"}";
    private static final int DAY = 86_400;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aSensorThatStaysSilentForDaysIsAnotherAlertInEachSpanWhoeverIsKilledWhenever(int killed) throws InterruptedException {
        Program program = watchingSilence(new Records().add("s", 0, 1).add("s", 3 * DAY, 1), HALF_AN_HOUR);
        program.evaluateTo(1);
        for (int day = 0; day < 3; day++) {
            for (int second : List.of(601, 1799, 1801, 7200, DAY - 1)) {
                program.watchSilence(time(day * DAY + second));
                if (killed == 1) {
                    // Nothing of it is saved.
                    program.publish();
                    program.restart();
                    program.evaluateTo(1);
                } else if (killed > 1) {
                    program.publish();
                    program.save();
                    if (killed == 2) {
                        program.restart();
                    }
                }
            }
        }
        program.evaluateTo(2);
        program.publish();
        assertEquals(List.of("fired critical", "cleared critical", "fired critical", "cleared critical", "fired critical", "cleared critical"), program.told("s"));
        List<JsonNode> alerts = program.published.values().stream().map(PartitionAlertsTest::json).filter(alert -> alert.path("kind").asText().equals("cleared")).toList();
        assertEquals(3, alerts.stream().map(alert -> alert.path("id").asText()).distinct().count());
        assertEquals(List.of("2026-01-15T10:30:00.000000Z", "2026-01-16T10:30:00.000000Z", "2026-01-17T10:30:00.000000Z"), alerts.stream().map(alert -> alert.path("cleared_at").asText()).toList());
        assertEquals(List.of("2026-01-15T10:00:00.000000Z", "2026-01-16T10:00:00.000000Z", "2026-01-17T10:00:00.000000Z"), alerts.stream().map(alert -> alert.path("started_at").asText()).toList());
        assertEquals("2026-01-17T10:10:00.000000Z", alerts.get(2).path("fired_at").asText());
        assertEquals(0, program.alerts.states(), "the sensor sends again");
    }

    @Test
    void aSensorThatNeverSentIsToldInEachSpan() throws InterruptedException {
        String never = Stream.iterate(0, i -> i + 1).map(i -> "never-" + i).filter(id -> SavedStates.partitionOf(id, 6) == PARTITION.partition()).findFirst().orElseThrow();
        Program program = new Program(List.of(), new RuleVersion(1, 1, time(60), time(60), version(1, 1, "\"severity\":\"critical\",\"silent_for\":\"10m\",\"sensors\":[\"" + never + "\"]" + HALF_AN_HOUR).rule()));
        assertFalse(program.watchSilence(time(660)));
        assertTrue(program.watchSilence(time(661)));
        program.publish();
        program.save();
        program.restart();
        assertTrue(program.watchSilence(time(1801)));
        program.publish();
        assertFalse(program.watchSilence(time(DAY)));
        assertTrue(program.watchSilence(time(DAY + 601)));
        program.publish();
        assertEquals(List.of("fired critical", "cleared critical", "fired critical"), program.told(never));
        assertEquals(3, program.publications);
    }

    @Test
    void anAlertEndsWithItsSpanAlsoIfTheSensorMaySendElsewhere() {
        Program program = watchingSilence(new Records().add("s", 0, 1), HALF_AN_HOUR);
        program.raisedAt = time(0);
        program.restart();
        program.evaluateTo(1);
        assertTrue(program.watchSilence(time(601)));
        program.elsewhere = Map.of(new SavedStates.Key("s", 1), new SavedStates.Seen(time(900), 7, null));
        assertTrue(program.watchSilence(time(DAY + 601)));
        program.publish();
        assertEquals(List.of("fired critical", "cleared critical"), program.told("s"), "and it is not waited for in the next span");
    }

    @ParameterizedTest
    @CsvSource({"10:05, 10:30, 0", "11:00, 11:30, 1", "10:05, 11:00, 0"})
    void anAlertGoesOnWithAnotherScheduleUnlessThatDoesNotCoverTheMoment(String from, String to, int cleared) throws InterruptedException {
        Program program = watchingSilence(new Records().add("s", 0, 1), HALF_AN_HOUR);
        program.evaluateTo(1);
        program.watchSilence(time(601));
        program.publish();
        program.save();
        RuleVersion changed = new RuleVersion(2, 1, 0, time(900), version(2, 1, "\"severity\":\"critical\",\"silent_for\":\"10m\",\"schedule\":{\"from\":\"%s\",\"to\":\"%s\"}".formatted(from, to)).rule());
        program.change(new Change(2, "default", "rule", 1, changed, null, null, null, null, null, START.plusSeconds(900), null, null));
        program.publish();
        assertEquals(1 + cleared, program.publications);
        program.save();
        program.restart();
        assertFalse(program.watchSilence(time(1800)), "the end of the former schedule");
        long end = changed.rule().spanFrom(time(900)).end();
        assertTrue(program.watchSilence(cleared == 0 ? end + 1 : end - 1));
        program.publish();
        assertEquals(cleared == 0 ? List.of("fired critical", "cleared critical") : List.of("fired critical", "cleared critical", "fired critical"), program.told("s"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"latched\":true"})
    void whoAcknowledgesOrShelvesAWarningHasNotDoneSoForWhatBecameCriticalMeanwhile(String latched) throws InterruptedException {
        Program program = new Program(new Records().add("s", 0, 6).add("s", 1, 20).add("s", 2, 1).records,
                version(1, 1, "\"levels\":[{\"severity\":\"warning\",\"above\":5},{\"severity\":\"critical\",\"above\":9}]" + latched));
        program.tellTo(1, false);
        JsonNode warning = program.last();
        program.tellTo(2, false);
        program.change(acknowledge(2, warning));
        program.change(new Change(3, "default", "shelve", 0, null, warning.path("id").asText(), "s", "somebody", null, START.plusSeconds(3600), START, null, Severity.WARNING));
        program.publish();
        assertEquals(List.of("fired warning", "changed critical"), program.told("s"));
        program.tellTo(3, true);
        assertEquals(List.of("fired warning", "changed critical", (latched.isEmpty() ? "cleared" : "latched") + " critical"), program.told("s"));
        if (!latched.isEmpty()) {
            program.change(acknowledge(4, program.last()));
            program.publish();
            assertEquals("cleared", program.last().path("state").asText(), "who knows how severe it is acknowledges it");
        }
    }

    @Test
    void whoAcknowledgesWhatWasCriticalKnowsOfThatIfItComesBack() throws InterruptedException {
        Program program = new Program(new Records().add("s", 0, 20).add("s", 1, 6).add("s", 2, 20).records,
                version(1, 1, "\"levels\":[{\"severity\":\"warning\",\"above\":5},{\"severity\":\"critical\",\"above\":9}]"));
        program.tellTo(1, false);
        JsonNode critical = program.last();
        program.tellTo(2, false);
        program.change(acknowledge(2, critical));
        program.tellTo(3, true);
        assertFalse(program.last().path("acknowledged").isNull(), program.last()::toString);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            a level that fires still does beside one that is added   | 10 | {"severity":"critical","above":9}                                                                  | 20 | {"severity":"info","above":3},{"severity":"critical","above":9}        | fired critical
            one that is about to fire fires when it would have       | 10 | {"severity":"critical","above":9}                                                                  | 10 | {"severity":"warning","above":5},{"severity":"critical","above":9}     | fired critical
            one that is removed is no other                          | 6  | {"severity":"warning","above":5},{"severity":"critical","above":20}                               | 20 | {"severity":"critical","above":20}                                     | fired warning, cleared warning
            one level with another severity is the same              | 10 | {"severity":"critical","above":9}                                                                  | 20 | {"severity":"warning","above":9}                                       | fired critical, changed warning
            """)
    void aRuleWithOtherLevelsKeepsWhatIsStillTrue(String promise, double value, String before, int changedAfter, String next, String told) throws InterruptedException {
        Records records = new Records();
        for (int second = 0; second < 30; second++) {
            records.add("s", second, value);
        }
        Program program = new Program(records.records, version(1, 1, "\"for\":\"14s\",\"levels\":[" + before + "]"));
        program.tellTo(changedAfter, false);
        program.change(changed(version(2, 1, "\"for\":\"14s\",\"levels\":[" + next + "]")));
        program.tellTo(changedAfter + 9, false);
        assertEquals(told, String.join(", ", program.told("s")));
    }

    @Test
    void thatAClockIsSlowIsKnownAfterARestart() throws InterruptedException {
        Records records = new Records().add("s", Duration.ZERO, Duration.ZERO, 1);
        for (int received : new int[] {30, 100}) {
            records.add(Duration.ofSeconds(received), "{\"sensor_id\":\"s\",\"z\":1,\"timestamp\":\"%s\"}".formatted(START.plusSeconds(received - 720)));
        }
        records.add("s", Duration.ofSeconds(105 - 720), Duration.ofSeconds(105), 9);
        Program program = new Program(records.records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
        program.tellTo(1, false);
        program.tellTo(4, true);
        assertEquals(List.of("fired critical"), program.told("s"));
    }

    private static final String RATE = "\"severity\":\"warning\",\"rate\":\"2m\",\"above\":2";

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 11, 12, 13, 20, 24})
    void aRateGoesOnWhereverTheProgramIsKilled(int killedBefore) throws InterruptedException {
        Records records = new Records();
        for (int i = 0; i < 30; i++) {
            records.add("s", i * 10, i < 18 ? i : 18);
        }
        for (boolean isSaved : new boolean[] {true, false}) {
            Program program = new Program(records.records, version(1, 1, RATE));
            program.evaluateTo(killedBefore / 2);
            program.save();
            program.evaluateTo(killedBefore);
            program.publish();
            if (isSaved) {
                program.save();
            }
            program.restart();
            program.evaluateTo(30);
            program.publish();
            assertEquals(List.of("fired warning", "cleared warning"), program.told("s"));
            assertEquals("x rises by 6 per minute, above 2", program.last().path("message").asText());
            assertEquals("2026-01-15T10:01:50.000000Z", program.last().path("fired_at").asText());
            assertEquals("2026-01-15T10:04:20.000000Z", program.last().path("cleared_at").asText());
        }
    }

    @Test
    void aWindowIsSavedOnceForEachTwelfthOfTheSpanAndForgottenSomeTimeAfterTheLastReading() throws InterruptedException {
        Records records = new Records();
        for (int second = 0; second < 120; second++) {
            records.add("s", second, 1);
        }
        for (int second = 120; second < 1800; second += 60) {
            records.add("other", second, 1);
        }
        Program program = new Program(records.records, version(1, 1, RATE));
        int saved = 0;
        for (int offset = 1; offset <= 120; offset++) {
            program.evaluateTo(offset);
            saved += program.alerts.checkpoint().states().size();
        }
        assertEquals(12, saved);
        program.restart();
        program.evaluateTo(121);
        program.save();
        assertEquals(Set.of("s", "other"), program.states.keySet().stream().map(SavedStates.Key::sensorId).collect(Collectors.toSet()));
        program.evaluateTo(records.records.size());
        program.save();
        assertEquals(Set.of("other"), program.states.keySet().stream().map(SavedStates.Key::sensorId).collect(Collectors.toSet()));
    }

    @Test
    void sensorIdsThatAreMadeUpAreForgotten() {
        Records records = new Records().add("s", 0, 9);
        for (int i = 0; i < 100_001; i++) {
            records.add("random-" + i, 1, 1);
        }
        Program program = new Program(records.add("s", 2, 1).records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
        program.evaluateTo(records.records.size());
        program.publish();
        assertEquals(List.of("fired critical", "cleared critical"), program.told("s"), "but not one that has an alert");
        assertTrue(program.alerts.sensors() < 10);
    }

    @Test
    void aStateThatCannotBeReadBeginsAnew() throws InterruptedException {
        Program program = new Program(everyMinute(3, 9).records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
        program.evaluateTo(1);
        program.publish();
        program.save();
        program.states.replaceAll((key, state) -> "{\"rule\":7}");
        program.restart();
        program.evaluateTo(2);
        program.publish();
        assertEquals(List.of("fired critical", "fired critical"), program.told("s"));
    }

    @Test
    void whatIsNotPublishedIsNotSaved() throws InterruptedException {
        Program program = new Program(everyMinute(3, 9).records, version(1, 1, "\"severity\":\"critical\",\"above\":5"));
        program.evaluateTo(2);
        program.save();
        program.restart();
        program.evaluateTo(2);
        program.publish();
        assertEquals(List.of("fired critical"), program.told("s"));
    }

    /** Of a few hours, or with a short break. */
    private static String randomSchedule(Random random) {
        int hour = random.nextInt(20);
        return ",\"schedule\":{\"from\":\"%02d:%02d\",\"to\":\"%02d:%02d\"}".formatted(hour, random.nextInt(30) + 30, hour + (random.nextBoolean() ? 0 : 3), random.nextInt(30));
    }

    private static List<RuleVersion> randomRules(Random random) {
        List<RuleVersion> rules = new ArrayList<>();
        for (int rule = 1; rule <= 9; rule++) {
            String delays = "\"for\":\"%ds\",\"clear_for\":\"%ds\"".formatted(random.nextInt(3) * random.nextInt(60), random.nextInt(3) * random.nextInt(60));
            String limit = switch (rule == 2 ? 2 : random.nextInt(5)) {
                case 0 -> "\"severity\":\"critical\",\"above\":6,\"clear_below\":4,\"sensors\":[\"s1*\",\"s2\"]";
                case 1 -> "\"severity\":\"info\",\"outside\":[2,8],\"limits\":{}";
                case 2 -> "\"severity\":\"warning\",\"rate\":\"%ds\",\"outside\":[-3,3],\"clear_below\":1".formatted(10 + random.nextInt(120));
                case 3 -> "\"rate\":\"1m\",\"levels\":[{\"severity\":\"info\",\"above\":2},{\"severity\":\"critical\",\"above\":4,\"clear_below\":1}]";
                default -> "\"levels\":[{\"severity\":\"warning\",\"below\":4},{\"severity\":\"critical\",\"below\":2}]";
            };
            rules.add(version(rule, rule, switch (rule) {
                case 5, 6, 7 -> "\"severity\":\"info\",\"silent_for\":\"%ds\"".formatted(20 + random.nextInt(40)) + (rule == 5 ? "" : randomSchedule(random));
                case 8 -> "\"metric\":\"y\"," + limit + "," + delays;
                case 9 -> "\"severity\":\"info\",\"when\":\"u > %d && v < 8\",".formatted(random.nextInt(8)) + delays;
                default -> limit + "," + delays + (rule <= 2 || random.nextInt(3) == 0 ? ",\"latched\":true" : "");
            } + (rule % 4 < 2 ? ",\"locations\":[\"here\"]" : "")));
        }
        return rules;
    }

    private static String randomLocation(Random random) {
        return switch (random.nextInt(300)) {
            case 0 -> ",\"location\":\"away\"";
            case 1, 2 -> "";
            default -> ",\"location\":\"here\"";
        };
    }

    private static Records randomRecords(Random random) {
        Records records = new Records();
        Map<String, Double> values = new HashMap<>();
        long second = 0;
        for (int i = 0; i < 20_000; i++) {
            second += random.nextInt(200) == 0 ? 600 : random.nextInt(2);
            String sensor = "s" + random.nextInt(12);
            double value = values.merge(sensor, (double) random.nextInt(5) - 2, (before, step) -> Math.max(0, Math.min(10, before + step)));
            long late = switch (random.nextInt(20)) {
                case 0 -> random.nextInt(900);
                case 1 -> -random.nextInt(900);
                case 2, 3 -> random.nextInt(30);
                default -> 0;
            };
            String fields = switch (random.nextInt(5)) {
                case 0 -> "\"y\":" + value;
                case 1 -> "\"y\":" + value + ",\"x\":" + random.nextInt(10);
                case 2 -> "\"u\":" + value + ",\"v\":" + random.nextInt(10);
                default -> "\"x\":" + value;
            };
            for (int times = random.nextInt(30) == 0 ? 2 : 1; times > 0; times--) {
                records.add(Duration.ofSeconds(second), "{\"sensor_id\":\"%s\",%s%s,\"timestamp\":\"%s\"}".formatted(sensor, fields, randomLocation(random), START.plusSeconds(second - late)));
            }
        }
        return records;
    }

    /** @return the same records, but that values of which a newer one, or one of the same time and location, has come before are those of metrics that no rule is about */
    private static List<ConsumerRecord<byte[], byte[]>> withoutOld(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<String, Long> newest = new HashMap<>();
        Map<String, String> locations = new HashMap<>();
        Map<String, SensorClock> clocks = new HashMap<>();
        Records without = new Records();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            ObjectNode reading = (ObjectNode) json("read " + new String(record.value(), StandardCharsets.UTF_8));
            String sensor = reading.path("sensor_id").asText();
            long received = record.timestamp() * 1000;
            long at = Math.min(EventTime.micros(Instant.parse(reading.path("timestamp").asText())), received + 60_000_000);
            boolean isLate = received - at > 300_000_000;
            SensorClock clock = clocks.put(sensor, isLate ? SensorClock.after(clocks.get(sensor), received, at) : null);
            boolean isSlow = isLate && clocks.get(sensor).isSlow();
            if (isSlow && (clock == null || !clock.isSlow())) {
                newest.keySet().removeIf(key -> key.startsWith(sensor + " "));
            }
            boolean isThere = reading.path("location").asText().equals(locations.get(sensor)) && at < received + 60_000_000;
            boolean isOld = false;
            for (String metric : isLate && !isSlow ? List.<String>of() : List.of("x", "y", "u", "v")) {
                if (reading.has(metric)) {
                    Long before = newest.put(sensor + " " + metric, Math.max(at, newest.getOrDefault(sensor + " " + metric, Long.MIN_VALUE)));
                    if (before != null && (before > at || before == at && isThere)) {
                        reading.set("old_" + metric, reading.remove(metric));
                        isOld |= before > at;
                    }
                }
            }
            if (!isOld && (!isLate || isSlow)) {
                locations.put(sensor, reading.path("location").asText());
            }
            without.add(Duration.between(START, Instant.ofEpochMilli(record.timestamp())), reading.without("kind").toString());
        }
        return without.records;
    }

    /** @return transitions in the order of the topic; that of different sensors does not matter */
    private static Map<String, List<String>> byRuleAndSensor(Program program) {
        return program.published.values().stream().collect(Collectors.groupingBy(
                transition -> json(transition).path("rule_id").asText() + " " + json(transition).path("sensor_id").asText(), TreeMap::new, Collectors.toList()));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whoeverIsKilledWhereverDecidesTheSame(long seed) throws InterruptedException {
        Random random = new Random(seed);
        RuleVersion[] rules = randomRules(random).toArray(RuleVersion[]::new);
        List<ConsumerRecord<byte[], byte[]>> records = randomRecords(random).records;
        Program undisturbed = new Program(records, rules);
        Program killed = new Program(records, rules);
        Map<Long, Change> changes = new HashMap<>();
        for (long offset = 500; offset < records.size(); offset += 500) {
            undisturbed.evaluateTo(offset);
            undisturbed.publish();
            if (random.nextBoolean() && !undisturbed.published.isEmpty()) {
                long id = rules.length + offset;
                Change change = switch (random.nextInt(4)) {
                    case 0 -> clear(id, undisturbed.last());
                    case 1 -> acknowledge(id, undisturbed.lastWaiting());
                    default -> changed(randomRules(random).get(random.nextInt(rules.length)));
                };
                changes.put(offset, new Change(id, "default", change.kind(), change.ruleId(), change.version() == null ? null
                        : new RuleVersion(id, change.ruleId(), 0, records.get((int) offset - 1).timestamp(), change.version().rule()), change.alertId(), change.sensorId(), change.by(), null, null,
                        Instant.ofEpochMilli(records.get((int) offset - 1).timestamp()), null, change.severity()));
                // Which version of a rule a silence belongs to depends on whether it is told before.
                undisturbed.watchSilence(records.get((int) offset - 1).timestamp());
                undisturbed.publish();
                undisturbed.change(changes.get(offset));
                undisturbed.publish();
            }
        }
        undisturbed.evaluateTo(records.size());
        undisturbed.publish();
        undisturbed.save();
        List<ConsumerRecord<byte[], byte[]>> current = withoutOld(records);
        assertTrue(current.stream().filter(record -> new String(record.value(), StandardCharsets.UTF_8).contains("old_")).count() > 500, "enough are old");
        Program inOrder = new Program(current, rules);
        for (long offset = 500; offset < records.size(); offset += 500) {
            inOrder.evaluateTo(offset);
            inOrder.publish();
            if (changes.containsKey(offset)) {
                inOrder.watchSilence(records.get((int) offset - 1).timestamp());
                inOrder.publish();
                inOrder.change(changes.get(offset));
                inOrder.publish();
            }
        }
        inOrder.evaluateTo(records.size());
        inOrder.publish();
        assertEquals(String.join("\n", undisturbed.published.values()), String.join("\n", inOrder.published.values()), "old readings change nothing");
        for (long offset = 500; offset < records.size(); offset += 500) {
            while (killed.alerts.next() < offset) {
                killed.evaluateTo(Math.min(offset, killed.alerts.next() + 1 + random.nextInt(60)));
                if (random.nextInt(4) == 0 && killed.alerts.next() > 0) {
                    killed.watchSilence(records.get((int) killed.alerts.next() - 1).timestamp());
                }
                switch (random.nextInt(6)) {
                    case 0 -> killed.publish();
                    case 1, 2 -> {
                        killed.publish();
                        killed.save();
                    }
                    case 3 -> killed.restart();
                    case 4 -> {
                        killed.publish();
                        killed.restart();
                    }
                    default -> {
                    }
                }
            }
            killed.publish();
            if (changes.containsKey(offset)) {
                killed.watchSilence(records.get((int) offset - 1).timestamp());
                killed.publish();
                killed.change(changes.get(offset));
                if (random.nextBoolean()) {
                    killed.restart();
                }
                killed.publish();
            }
        }
        killed.evaluateTo(records.size());
        killed.publish();
        killed.save();
        assertTrue(undisturbed.published.size() > 500, "enough happened: " + undisturbed.published.size());
        Map<String, List<String>> expected = byRuleAndSensor(undisturbed);
        Map<String, List<String>> told = byRuleAndSensor(killed);
        assertEquals(expected.keySet(), told.keySet());
        expected.forEach((key, transitions) -> assertEquals(String.join("\n", transitions), String.join("\n", told.get(key)), key));
        assertEquals(undisturbed.late, killed.late);
        assertTrue(killed.publications > killed.published.size(), "some was published again");
        assertTrue(expected.values().stream().flatMap(List::stream).anyMatch(transition -> transition.startsWith("latched")), "some waited to be acknowledged");
        assertTrue(expected.values().stream().flatMap(List::stream).anyMatch(transition -> transition.contains(" per minute, ")), "some were about rates");
    }
}
