package sensorpipeline.alerts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.contract.Parameters;
import sensorpipeline.reading.Quoted;
import sensorpipeline.rules.NotificationChannel;

/** What the routes need that notify channels. Thread-safe. */
public final class Notifications {

    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Parameters contract;
    private final MessageFormat format;
    private final String mailServer;
    private final int retryHours;
    private final Counter delivered;
    private final Counter failed;
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong failing = new AtomicLong();

    /**
     * @param contract that channels were validated by
     * @param format of messages to people
     * @param mailServer to which e-mail goes, such as {@code mail.example.org:25}
     * @param retryHours for how long the delivery of a message is retried
     * @param meters gets what is delivered and what is not
     */
    Notifications(Parameters contract, MessageFormat format, String mailServer, int retryHours, MeterRegistry meters) {
        this.contract = contract;
        this.format = format;
        this.mailServer = mailServer;
        this.retryHours = retryHours;
        delivered = attempts("delivered", meters);
        failed = attempts("failed", meters);
        Gauge.builder("sensor.pipeline.alerts.notices.waiting", waiting, AtomicLong::get).description("Events of alerts that channels still have to tell").register(meters);
        Gauge.builder("sensor.pipeline.alerts.channels.failing", failing, AtomicLong::get).description("Channels whose last message could not be delivered").register(meters);
    }

    private static Counter attempts(String outcome, MeterRegistry meters) {
        return Counter.builder("sensor.pipeline.alerts.messages").description("Attempts to deliver messages to channels").tag("outcome", outcome).register(meters);
    }

    /**
     * @param row of select-due-channels.sql
     * @return the channel
     */
    public DueChannel channel(@Body Map<String, Object> row) {
        NotificationChannel channel = NotificationChannel.of(contract.readObject("AlertChannel", (String) row.get("definition")));
        return new DueChannel((Long) row.get("channel_id"), (String) row.get("tenant"), channel, (String) row.get("secret"), (Boolean) row.get("is_test"));
    }

    /** @return the parameters of claim-message.sql */
    public Map<String, Object> claim(DueChannel due) {
        return Map.of("channel_id", due.id(), "is_quiet", due.channel().isQuietAt(Instant.now()), "is_test", due.isTest());
    }

    /**
     * @param row of claim-message.sql
     * @param due the channel
     * @return the message, in words and signed
     */
    public ChannelMessage message(Map<String, Object> row, DueChannel due) throws JsonProcessingException {
        String body = (String) row.get("body");
        MessageText text = MessageText.of(JSON.readTree(body).path("data"), JSON.readTree((String) row.get("known")), due.channel().zone(), format);
        return ChannelMessage.of((String) row.get("message_id"), body, text, due.secret(), Instant.now());
    }

    /** @return the parameters of message-delivered.sql */
    public Map<String, Object> delivered(ChannelMessage message) {
        delivered.increment();
        return Map.of("message_id", message.id());
    }

    /** @return the parameters of message-failed.sql */
    public Map<String, Object> failed(ChannelMessage message, DueChannel due, Exception failure) {
        failed.increment();
        LOG.debug("Attempt to deliver message {} failed", message.id(), failure);
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("message_id", message.id());
        parameters.put("reason", DeliveryFailure.reason(failure, due.server(mailServer)));
        parameters.put("retry_hours", retryHours);
        return parameters;
    }

    /**
     * Logs that a channel begins to fail, or works again; not each attempt.
     *
     * @param row of message-delivered.sql or message-failed.sql
     */
    public void log(@Body Map<String, Object> row) {
        if (Boolean.TRUE.equals(row.get("is_news"))) {
            String name = Quoted.of((String) row.get("name"));
            if (row.get("reason") instanceof String reason) {
                LOG.warn("Channel {} of tenant {} fails to deliver messages about alerts, which are retried: {}", name, row.get("tenant"), reason);
            } else {
                LOG.info("Channel {} of tenant {} delivers messages about alerts again", name, row.get("tenant"));
            }
        }
    }

    /** @param row of select-notification-state.sql */
    public void report(@Body Map<String, Object> row) {
        waiting.set((Long) row.get("waiting"));
        failing.set((Long) row.get("failing"));
    }

    /** @return messages that were delivered */
    double attemptsDelivered() {
        return delivered.count();
    }

    /** @return attempts that failed */
    double attemptsFailed() {
        return failed.count();
    }

    /** @return events of alerts that channels still have to tell */
    long waiting() {
        return waiting.get();
    }

    /** @return channels whose last message could not be delivered */
    long failing() {
        return failing.get();
    }
}
