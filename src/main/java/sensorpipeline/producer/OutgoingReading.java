package sensorpipeline.producer;

import org.apache.camel.CamelContext;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.support.DefaultMessage;

/** A reading to be sent to Kafka. */
final class OutgoingReading {

    private OutgoingReading() {
    }

    /**
     * @param context of the route that sends it
     * @param sensorId key of the record, which keeps a sensor's readings in order; null if unknown
     * @param json the reading
     * @return a message for a Kafka endpoint, which sends a list of them as one record each
     */
    static Message message(CamelContext context, String sensorId, byte[] json) {
        Message message = new DefaultMessage(context);
        message.setHeader(KafkaConstants.KEY, sensorId);
        message.setBody(json);
        return message;
    }
}
