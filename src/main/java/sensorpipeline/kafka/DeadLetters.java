package sensorpipeline.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.camel.CamelContext;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.DefaultHeaderFilterStrategy;
import org.apache.camel.support.DefaultMessage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Makes a dead letter of a record that is no reading: the record as it came, with its key and headers, and beside them
 * headers that tell where it came from and what was wrong. Stateless.
 */
public final class DeadLetters {

    /** Start of the names of the headers that a dead letter has beside those of its record. */
    public static final String PREFIX = "dead-letter-";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final CamelContext context;
    private final Topics topics;

    /**
     * @param context whose routes send the dead letters
     * @param topics to name the tenant of a record
     */
    public DeadLetters(CamelContext context, Topics topics) {
        this.context = context;
        this.topics = topics;
    }

    /** @return what keeps Camel's own headers, and none of a record's, from becoming headers of a dead letter */
    public static HeaderFilterStrategy headerFilter() {
        DefaultHeaderFilterStrategy filter = new DefaultHeaderFilterStrategy();
        filter.getOutFilter().add(KafkaConstants.KEY);
        return filter;
    }

    /**
     * @param record what Kafka delivered
     * @param reason why it is no reading, in one line
     * @return the message for the topic of dead letters; topic, partition and offset together identify it
     */
    public Message of(ConsumerRecord<byte[], byte[]> record, String reason) {
        Message letter = new DefaultMessage(context);
        letter.setBody(record.value());
        if (record.key() != null) {
            letter.setHeader(KafkaConstants.KEY, record.key());
        }
        copyHeaders(record.headers(), letter);
        tell(letter, "reason", reason);
        tell(letter, "tenant", topics.tenantOf(record.topic()));
        tell(letter, "topic", record.topic());
        tell(letter, "partition", record.partition());
        tell(letter, "offset", record.offset());
        tell(letter, "time", Instant.now());
        return letter;
    }

    /** Camel holds one value a name, none that is null, and none of its own; where a record has others, all are told in one more header. */
    private static void copyHeaders(Headers headers, Message letter) {
        List<Object> all = new ArrayList<>();
        boolean isWhole = true;
        for (Header header : headers) {
            // To camel-kafka, a header of this name is an order (another topic, partition or key), whoever sent it.
            boolean isOrder = header.key().toLowerCase(Locale.ROOT).startsWith("kafka.");
            isWhole &= !isOrder && header.value() != null && !letter.getHeaders().containsKey(header.key());
            if (!isOrder) {
                letter.setHeader(header.key(), header.value());
            }
            all.add(Arrays.asList(header.key(), header.value()));
        }
        if (!isWhole) {
            try {
                tell(letter, "headers", JSON.writeValueAsString(all));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void tell(Message letter, String name, Object value) {
        letter.setHeader(PREFIX + name, String.valueOf(value).getBytes(StandardCharsets.UTF_8));
    }
}
