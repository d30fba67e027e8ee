package sensorpipeline.alerts;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Body;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.http.base.HttpOperationFailedException;
import sensorpipeline.contract.Parameters;
import sensorpipeline.rules.NotificationChannel;

/** What the routes need that notify channels. Thread-safe. */
public final class Notifications {

    private static final int LONGEST_REASON = 500;

    private final Parameters contract;
    private final int retryHours;
    private final Counter delivered;
    private final Counter failed;
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong failing = new AtomicLong();

    /**
     * @param contract that channels were validated by
     * @param retryHours for how long the delivery of a message is retried
     * @param meters gets what is delivered and what is not
     */
    Notifications(Parameters contract, int retryHours, MeterRegistry meters) {
        this.contract = contract;
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
        return new DueChannel((Long) row.get("channel_id"), (String) row.get("tenant"), channel, (String) row.get("secret"));
    }

    /** @return the parameters of claim-message.sql */
    public Map<String, Object> claim(DueChannel due) {
        return Map.of("channel_id", due.id(), "is_quiet", due.channel().isQuietAt(Instant.now()));
    }

    /**
     * @param row of claim-message.sql
     * @param due the channel
     * @return the message, signed
     */
    public ChannelMessage message(Map<String, Object> row, DueChannel due) {
        return ChannelMessage.of((String) row.get("message_id"), (String) row.get("body"), due.secret(), Instant.now());
    }

    /** @return the parameters of message-delivered.sql */
    public Map<String, Object> delivered(ChannelMessage message) {
        delivered.increment();
        return Map.of("message_id", message.id());
    }

    /** @return the parameters of message-failed.sql */
    public Map<String, Object> failed(ChannelMessage message, Exception failure) {
        failed.increment();
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("message_id", message.id());
        parameters.put("reason", reason(failure));
        parameters.put("retry_hours", retryHours);
        return parameters;
    }

    private static String reason(Exception failure) {
        if (failure instanceof HttpOperationFailedException answer) {
            return "HTTP " + answer.getStatusCode() + (answer.getStatusText() == null ? "" : " " + answer.getStatusText());
        }
        if (failure instanceof DirectConsumerNotAvailableException) {
            return "no route of this name is running: see docs/alerts.md, \"Add a channel of your own\"";
        }
        Throwable cause = failure;
        // The first that is not Camel's names the server.
        while (cause.getCause() != null && cause.getClass().getName().startsWith("org.apache.camel.")) {
            cause = cause.getCause();
        }
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage().strip().replaceAll("\\p{Cntrl}+", " ");
        return reason.substring(0, Math.min(reason.length(), LONGEST_REASON));
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
