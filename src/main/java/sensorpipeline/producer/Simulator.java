package sensorpipeline.producer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.camel.CamelContext;
import org.apache.camel.Message;

/**
 * Simulated devices: each has a location, follows the daily temperature cycle, and drifts a little around it, like real
 * ones. The drift is a first-order autoregressive process. Not thread-safe.
 */
public final class Simulator {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double PERSISTENCE = 0.95;

    /** A location, with the mean and the daily swing of its temperature (°C) and its mean relative humidity (%). */
    private record Place(String name, double temperature, double swing, double humidity) {
    }

    private static final List<Place> PLACES = List.of(
            new Place("warehouse-a", 19, 2.5, 48),
            new Place("warehouse-b", 17, 3.5, 52),
            new Place("greenhouse", 24, 5, 68),
            new Place("office", 21.5, 1.2, 41),
            new Place("cold-room", 4, 0.4, 74));

    /** A device and its current drift. */
    private static final class Device {
        private final String sensorId;
        private final Place place;
        private final double offset;
        private double temperatureDrift;
        private double humidityDrift;

        Device(int number, RandomGenerator random) {
            sensorId = "sensor-%03d".formatted(number);
            place = PLACES.get((number - 1) % PLACES.size());
            offset = random.nextGaussian() * 0.4;
        }
    }

    private final CamelContext context;
    private final RandomGenerator random;
    private final List<Device> devices = new ArrayList<>();
    private Instant last = Instant.EPOCH;

    /**
     * @param context of the route that sends the readings
     * @param sensors number of devices, 0 or more
     * @param random random number generator
     */
    public Simulator(CamelContext context, int sensors, RandomGenerator random) {
        this.context = context;
        this.random = random;
        for (int number = 1; number <= sensors; number++) {
            devices.add(new Device(number, random));
        }
    }

    /** @return a reading of each device with the current time, or a little later if the last one has that */
    public List<Message> readings() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Instant at = now.isAfter(last) ? now : last.plusMillis(1);
        last = at;
        return devices.stream().map(device -> reading(device, at)).toList();
    }

    private Message reading(Device device, Instant now) {
        // Warmest at 15:00, coolest at 03:00; rising temperature lowers relative humidity.
        double hour = now.atOffset(ZoneOffset.UTC).get(ChronoField.SECOND_OF_DAY) / 3600.0;
        double day = Math.cos((hour - 15) / 24 * 2 * Math.PI);
        device.temperatureDrift = device.temperatureDrift * PERSISTENCE + random.nextGaussian() * 0.08;
        device.humidityDrift = device.humidityDrift * PERSISTENCE + random.nextGaussian() * 0.3;
        double temperature = device.place.temperature + device.offset + device.place.swing * day + device.temperatureDrift;
        double humidity = device.place.humidity - 1.8 * device.place.swing * day + device.humidityDrift;
        Map<String, Object> reading = new LinkedHashMap<>();
        reading.put("sensor_id", device.sensorId);
        reading.put("location", device.place.name);
        reading.put("temperature", rounded(temperature));
        reading.put("humidity", rounded(Math.max(0, Math.min(100, humidity))));
        reading.put("timestamp", now.toString());
        try {
            return OutgoingReading.message(context, device.sensorId, JSON.writeValueAsBytes(reading));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }
}
