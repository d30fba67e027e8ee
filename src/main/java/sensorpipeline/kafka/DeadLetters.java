package sensorpipeline.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.DefaultHeaderFilterStrategy;
import org.apache.camel.support.DefaultMessage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Creates dead letters from records that are not readings, and from a dead letter the message for its topic and the row
 * that are kept. Both hold the original record with key and headers, its origin, and what was wrong. Stateless.
 */
public final class DeadLetters {

    /** Prefix of the headers that a dead letter has in addition to those of its record. */
    public static final String PREFIX = "dead-letter-";
    /** Name of the header with all headers of a record, for headers that a message cannot hold individually. */
    static final String HEADERS_HEADER = PREFIX + "headers";

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Maximum number of letters and bytes per statement, so that its parameters fit in memory several times. */
    private static final int MOST_ROWS = 1000;
    private static final long MOST_BYTES = 4_000_000;

    private final CamelContext context;
    private final Topics topics;

    /**
     * @param context whose routes send the dead letters
     * @param topics map a record to its tenant
     */
    public DeadLetters(CamelContext context, Topics topics) {
        this.context = context;
        this.topics = topics;
    }

    /** @return a filter that removes Camel's own headers from dead letters, and none of a record's */
    public static HeaderFilterStrategy headerFilter() {
        DefaultHeaderFilterStrategy filter = new DefaultHeaderFilterStrategy();
        filter.getOutFilter().add(KafkaConstants.KEY);
        return filter;
    }

    /**
     * @param record as delivered by Kafka
     * @param reason why it is not a reading, in one line
     * @return the dead letter, rejected now
     */
    public DeadLetter of(ConsumerRecord<byte[], byte[]> record, String reason) {
        return new DeadLetter(record, topics.tenantOf(record.topic()), reason, Instant.now());
    }

    /** @return the messages for the dead letter topic */
    public List<Message> messages(List<DeadLetter> letters) {
        return letters.stream().map(this::message).toList();
    }

    private Message message(DeadLetter letter) {
        ConsumerRecord<byte[], byte[]> record = letter.record();
        Message message = new DefaultMessage(context);
        message.setBody(record.value());
        if (record.key() != null) {
            message.setHeader(KafkaConstants.KEY, record.key());
        }
        copyHeaders(record, message);
        tell(message, PREFIX + "reason", letter.reason());
        tell(message, PREFIX + "tenant", letter.tenant());
        tell(message, PREFIX + "topic", record.topic());
        tell(message, PREFIX + "partition", record.partition());
        tell(message, PREFIX + "offset", record.offset());
        tell(message, PREFIX + "time", letter.refusedAt());
        return message;
    }

    /**
     * Camel supports one value per name, no nulls, and none of its own names; a record with other headers gets all of them in one additional header.
     */
    private static void copyHeaders(ConsumerRecord<byte[], byte[]> record, Message message) {
        boolean isWhole = true;
        for (Header header : record.headers()) {
            // camel-kafka treats a header with this prefix as an instruction (another topic, partition or key), whoever sent it.
            boolean isOrder = header.key().toLowerCase(Locale.ROOT).startsWith("kafka.");
            isWhole &= !isOrder && header.value() != null && !header.key().startsWith(PREFIX)
                    && !message.getHeaders().containsKey(header.key());
            if (!isOrder) {
                message.setHeader(header.key(), header.value());
            }
        }
        if (!isWhole) {
            tell(message, HEADERS_HEADER, headers(record));
        }
    }

    private static void tell(Message message, String name, Object value) {
        message.setHeader(name, String.valueOf(value).getBytes(StandardCharsets.UTF_8));
    }

    /** @return all headers in order, as JSON: {@code [[name, value in Base64 or null], ...]} */
    private static String headers(ConsumerRecord<byte[], byte[]> record) {
        List<Object> all = new ArrayList<>();
        for (Header header : record.headers()) {
            all.add(Arrays.asList(header.key(), header.value()));
        }
        try {
            return JSON.writeValueAsString(all);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @return the letters in chunks, each small enough for one statement */
    public Queue<List<DeadLetter>> parts(List<DeadLetter> letters) {
        Queue<List<DeadLetter>> parts = new ArrayDeque<>();
        int start = 0;
        long bytes = 0;
        for (int i = 0; i < letters.size(); i++) {
            long size = letters.get(i).size();
            if (i > start && (i - start == MOST_ROWS || bytes + size > MOST_BYTES)) {
                parts.add(letters.subList(start, i));
                start = i;
                bytes = 0;
            }
            bytes += size;
        }
        parts.add(letters.subList(start, letters.size()));
        return parts;
    }

    /** @return the first and the second half of the letters */
    public List<List<DeadLetter>> halves(List<DeadLetter> letters) {
        int middle = letters.size() / 2;
        return List.of(letters.subList(0, middle), letters.subList(middle, letters.size()));
    }

    /** @return the parameters of insert-dead-letters.sql, one array per column */
    public Map<String, Object> columns(List<DeadLetter> letters) {
        Map<String, Object> columns = new HashMap<>();
        columns.put("tenants", column(letters, DeadLetter::tenant).toArray(String[]::new));
        columns.put("topics", column(letters, letter -> letter.record().topic()).toArray(String[]::new));
        columns.put("partitions", column(letters, letter -> letter.record().partition()).toArray(Integer[]::new));
        columns.put("offsets", column(letters, letter -> letter.record().offset()).toArray(Long[]::new));
        columns.put("received_at", column(letters, DeadLetter::receivedAt).toArray(Long[]::new));
        columns.put("record_times", column(letters, letter -> letter.record().timestamp()).toArray(Long[]::new));
        columns.put("refused_at", column(letters, letter -> ChronoUnit.MICROS.between(Instant.EPOCH, letter.refusedAt())).toArray(Long[]::new));
        columns.put("reasons", column(letters, DeadLetter::reason).toArray(String[]::new));
        columns.put("keys", column(letters, letter -> letter.record().key()).toArray(byte[][]::new));
        columns.put("values", column(letters, letter -> letter.record().value()).toArray(byte[][]::new));
        columns.put("headers", column(letters, letter -> headers(letter.record())).toArray(String[]::new));
        columns.put("replay_of", column(letters, DeadLetter::claimedFirst).toArray(Long[]::new));
        return columns;
    }

    /** @return the values of one column; may contain null */
    private static <T> List<T> column(List<DeadLetter> letters, Function<DeadLetter, T> value) {
        List<T> column = new ArrayList<>(letters.size());
        letters.forEach(letter -> column.add(value.apply(letter)));
        return column;
    }
}
