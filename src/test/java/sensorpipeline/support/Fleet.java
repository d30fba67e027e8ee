package sensorpipeline.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;

/**
 * The devices of a test. They record each acknowledgement of Kafka, and check at the end that each reading is stored exactly
 * once, each invalid record is a dead letter, and nothing else is stored. A record is retried until Kafka acknowledges it.
 * Used by one test; sends on its own threads.
 */
public final class Fleet implements AutoCloseable {

    private static final Instant START = Instant.parse("2024-01-01T00:00:00Z");
    /** Time between two sensors, so that their readings go to several partitions of the table. */
    private static final long BETWEEN_SENSORS = Duration.ofDays(40).toMillis();
    /** Between two bursts of the load: shorter ones make more transactions, which cost more than their readings. */
    private static final Duration TICK = Duration.ofMillis(20);
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int TOLD = 5;
    private static final int CONTRARY_EVERY = 61;
    private static final int MORE_EVERY = 4;
    /** So many readings later: some in the same batch, most in a later one. */
    private static final int MORE_AFTER = 150;

    private final Settings settings;
    private final String topic;
    private final int sensors;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Admin admin;
    private final AtomicLong readings = new AtomicLong();
    private final AtomicInteger noReadings = new AtomicInteger();
    /** Acknowledged records by partition and offset. */
    private final Map<TopicPartition, NavigableMap<Long, Sent>> acknowledged = new ConcurrentHashMap<>();
    private final Queue<Sent> unacknowledged = new ConcurrentLinkedQueue<>();
    private final AtomicLong underWay = new AtomicLong();
    /** Records that were sent more than once: each copy in Kafka can become a dead letter. */
    private final Set<Sent> repeated = ConcurrentHashMap.newKeySet();
    private volatile Thread load;
    /** Highest committed offset seen per partition, to detect that it moves back. */
    private final Map<TopicPartition, Long> highest = new ConcurrentHashMap<>();

    /** What a record says about its reading. */
    private enum Part {
        TEMPERATURE,
        /** Another metric. Its name changes, so that the list of the sensor's metrics grows. */
        MORE,
        /** Another temperature: the first of both that is stored counts, the other is a dead letter. */
        CONTRARY
    }

    /**
     * A record of a device.
     *
     * @param sensor number of the sensor, -1 for an invalid record
     * @param number of the reading within its sensor, or of the invalid record
     * @param part of the reading; null for an invalid record
     */
    private record Sent(int sensor, long number, Part part) {

        boolean isReading() {
            return sensor >= 0;
        }

        String metric() {
            return part == Part.MORE ? "m" + number / 20 % 500 : "temperature";
        }

        double metricValue() {
            return at() + (part == Part.TEMPERATURE ? 0 : 0.25);
        }

        long at() {
            return sensor * BETWEEN_SENSORS + number;
        }

        byte[] key() {
            return isReading() ? name(sensor).getBytes(UTF_8) : null;
        }

        byte[] value() {
            String text = isReading()
                    ? Readings.json(name(sensor), START.plusMillis(at()).toString(), metricValue()).replace("\"temperature\"", "\"" + metric() + "\"")
                    : "no reading %d: {\"sensor_id\"".formatted(number);
            return text.getBytes(UTF_8);
        }

        @Override
        public String toString() {
            return isReading() ? "%s at %s, %s".formatted(name(sensor), START.plusMillis(at()), part) : "no reading " + number;
        }
    }

    /**
     * @param settings with brokers, topic, group and database, bypassing the proxies
     * @param sensors number of sensors
     */
    public Fleet(Settings settings, int sensors) {
        this.settings = settings;
        this.topic = settings.text("topic.name");
        this.sensors = sensors;
        this.admin = Topics.admin(settings, Duration.ofSeconds(20));
        this.producer = new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.text("kafka.bootstrap.servers"),
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.LINGER_MS_CONFIG, "5",
                ProducerConfig.MAX_BLOCK_MS_CONFIG, "10000",
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000",
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "30000",
                ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, "200"), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static String name(int sensor) {
        return "sensor-" + sensor;
    }

    /** Sends readings, and waits until Kafka has acknowledged all. */
    public void send(int count) {
        for (int i = 0; i < count; i++) {
            sendNextReading();
        }
        awaitAcknowledgements();
    }

    /** Sends invalid records, and waits until Kafka has acknowledged all. */
    public void sendNoReadings(int count) {
        for (int i = 0; i < count; i++) {
            send(nextNoReading());
        }
        awaitAcknowledgements();
    }

    /** Sends {@code count} readings, with an invalid record after every {@code between} of them. */
    public void sendMixed(int count, int between) {
        for (int i = 1; i <= count; i++) {
            sendNextReading();
            if (i % between == 0) {
                send(nextNoReading());
            }
        }
        awaitAcknowledgements();
    }

    /** Resends all readings so far, like devices that missed an acknowledgement. */
    public void sendAllAgain() {
        long count = readings.get();
        for (long i = 0; i < count; i++) {
            send(record(i, Part.TEMPERATURE));
        }
        awaitAcknowledgements();
    }

    /** Sends readings and a few invalid records at a constant rate until {@link #stopLoad}. */
    public void startLoad(int perSecond) {
        Thread thread = new Thread(() -> {
            long start = System.nanoTime();
            for (long sent = 0; load == Thread.currentThread();) {
                long due = (System.nanoTime() - start) / 1000 * perSecond / 1_000_000;
                for (; sent < due; sent++) {
                    if (sent % 1000 == 500) {
                        send(nextNoReading());
                    } else {
                        sendNextReading();
                    }
                }
                sendUnacknowledgedAgain();
                LockSupport.parkNanos(TICK.toNanos());
            }
        }, "fleet");
        load = thread;
        thread.start();
        Thread watch = new Thread(() -> {
            while (load == thread) {
                try {
                    committed();
                } catch (IllegalStateException e) {
                    // Kafka is down, which may be the fault under test.
                    continue;
                }
                LockSupport.parkNanos(200_000_000);
            }
        }, "fleet-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** Stops the load, and waits until Kafka has acknowledged all of it. */
    public void stopLoad() {
        Thread thread = load;
        load = null;
        try {
            if (thread != null) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        awaitAcknowledgements();
    }

    /** Some readings contradict an earlier one, and some earlier ones get another metric. */
    private void sendNextReading() {
        long number = readings.getAndIncrement();
        send(record(number, Part.TEMPERATURE));
        if (number % CONTRARY_EVERY == 7) {
            send(record(number, Part.CONTRARY));
        }
        if (number >= MORE_AFTER && number % MORE_EVERY == 1) {
            send(record(number - MORE_AFTER, Part.MORE));
        }
    }

    private Sent record(long number, Part part) {
        return new Sent((int) (number % sensors), number / sensors, part);
    }

    private Sent nextNoReading() {
        return new Sent(-1, noReadings.getAndIncrement(), null);
    }

    private void send(Sent sent) {
        underWay.incrementAndGet();
        producer.send(new ProducerRecord<>(topic, sent.key(), sent.value()), (metadata, problem) -> {
            if (problem == null) {
                remember(sent, metadata);
            } else {
                unacknowledged.add(sent);
            }
            underWay.decrementAndGet();
        });
    }

    private void remember(Sent sent, RecordMetadata metadata) {
        acknowledged.computeIfAbsent(new TopicPartition(metadata.topic(), metadata.partition()), key -> new ConcurrentSkipListMap<>())
                .put(metadata.offset(), sent);
    }

    private void sendUnacknowledgedAgain() {
        for (Sent sent = unacknowledged.poll(); sent != null; sent = unacknowledged.poll()) {
            repeated.add(sent);
            send(sent);
        }
    }

    private void awaitAcknowledgements() {
        producer.flush();
        Awaitility.await("Kafka's acknowledgements").atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10)).until(() -> {
            sendUnacknowledgedAgain();
            return underWay.get() == 0 && unacknowledged.isEmpty();
        });
    }

    /** @return number of records acknowledged so far, including duplicates */
    public long acknowledged() {
        return acknowledged.values().stream().mapToLong(Map::size).sum();
    }

    /** @return all partitions of the topic */
    public List<TopicPartition> partitions() {
        return get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic).partitions().stream()
                .map(partition -> new TopicPartition(topic, partition.partition())).toList();
    }

    /** @return the store's committed offset per partition that has one */
    public Map<TopicPartition, Long> committed() {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> committed = get(admin.listConsumerGroupOffsets(settings.text("store.group")).partitionsToOffsetAndMetadata());
        committed.forEach((partition, offset) -> {
            if (offset != null) {
                offsets.put(partition, offset.offset());
                highest.merge(partition, offset.offset(), Math::max);
            }
        });
        return offsets;
    }

    /** Resets the offsets of the store's group, like kafka-consumer-groups.sh. The group must have no members. */
    public void setBack(Map<TopicPartition, Long> offsets) {
        Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
        offsets.forEach((partition, offset) -> commits.put(partition, new OffsetAndMetadata(offset)));
        get(admin.alterConsumerGroupOffsets(settings.text("store.group"), commits).all());
    }

    /** @return end offset of a partition */
    public long end(TopicPartition partition) {
        return get(admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all()).get(partition).offset();
    }

    /** @return offset of the first record received at or after this time, by partition */
    public Map<TopicPartition, Long> offsetsAt(Instant time) {
        Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
        partitions().forEach(partition -> partitions.put(partition, OffsetSpec.forTimestamp(time.toEpochMilli())));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        get(admin.listOffsets(partitions).all()).forEach((partition, found) -> {
            if (found.offset() >= 0) {
                offsets.put(partition, found.offset());
            }
        });
        return offsets;
    }

    /** @return consumer lag of the topic */
    public long lag() {
        return waiting().values().stream().mapToLong(Long::longValue).sum();
    }

    private Map<TopicPartition, Long> waiting() {
        Map<TopicPartition, Long> committed = committed();
        Map<TopicPartition, OffsetSpec> partitions = acknowledged.keySet().stream()
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        Map<TopicPartition, Long> waiting = new HashMap<>();
        get(admin.listOffsets(partitions).all()).forEach((partition, end) ->
                waiting.put(partition, end.offset() - committed.getOrDefault(partition, 0L)));
        waiting.values().removeIf(count -> count == 0);
        return waiting;
    }

    /** @return number of group members with assigned partitions */
    public long consumers() {
        return get(admin.describeConsumerGroups(List.of(settings.text("store.group"))).all()).values().iterator().next()
                .members().stream().filter(member -> !member.assignment().topicPartitions().isEmpty()).count();
    }

    /** Removes all members of the store's group now, instead of when their session times out. */
    public void giveUpConsumers() {
        get(admin.removeMembersFromConsumerGroup(settings.text("store.group"), new RemoveMembersFromConsumerGroupOptions()).all());
    }

    /** @return an admin client */
    public Admin admin() {
        return admin;
    }

    private static <T> T get(org.apache.kafka.common.KafkaFuture<T> future) {
        try {
            return future.get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until all records in Kafka are processed; fails after a timeout. */
    public void awaitDone() {
        try {
            Awaitility.await("everything is stored or a dead letter, and committed").atMost(LIMIT).pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(100)).ignoreExceptions().until(() -> lag() == 0);
        } catch (ConditionTimeoutException e) {
            List<String> wrong = new ArrayList<>();
            Map<TopicPartition, Long> committed = committed();
            waiting().forEach((partition, count) -> wrong.add("not committed: the last %d of %s; committed is %s, and was %s before".formatted(
                    count, partition, committed.get(partition), highest.get(partition))));
            compare(wrong);
            report(wrong);
        }
    }

    /** Stops the load, waits until all of it is processed, and checks each record. */
    public void settle() {
        stopLoad();
        awaitDone();
        List<String> wrong = new ArrayList<>();
        compare(wrong);
        report(wrong);
    }

    private void compare(List<String> wrong) {
        Stored stored = stored();
        compareReadings(stored, wrong);
        compareDeadLetters(stored, wrong);
    }

    /**
     * Fails if the store has committed the offset of a record that is neither stored nor a dead letter. Can be called at any time,
     * also during a fault, if PostgreSQL and Kafka respond.
     */
    public void assertNothingPassedBy() {
        Map<TopicPartition, Long> committed = committed();
        List<String> wrong = new ArrayList<>();
        Stored stored = stored();
        Set<String> letters = null;
        for (var records : acknowledged.entrySet()) {
            for (var record : records.getValue().headMap(committed.getOrDefault(records.getKey(), 0L)).entrySet()) {
                String place = place(records.getKey(), record.getKey());
                boolean done;
                if (stored.has(record.getValue())) {
                    done = true;
                } else {
                    letters = letters == null ? deadLetters().keySet() : letters;
                    done = letters.contains(place) && (!record.getValue().isReading() || stored.contradicts(record.getValue()));
                }
                if (!done) {
                    wrong.add("passed by: " + record.getValue() + " (" + place + ")");
                }
            }
        }
        wrong.addAll(stored.wrong);
        report(wrong);
    }

    private void report(List<String> wrong) {
        if (!wrong.isEmpty()) {
            throw new AssertionError("%d records acknowledged; %d faults, such as:%n  %s".formatted(acknowledged(), wrong.size(),
                    wrong.stream().limit(2 * TOLD).collect(Collectors.joining(System.lineSeparator() + "  "))));
        }
    }

    private static String place(TopicPartition partition, long offset) {
        return partition.topic() + "/" + partition.partition() + "/" + offset;
    }

    /** Content of PostgreSQL: what is stored of each reading, and what should not exist. */
    private static final class Stored {
        private final Set<Sent> parts = new HashSet<>();
        private final List<String> wrong = new ArrayList<>();

        boolean has(Sent record) {
            return parts.contains(record);
        }

        /** @return whether another record, which contradicts this one, is stored in its place */
        boolean contradicts(Sent record) {
            return record.part != Part.MORE && has(new Sent(record.sensor, record.number, record.part == Part.CONTRARY ? Part.TEMPERATURE : Part.CONTRARY));
        }
    }

    private Stored stored() {
        Stored stored = new Stored();
        try (Connection connection = Servers.connect(settings); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.setFetchSize(10_000);
            try (ResultSet rows = statement.executeQuery("""
                    SELECT s.tenant, s.sensor_id, m.metric, m.value, (extract(epoch FROM r.at) * 1000)::bigint, s.location = 'hall' AND r.attributes IS NULL
                    FROM reading r LEFT JOIN series s USING (series_id) LEFT JOIN LATERAL unnest(s.metrics, r."values") AS m (metric, value) ON m.value IS NOT NULL""")) {
                while (rows.next()) {
                    add(stored, rows);
                }
            }
            try (ResultSet ledger = statement.executeQuery("SELECT (SELECT coalesce(sum(readings), 0) FROM batch), (SELECT count(*) FROM reading)")) {
                ledger.next();
                if (ledger.getLong(1) != ledger.getLong(2)) {
                    stored.wrong.add("the ledger has %d readings, the table %d".formatted(ledger.getLong(1), ledger.getLong(2)));
                }
            }
            connection.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return stored;
    }

    private void add(Stored stored, ResultSet row) throws SQLException {
        String name = row.getString(2);
        int sensor = name != null && name.matches("sensor-\\d{1,6}") ? Integer.parseInt(name.substring(7)) : -1;
        double value = row.getDouble(4);
        long number = row.getLong(5) - START.toEpochMilli() - sensor * BETWEEN_SENSORS;
        Sent record = new Sent(sensor, number, !"temperature".equals(row.getString(3)) ? Part.MORE : value == Math.rint(value) ? Part.TEMPERATURE : Part.CONTRARY);
        boolean isSent = "default".equals(row.getString(1)) && sensor >= 0 && sensor < sensors && row.getBoolean(6)
                && record.metric().equals(row.getString(3)) && record.metricValue() == value
                && number >= 0 && number * sensors + sensor < readings.get();
        if (!isSent) {
            stored.wrong.add("stored and never sent: %s with %s %s at %s".formatted(name, row.getString(3), value, Instant.ofEpochMilli(row.getLong(5))));
        } else if (!stored.parts.add(record)) {
            stored.wrong.add("stored twice: " + record);
        }
    }

    /** All readings are acknowledged, so the stored ones must equal the sent ones. */
    private void compareReadings(Stored stored, List<String> wrong) {
        wrong.addAll(stored.wrong);
        Set<Sent> sent = new HashSet<>();
        for (var records : acknowledged.entrySet()) {
            records.getValue().forEach((offset, record) -> {
                if (record.isReading()) {
                    sent.add(record);
                    if (!stored.has(record) && !stored.contradicts(record)) {
                        wrong.add("lost: " + record + " (" + place(records.getKey(), offset) + ")");
                    }
                }
            });
        }
        if (!sent.containsAll(stored.parts)) {
            wrong.add("%d records stored that were never sent".formatted(stored.parts.stream().filter(record -> !sent.contains(record)).count()));
        }
    }

    private Map<String, ConsumerRecord<byte[], byte[]>> deadLetters() {
        Map<String, ConsumerRecord<byte[], byte[]>> letters = new HashMap<>();
        try (Readings reader = new Readings(settings)) {
            for (ConsumerRecord<byte[], byte[]> letter : reader.deadLetters()) {
                letters.put(Readings.header(letter, "dead-letter-topic") + "/" + Readings.header(letter, "dead-letter-partition") + "/"
                        + Readings.header(letter, "dead-letter-offset"), letter);
            }
        }
        return letters;
    }

    /** A redelivered batch may write a dead letter again; the offset of its record identifies it. */
    private void compareDeadLetters(Stored stored, List<String> wrong) {
        Map<String, ConsumerRecord<byte[], byte[]>> letters = deadLetters();
        Set<String> expected = new HashSet<>();
        for (var records : acknowledged.entrySet()) {
            records.getValue().forEach((offset, record) -> {
                if (!stored.has(record)) {
                    String place = place(records.getKey(), offset);
                    expected.add(place);
                    ConsumerRecord<byte[], byte[]> letter = letters.get(place);
                    if (letter == null) {
                        wrong.add("no dead letter: " + record + " (" + place + ")");
                    } else if (!Arrays.equals(record.value(), letter.value())) {
                        wrong.add("another dead letter: %s for %s (%s)".formatted(new String(letter.value(), UTF_8), record, place));
                    }
                }
            });
        }
        Set<String> copies = repeated.stream().map(record -> new String(record.value(), UTF_8)).collect(Collectors.toSet());
        letters.forEach((place, letter) -> {
            String value = letter.value() == null ? "nothing" : new String(letter.value(), UTF_8);
            if (!expected.contains(place) && !copies.contains(value)) {
                wrong.add("a dead letter too many: " + value + " (" + place + ")");
            }
        });
    }

    /** Stops the load, and discards unacknowledged records. */
    @Override
    public void close() {
        load = null;
        producer.close(Duration.ZERO);
        admin.close(Duration.ZERO);
    }
}
