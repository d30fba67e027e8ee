package sensorpipeline.bench;

import java.util.List;
import org.apache.kafka.common.header.Header;

/**
 * A record to be sent, whatever it holds.
 *
 * @param tenant whose topic it goes to
 * @param key or null
 * @param value or null
 * @param headers in their order
 */
record FuzzRecord(String tenant, byte[] key, byte[] value, List<Header> headers) {
}
