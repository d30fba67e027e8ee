package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import sensorpipeline.contract.Parameters;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.reading.RefusedReading;
import sensorpipeline.rules.AlertRule;

/** What becomes of the alerts of a sensor whose records come to another partition. */
class NewcomersTest {

    private static final Instant START = Instant.parse("2026-01-15T10:00:00Z");
    private static final String ABOVE = "\"severity\":\"critical\",\"metric\":\"x\",\"above\":5";
    private static final String SILENT = "\"severity\":\"critical\",\"silent_for\":\"10m\"";
    private static final TopicPartition OLD = new TopicPartition("readings", 1);
    private static final TopicPartition NEW = new TopicPartition("readings", 7);

    private static PartitionAlerts partition(TopicPartition partition, boolean isRaised, String rule) {
        RuleVersion version = new RuleVersion(1, 1, 0, 0, AlertRule.of(new Parameters().readObject("AlertRule", "{\"name\":\"r\",%s}".formatted(rule))));
        return new PartitionAlerts(partition, "default", 12,
                new SavedStates(0, 1, 1, List.of(version), Map.of(), Map.of(), Map.of(), null, isRaised ? System.currentTimeMillis() : 0, Set.of(), List.of()));
    }

    private static void evaluate(PartitionAlerts alerts, String sensor, int second, double value) {
        byte[] json = "{\"sensor_id\":\"%s\",\"x\":%s,\"timestamp\":\"%s\"}".formatted(sensor, value, START.plusSeconds(second)).getBytes(StandardCharsets.UTF_8);
        long time = START.plusSeconds(second).toEpochMilli();
        try {
            alerts.evaluate(new ConsumerRecord<>(alerts.partition().topic(), alerts.partition().partition(), alerts.delivered(), time, TimestampType.LOG_APPEND_TIME, 0, json.length, null, json,
                    new RecordHeaders(), Optional.empty()), new ReadingParser().parse("default", json, Instant.ofEpochMilli(time)));
        } catch (RefusedReading e) {
            throw new IllegalStateException(e);
        }
    }

    /** @return the transitions since the last call, which are published, as "kind id" */
    private static List<String> told(PartitionAlerts alerts) {
        List<OutgoingTransition> outgoing = alerts.outgoing();
        alerts.published(Set.copyOf(outgoing));
        return outgoing.stream().map(transition -> transition.kind() + " " + transition.alertId()).toList();
    }

    /** @return what the database would have of the sensors that a partition lets go */
    private static MovedStates.Moved letGo(PartitionAlerts alerts, String sensor) throws InterruptedException {
        Checkpoint last = alerts.letGo(Set.of(sensor));
        return new MovedStates.Moved(last.states().entrySet().stream().filter(state -> state.getValue() != null && state.getKey().sensorId().equals(sensor))
                .map(state -> new MovedStates.State(state.getKey(), state.getValue(), false)).toList(), last.seen() == null ? Map.of() : last.seen(),
                NewestReadings.read(last.newest()).entrySet().stream().filter(newest -> newest.getKey().equals(sensor)).collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    private static Arrivals arrivals(PartitionAlerts alerts, PartitionAlerts other) {
        assertTrue(alerts.newcomers().areWithoutEnds());
        alerts.newcomers().setEnds(alerts.delivered(), Map.of(other.partition(), other.delivered()));
        return alerts.newcomers().next();
    }

    @Test
    void anOpenAlertStaysTheOneAlert() throws InterruptedException {
        PartitionAlerts old = partition(OLD, true, ABOVE);
        PartitionAlerts other = partition(NEW, true, ABOVE);
        evaluate(old, "s", 0, 1);
        Arrivals first = arrivals(old, other);
        old.newcomers().takeIn(first, letGo(other, "s"));
        evaluate(old, "s", 1, 9);
        String id = told(old).get(0).split(" ")[1];
        evaluate(other, "s", 2, 9);
        evaluate(other, "t", 3, 9);
        assertEquals(0, other.next(), "both wait");
        assertEquals(2, other.delivered());
        assertNull(other.newcomers().next(), "until it is known how far the other partition has to be evaluated");
        Arrivals arrivals = arrivals(other, old);
        assertEquals(Set.of("s", "t"), arrivals.sensors());
        assertTrue(old.hasEvaluated(2, arrivals));
        assertFalse(old.hasEvaluated(3, arrivals));
        assertTrue(old.newcomers().areKnown(arrivals.sensors()));
        other.newcomers().takeIn(arrivals, letGo(old, "s"));
        assertFalse(old.newcomers().areKnown(arrivals.sensors()));
        assertEquals(2, other.next());
        assertEquals(1, told(other).size(), "only that of the sensor that had none");
        assertTrue(other.checkpoint().states().containsKey(new SavedStates.Key("s", 1)));
        evaluate(other, "s", 4, 1);
        assertEquals(List.of("cleared " + id), told(other));
        evaluate(old, "s", 5, 9);
        assertEquals(List.of(), told(old), "it would have to come back");
        assertTrue(old.newcomers().areWaitedFor());
    }

    @Test
    void whatIsAboutToFireGoesOnBeingSo() throws InterruptedException {
        String rule = ABOVE + ",\"for\":\"3m\"";
        PartitionAlerts old = partition(OLD, false, rule);
        PartitionAlerts other = partition(NEW, true, rule);
        evaluate(old, "s", 0, 9);
        evaluate(old, "s", 60, 9);
        evaluate(other, "s", 120, 9);
        other.newcomers().takeIn(arrivals(other, old), letGo(old, "s"));
        assertEquals(List.of(), told(other));
        evaluate(other, "s", 180, 9);
        assertEquals(1, told(other).size());
    }

    @Test
    void anOldReadingIsOldInTheOtherPartitionToo() throws InterruptedException {
        PartitionAlerts old = partition(OLD, false, ABOVE);
        PartitionAlerts other = partition(NEW, true, ABOVE);
        evaluate(old, "s", 600, 1);
        evaluate(other, "s", 599, 9);
        evaluate(other, "s", 598, 9);
        other.newcomers().takeIn(arrivals(other, old), letGo(old, "s"));
        assertEquals(List.of(), told(other));
        assertEquals(Set.of("s"), NewestReadings.read(other.checkpoint().newest()).keySet());
        assertEquals(Set.of(), NewestReadings.read(old.checkpoint().newest()).keySet());
        evaluate(other, "s", 600, 9);
        assertEquals(List.of(), told(other), "the first reading of a time counts, also if it came to the other partition");
        evaluate(other, "s", 601, 9);
        assertEquals(1, told(other).size());
    }

    @Test
    void whoHasAcknowledgedHasDoneSo() throws InterruptedException {
        PartitionAlerts old = partition(OLD, false, ABOVE);
        PartitionAlerts other = partition(NEW, true, ABOVE);
        evaluate(old, "s", 0, 9);
        String id = told(old).get(0).split(" ")[1];
        Change acknowledge = new Change(2, "default", "acknowledge", 0, null, id, "s", "nurse 12", null, null, START, null, null);
        old.apply(List.of(acknowledge), checkpoint -> { });
        told(old);
        evaluate(other, "s", 1, 9);
        Arrivals early = arrivals(other, old);
        other.apply(List.of(acknowledge), checkpoint -> { });
        assertTrue(old.hasEvaluated(1, early));
        other.newcomers().takeIn(other.newcomers().next(), letGo(old, "s"));
        evaluate(other, "s", 2, 1);
        assertTrue(other.outgoing().get(0).json().contains("nurse 12"));
        assertFalse(partition(OLD, false, ABOVE).hasEvaluated(0, new Arrivals(Set.of("s"), 2, Map.of())), "it has not applied that yet");
    }

    @Test
    void whoComesLaterWaitsForLaterEnds() throws InterruptedException {
        PartitionAlerts old = partition(OLD, false, ABOVE);
        PartitionAlerts other = partition(NEW, true, ABOVE);
        evaluate(other, "s", 0, 9);
        Arrivals arrivals = arrivals(other, old);
        evaluate(other, "s", 1, 1);
        evaluate(other, "t", 2, 9);
        evaluate(other, "s", 3, 9);
        other.newcomers().takeIn(arrivals, letGo(old, "s"));
        assertEquals(2, other.next());
        assertEquals(4, other.delivered());
        told(other);
        Checkpoint checkpoint = other.checkpoint();
        assertEquals(2, checkpoint.next());
        assertEquals(4, checkpoint.delivered());
        assertEquals(Set.of("s", "t"), checkpoint.waiting());
        assertEquals(Set.of("t"), arrivals(other, old).sensors());
    }

    @Test
    void withoutPostgresqlASensorBeginsAnewUntilItsAlertComes() throws InterruptedException {
        PartitionAlerts old = partition(OLD, false, ABOVE);
        PartitionAlerts other = partition(NEW, true, ABOVE);
        evaluate(old, "s", 0, 9);
        String id = told(old).get(0).split(" ")[1];
        evaluate(other, "s", 1, 9);
        other.newcomers().goOn(Long.MAX_VALUE);
        assertEquals(0, other.next());
        other.newcomers().goOn(0);
        assertEquals(1, other.next());
        String anew = told(other).get(0);
        assertTrue(anew.startsWith("fired "));
        other.newcomers().forget(Set.of(new SavedStates.Key("s", 1)));
        Arrivals arrivals = other.newcomers().next();
        assertEquals(Set.of("s"), arrivals.sensors());
        other.newcomers().takeIn(arrivals, letGo(old, "s"));
        assertEquals(List.of(anew.replace("fired", "cleared")), told(other));
        evaluate(other, "s", 2, 1);
        assertEquals(List.of("cleared " + id), told(other));
        assertNull(other.newcomers().next());
    }

    @Test
    void aTopicThatNeverGotMorePartitionsHasNoNewcomers() {
        PartitionAlerts alerts = partition(OLD, false, ABOVE);
        evaluate(alerts, "s", 0, 9);
        assertEquals(1, alerts.next());
        assertNull(alerts.newcomers().next());
    }

    @Test
    void silenceIsNotToldWhereASensorHasLeft() throws Exception {
        PartitionAlerts old = partition(OLD, true, SILENT);
        PartitionAlerts other = partition(NEW, true, SILENT);
        evaluate(old, "s", 0, 1);
        old.newcomers().takeIn(arrivals(old, other), letGo(other, "s"));
        long late = START.plusSeconds(700).toEpochMilli();
        SavedStates.Key key = new SavedStates.Key("s", 1);
        old.watchSilence(late, partition -> Map.of(key, new SavedStates.Seen(START.plusSeconds(300).toEpochMilli(), 5, null)));
        assertEquals(List.of(), told(old));
        evaluate(old, "s", 800, 1);
        long later = START.plusSeconds(1500).toEpochMilli();
        assertThrows(SQLException.class, () -> old.watchSilence(later, partition -> {
            throw new SQLException("away");
        }));
        assertEquals(1, told(old).size(), "it is told without PostgreSQL");
        evaluate(other, "s", 1501, 1);
        other.newcomers().takeIn(arrivals(other, old), letGo(old, "s"));
        assertTrue(told(other).get(0).startsWith("cleared"));
        assertNotNull(other.checkpoint().seen());
    }
}
