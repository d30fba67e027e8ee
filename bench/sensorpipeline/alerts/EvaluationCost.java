package sensorpipeline.alerts;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import sensorpipeline.contract.Parameters;
import sensorpipeline.reading.EventTime;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.reading.RefusedReading;
import sensorpipeline.rules.AlertRule;

/** What evaluating a reading costs beyond parsing it, and how long states take to load, without servers. */
public final class EvaluationCost {

    private static final TopicPartition PARTITION = new TopicPartition("bench", 0);
    private static final int SENSORS = 10_000;
    private static final int RULES = 10;
    private static final int READINGS = 1_000_000;
    private static final int ROUNDS = 7;
    private static final int STATES = 100_000;

    private EvaluationCost() {
    }

    /** Adds the figures: the median of rounds in which readings are parsed, and parsed and evaluated, in turn. */
    public static void measure(Map<String, Object> result) throws RefusedReading {
        List<ConsumerRecord<byte[], byte[]>> records = records();
        ReadingParser parser = new ReadingParser();
        List<Double> parsing = new ArrayList<>();
        List<Double> both = new ArrayList<>();
        List<Double> withRates = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            parsing.add(microseconds(records, parser, null));
            both.add(microseconds(records, parser, new PartitionAlerts(PARTITION, "default", 1, saved(rules(""), Map.of()))));
            withRates.add(microseconds(records, parser, new PartitionAlerts(PARTITION, "default", 1, saved(rules("\"rate\":\"1m\","), Map.of()))));
        }
        double parsed = median(parsing);
        result.put("parsing_us_per_reading", Math.round(parsed * 1000) / 1000.0);
        result.put("evaluation_us_per_reading", Math.round((median(both) - parsed) * 1000) / 1000.0);
        result.put("rates_us_per_reading", Math.round((median(withRates) - parsed) * 1000) / 1000.0);
        long start = System.nanoTime();
        long states = new PartitionAlerts(PARTITION, "default", 1, saved(rules(""), states())).states();
        result.put("states", states);
        result.put("states_read_s", Math.round((System.nanoTime() - start) / 1e6) / 1000.0);
    }

    private static double median(List<Double> rounds) {
        return rounds.stream().sorted().toList().get(ROUNDS / 2);
    }

    private static List<ConsumerRecord<byte[], byte[]>> records() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long start = Instant.parse("2026-01-15T10:00:00Z").toEpochMilli();
        for (int i = 0; i < READINGS; i++) {
            long at = start + i / 10;
            byte[] json = "{\"sensor_id\":\"sensor-%05d\",\"location\":\"hall\",\"temperature\":%d.%d,\"humidity\":%d,\"timestamp\":\"%s\"}"
                    .formatted(i % SENSORS, 15 + i % 10, i % 7, 35 + i % 20, EventTime.text(at * 1000)).getBytes(StandardCharsets.UTF_8);
            records.add(new ConsumerRecord<>(PARTITION.topic(), 0, i, at, TimestampType.LOG_APPEND_TIME, 0, json.length, null, json, new RecordHeaders(), Optional.empty()));
        }
        return records;
    }

    /** Ten rules apply to each sensor, five to each of its metrics; every hundredth reading or so breaches one of them, unless they are about rates. */
    private static List<RuleVersion> rules(String fields) {
        Parameters contract = new Parameters();
        List<RuleVersion> rules = new ArrayList<>();
        for (int rule = 1; rule <= RULES; rule++) {
            String json = "{%s\"name\":\"r%d\",\"metric\":\"%s\",\"severity\":\"warning\",\"above\":%s,\"for\":\"10s\",\"sensors\":[\"sensor-*\"]}"
                    .formatted(fields, rule, rule % 2 == 0 ? "temperature" : "humidity", rule == 2 ? "24.5" : "90");
            rules.add(new RuleVersion(rule, rule, 0, 0, AlertRule.of(contract.readObject("AlertRule", json))));
        }
        return rules;
    }

    private static SavedStates saved(List<RuleVersion> rules, Map<SavedStates.Key, String> states) {
        return new SavedStates(0, RULES, RULES, rules, Map.of(), states, Map.of(), null, 0, Set.of(), List.of());
    }

    private static Map<SavedStates.Key, String> states() {
        Map<SavedStates.Key, String> states = new HashMap<>();
        for (RuleVersion version : rules("")) {
            WatchedValues watched = new WatchedValues(version, "sensor-00000", null);
            watched.read(new Cause("default", "bench", 0, transition -> { }), "hall", 0, 100);
            String state = AlertJson.write(watched.save());
            for (int sensor = 0; sensor < STATES / RULES; sensor++) {
                states.put(new SavedStates.Key("sensor-%05d".formatted(sensor), version.ruleId()), state);
            }
        }
        return states;
    }

    private static double microseconds(List<ConsumerRecord<byte[], byte[]>> records, ReadingParser parser, PartitionAlerts alerts) throws RefusedReading {
        long start = System.nanoTime();
        long metrics = 0;
        Instant received = Instant.EPOCH;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (record.timestamp() != received.toEpochMilli()) {
                received = Instant.ofEpochMilli(record.timestamp());
            }
            Reading reading = parser.parse("default", record.value(), received);
            if (alerts == null) {
                metrics += reading.metrics().size();
            } else {
                alerts.evaluate(record, reading);
            }
        }
        double microseconds = (System.nanoTime() - start) / 1e3 / records.size();
        if (alerts == null && metrics != 2L * records.size()) {
            throw new IllegalStateException("Readings lack metrics");
        }
        return microseconds;
    }
}
