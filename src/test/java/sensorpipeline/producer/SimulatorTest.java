package sensorpipeline.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.ReadingParser;

class SimulatorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    @Test
    void everyDeviceSendsAPlausibleReadingUnderItsOwnKey() throws Exception {
        Simulator simulator = new Simulator(CONTEXT, 12, new Random(1));
        Set<String> locations = new HashSet<>();
        for (int round = 0; round < 200; round++) {
            List<Message> messages = simulator.readings();
            assertEquals(12, messages.size());
            for (Message message : messages) {
                Reading reading = new ReadingParser().parse("default", (byte[]) message.getBody(), Instant.now());
                assertEquals(message.getHeader(KafkaConstants.KEY), reading.series().sensorId());
                assertEquals(List.of("humidity", "temperature"), reading.metrics());
                assertTrue(reading.values()[0] >= 0 && reading.values()[0] <= 100, "humidity " + reading.values()[0]);
                assertTrue(reading.values()[1] > -5 && reading.values()[1] < 40, "temperature " + reading.values()[1]);
                locations.add(reading.series().location());
            }
        }
        assertEquals(5, locations.size());
    }

    @Test
    void neighbouringReadingsAreCloserThanNoiseWouldBe() throws Exception {
        Simulator simulator = new Simulator(CONTEXT, 1, new Random(1));
        double steps = 0;
        double spread = 0;
        double mean = 0;
        double[] temperatures = new double[2000];
        for (int i = 0; i < temperatures.length; i++) {
            temperatures[i] = new ReadingParser().parse("default", (byte[]) simulator.readings().get(0).getBody(), Instant.now()).values()[1];
            mean += temperatures[i] / temperatures.length;
        }
        for (int i = 1; i < temperatures.length; i++) {
            steps += Math.pow(temperatures[i] - temperatures[i - 1], 2);
            spread += Math.pow(temperatures[i] - mean, 2);
        }
        // White noise would have a ratio of 2 (von Neumann).
        assertTrue(steps / spread < 0.5, "ratio " + steps / spread);
    }

    @Test
    void noTwoReadingsOfADeviceHaveTheSameTime() throws Exception {
        Simulator simulator = new Simulator(CONTEXT, 1, new Random(1));
        Set<Long> times = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            times.add(new ReadingParser().parse("default", (byte[]) simulator.readings().get(0).getBody(), Instant.now()).at());
        }
        assertEquals(2000, times.size(), "readings of one time and different values are dead letters");
    }

    @Test
    void withoutSensorsItIsSilent() {
        assertEquals(List.of(), new Simulator(CONTEXT, 0, new Random(1)).readings());
    }
}
