package sensorpipeline.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Restores the original headers of a replayed record: their order, duplicates and null values, which a Camel message
 * cannot hold. The header that names its first failure follows them. Both arrive in dedicated headers.
 */
public final class OriginalHeaders implements ProducerInterceptor<byte[], byte[]> {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public ProducerRecord<byte[], byte[]> onSend(ProducerRecord<byte[], byte[]> record) {
        List<Header> headers = new ArrayList<>();
        try {
            for (JsonNode header : JSON.readTree(record.headers().lastHeader(DeadLetters.HEADERS_HEADER).value())) {
                headers.add(new RecordHeader(header.get(0).asText(), header.get(1).binaryValue()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        headers.add(record.headers().lastHeader(DeadLetter.ID_HEADER));
        return new ProducerRecord<>(record.topic(), record.partition(), record.timestamp(), record.key(), record.value(), headers);
    }

    @Override
    public void onAcknowledgement(RecordMetadata metadata, Exception exception) {
        // Nothing to do.
    }

    @Override
    public void configure(Map<String, ?> configs) {
        // Nothing to do.
    }

    @Override
    public void close() {
        // Nothing to do.
    }
}
