package sensorpipeline.bench;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The readings to send. Each depends on its number alone, so that a repeated reading is byte-identical and two runs send the
 * same readings apart from their date. Not thread-safe.
 */
final class Workload {

    private static final String[] LOCATIONS = {"assembly", "warehouse", "cold-store", "laboratory", "roof"};
    /** Most repeats are of one of this many preceding readings of the sensor, as after a lost acknowledgement. */
    private static final long RECENT_ROUNDS = 1000;
    private static final double RECENT_PERCENT = 90;
    private static final long HOUR = 3_600_000;
    private static final long LATE_SPAN = 72 * HOUR;
    /** A prime greater than any number of rounds, so that its multiples visit every slot once. */
    private static final long STRIDE = Integer.MAX_VALUE;

    private final IngestOptions options;
    private final long rounds;
    /** Milliseconds between two consecutive readings of any sensors. */
    private final double spacing;
    private final StringBuilder json = new StringBuilder(256);
    private long firstTime;
    private long second = Long.MIN_VALUE;
    private String secondText;
    private long repeated;
    private long late;
    private long merged;

    Workload(IngestOptions options) {
        this.options = options;
        long readings = (options.events + options.recordsPerReading() - 1) / options.recordsPerReading();
        rounds = (readings + options.sensors - 1) / options.sensors;
        spacing = options.interval * 1000 / options.sensors;
        startAt(System.currentTimeMillis() - (long) (readings * spacing));
    }

    /** @param time of the first reading, in milliseconds since 1970 */
    void startAt(long time) {
        firstTime = time;
    }

    /** @return the number of readings so far that repeated an earlier one */
    long repeated() {
        return repeated;
    }

    /** @return the number of readings so far, without repeats, whose time is in the past */
    long late() {
        return late;
    }

    /** @return the number of records so far, without repeats, that add a metric to a reading which an earlier one made */
    long merged() {
        return merged;
    }

    /** @return a Kafka record; to be called once for each number */
    ProducerRecord<byte[], byte[]> next(String topic, long record) {
        long number = record / options.recordsPerReading();
        int part = (int) (record % options.recordsPerReading());
        long source = source(number);
        if (source != number) {
            repeated++;
        } else if (part > 0) {
            merged++;
        } else if (isLate(number)) {
            late++;
        }
        String sensor = sensor(number % options.sensors + 1);
        return new ProducerRecord<>(topic, latin(sensor), latin(json(sensor, source, part)));
    }

    private static String sensor(long number) {
        String digits = String.valueOf(number);
        return "sensor-" + "0".repeat(Math.max(0, 5 - digits.length())) + digits;
    }

    private static byte[] latin(CharSequence text) {
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** @param part number of the record among those of the reading */
    private String json(String sensor, long number, int part) {
        json.setLength(0);
        json.append("{\"sensor_id\":\"").append(sensor)
                .append("\",\"location\":\"").append(LOCATIONS[(int) (number % options.sensors % LOCATIONS.length)]).append('"');
        int wanted = options.metricsPerRecord();
        for (int metric = 1; metric <= options.metrics; metric++) {
            // Of the metrics that are left, each with the same chance; what is written then is exactly as many as wanted.
            boolean isWritten = options.isSplit ? metric == part + 1
                    : Math.floorMod(mix(number * 31 + metric), options.metrics - metric + 1) < wanted;
            if (isWritten) {
                wanted--;
                appendMetric(metric, number);
            }
        }
        json.append(",\"timestamp\":\"");
        appendTime(isLate(number) ? lateTime(number) : firstTime + (long) (number * spacing));
        return json.append("\"}").toString();
    }

    private void appendMetric(int metric, long number) {
        long chance = mix(number);
        switch (metric) {
            case 1 -> {
                json.append(",\"temperature\":");
                appendHundredths(1500 + (chance & 1023));
            }
            case 2 -> {
                json.append(",\"humidity\":");
                appendHundredths(3500 + (chance >>> 10 & 2047));
            }
            default -> {
                json.append(",\"metric_").append(metric).append("\":");
                appendHundredths(mix(chance + metric) & 65535);
            }
        }
    }

    private void appendHundredths(long hundredths) {
        long fraction = hundredths % 100;
        json.append(hundredths / 100).append(fraction < 10 ? ".0" : ".").append(fraction);
    }

    private void appendTime(long time) {
        if (Math.floorDiv(time, 1000) != second) {
            second = Math.floorDiv(time, 1000);
            secondText = Instant.ofEpochSecond(second).toString().replace("Z", ".");
        }
        long milliseconds = Math.floorMod(time, 1000);
        json.append(secondText).append(milliseconds < 10 ? "00" : milliseconds < 100 ? "0" : "").append(milliseconds).append('Z');
    }

    /** @return the number of the reading that is sent: this one, or an earlier one of the same sensor that it repeats */
    private long source(long number) {
        if (!repeats(number)) {
            return number;
        }
        long round = number / options.sensors;
        long reach = percent(number, 2) < RECENT_PERCENT ? Math.min(round, RECENT_ROUNDS) : round;
        long earlier = number - options.sensors * (1 + (mix(number) >>> 1) % reach);
        while (repeats(earlier)) {
            earlier -= options.sensors;
        }
        return earlier;
    }

    private boolean repeats(long number) {
        return number >= options.sensors && percent(number, 0) < options.duplicates;
    }

    private boolean isLate(long number) {
        return percent(number, 1) < options.late;
    }

    /** @return a time before all readings that are on time, unique for the sensor */
    private long lateTime(long number) {
        long slot = number / options.sensors * STRIDE % rounds;
        return firstTime - HOUR - slot * Math.max(1, LATE_SPAN / rounds);
    }

    /** @return a pseudo-random number from 0 to 100, the same for the same number and purpose */
    private static double percent(long number, int purpose) {
        return (mix(number * 3 + purpose) >>> 11) * 0x1p-53 * 100;
    }

    /** @return the pseudo-random bits of SplitMix64 */
    private static long mix(long number) {
        long bits = (number + 1) * 0x9E3779B97F4A7C15L;
        bits = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        bits = (bits ^ (bits >>> 27)) * 0x94D049BB133111EBL;
        return bits ^ (bits >>> 31);
    }
}
