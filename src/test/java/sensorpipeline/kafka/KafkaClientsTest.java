package sensorpipeline.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.junit.jupiter.api.Test;
import sensorpipeline.health.KafkaHealthCheck;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.SteadyPorts;

/** Broker errors in /health: the cause, with TLS only if TLS failed. Failed logins and certificates are in SecuredIT. */
class KafkaClientsTest {

    private static Settings settings(String brokers) {
        return Settings.load(Map.of()).with("kafka.bootstrap.servers", brokers);
    }

    private static String problem(Settings settings) {
        try (Admin admin = Topics.admin(settings, Duration.ofSeconds(1))) {
            return KafkaClients.describe(settings, assertThrows(ExecutionException.class, () -> admin.describeCluster().nodes().get()));
        }
    }

    private static void assertTold(String expected, String told) {
        assertTrue(told.contains(expected), told);
        assertFalse(told.contains("TLS") || told.contains("SSL"), told);
        assertEquals(1, told.lines().count(), told);
    }

    @Test
    void aStoppedBrokerRefusesTheConnection() {
        String broker = "127.0.0.1:" + SteadyPorts.anyFree();
        assertTold("Kafka at " + broker + " refuses the connection: it is not running, or it listens elsewhere (KAFKA_BOOTSTRAP_SERVERS)", problem(settings(broker)));
    }

    @Test
    void anUnknownHostIsNamed() {
        Settings settings = settings("kafka.invalid:9092");
        KafkaException problem = assertThrows(KafkaException.class, () -> Topics.admin(settings, Duration.ofSeconds(1)));
        assertTold("cannot be found: the host name kafka.invalid is unknown (KAFKA_BOOTSTRAP_SERVERS)", KafkaClients.describe(settings, problem));
        assertTold("the host name kafka.invalid is unknown", assertThrows(CannotStart.class, () -> new KafkaHealthCheck(settings)).getMessage());
    }

    @Test
    void aBrokerThatAcceptsConnectionsButDoesNotAnswerMayExpectAnotherProtocol() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            assertTold("does not answer, though it accepts connections: ", problem(settings("127.0.0.1:" + silent.getLocalPort())));
        }
    }

    @Test
    void ofSeveralBrokersEachReasonIsTold() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            String told = problem(settings("127.0.0.1:%d,127.0.0.1:%d".formatted(SteadyPorts.anyFree(), silent.getLocalPort())));
            assertTold("refuses the connection", told);
            assertTold("accepts connections", told);
        }
    }

    @Test
    void anotherErrorIsToldAsItIs() {
        assertTold("reports an error: ", KafkaClients.describe(settings("127.0.0.1:1"), new ExecutionException(new UnsupportedVersionException("too old"))));
    }
}
