package sensorpipeline.alerts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.support.DefaultMessage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.kafka.PolledRecords;
import sensorpipeline.reading.EventTime;

/**
 * Transitions as records of the topic of alerts: the value is the alert as the REST API shows it, the key its id; headers tell whose it is, what happened, and by which id a repetition is
 * recognized. Thread-safe.
 */
public final class Transitions {

    private static final Logger LOG = LoggerFactory.getLogger(Transitions.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TENANT = "tenant";
    private static final String EVENT_ID = "event-id";
    private static final String KIND = "kind";
    private static final String REVISION = "revision";
    private static final String AT = "at";

    private final CamelContext context;
    private final AlertLanes lanes;
    private final Timer latency;

    /**
     * @param context whose routes publish them
     * @param lanes that they come from
     * @param meters gets the time from the receipt of a record until all in-sync replicas have what it changed
     */
    Transitions(CamelContext context, AlertLanes lanes, MeterRegistry meters) {
        this.context = context;
        this.lanes = lanes;
        latency = Timer.builder("sensor.pipeline.alerts.latency").description("Time from the receipt of a reading by Kafka to the publication of the alert that it changed")
                .serviceLevelObjectives(Duration.ofMillis(50), Duration.ofMillis(150), Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofMinutes(1)).register(meters);
    }

    /** @return the time from the receipt of a record until all in-sync replicas have what it changed */
    Timer latency() {
        return latency;
    }

    /** @return the records of these transitions, in the same order */
    public List<Message> messages(List<OutgoingTransition> transitions) {
        return transitions.stream().map(this::message).toList();
    }

    private Message message(OutgoingTransition transition) {
        Message message = new DefaultMessage(context);
        message.setBody(bytes(transition.json()));
        message.setHeader(KafkaConstants.KEY, bytes(transition.alertId()));
        message.setHeader(TENANT, bytes(transition.tenant()));
        message.setHeader(EVENT_ID, bytes(transition.eventId()));
        message.setHeader(KIND, bytes(transition.kind()));
        message.setHeader(REVISION, bytes(String.valueOf(transition.revision())));
        message.setHeader(AT, bytes(EventTime.text(transition.at())));
        return message;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** @param transitions that all in-sync replicas have */
    public void published(List<OutgoingTransition> transitions) {
        lanes.published(transitions);
        long now = System.currentTimeMillis();
        transitions.stream().filter(transition -> transition.receivedAt() > 0)
                .forEach(transition -> latency.record(Duration.ofMillis(Math.max(0, now - transition.receivedAt()))));
    }

    /**
     * @param polled records of the topic of alerts
     * @return the parameters of insert-transitions.sql; records that others put there are left out
     */
    public Map<String, Object> parameters(PolledRecords polled) {
        ArrayNode transitions = JSON.createArrayNode();
        for (ConsumerRecord<byte[], byte[]> record : polled.records()) {
            try {
                ObjectNode transition = transitions.objectNode();
                transition.put(TENANT, header(record, TENANT)).put("event_id", header(record, EVENT_ID)).put(KIND, header(record, KIND)).put(AT, header(record, AT))
                        .put(REVISION, Integer.parseInt(header(record, REVISION)));
                transition.set("alert", JSON.readTree(new String(record.value(), StandardCharsets.UTF_8)));
                transitions.add(transition);
            } catch (JsonProcessingException | IllegalArgumentException e) {
                LOG.error("Record {} of partition {} of topic {} is no transition of an alert and is passed over: {}", record.offset(), record.partition(), record.topic(), e.getMessage());
            }
        }
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("transitions", transitions.toString());
        return parameters;
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        if (header == null || record.value() == null) {
            throw new IllegalArgumentException("it has no " + (header == null ? "header " + name : "value"));
        }
        return new String(header.value(), StandardCharsets.UTF_8);
    }
}
