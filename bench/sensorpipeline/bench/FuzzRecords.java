package sensorpipeline.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Hostile records: valid readings, repeats and contradictions of them, readings with odd parts, JSON that is no reading, and other bytes. Each depends
 * only on its number, the seed and the day. Safe for use by many threads.
 */
final class FuzzRecords {

    /** Tenants, named as often as their share of the records is. */
    static final List<String> TENANTS = List.of("default", "default", "default", "default", "other", "other", "few", "brief");
    /** The tenant with few sensors and metrics. */
    static final String LIMITED = "few";
    /** The tenant that keeps its readings only briefly, but longer than the span of usual times. */
    static final String BRIEF = "brief";

    private static final int SENSORS = 200;
    /** Sensors of readings with odd parts, so that odd names of metrics do not fill the limit of the others. */
    private static final int ODD_SENSORS = 2000;
    private static final List<String> METRICS = List.of("temperature", "humidity", "co2", "heart_rate", "vibration", "level");
    private static final List<String> FIELDS = List.of("sensor_id", "location", "timestamp", "received_at", "metrics", "attributes", "temperature", "status", "unit", "id", "count");
    private static final int DEEPEST = 104;
    private static final int[] WIDTHS = {5, 17, 300, 899, 900, 901, 1000, 1001};

    private final long seed;
    private final FuzzTimes times;

    /**
     * @param seed of everything but the times
     * @param day the start of the day of the run
     */
    FuzzRecords(long seed, Instant day) {
        this.seed = seed;
        times = new FuzzTimes(day);
    }

    /** @return the record with this number, from 0 */
    FuzzRecord record(int number) {
        Random random = new Random(seed ^ number * 0x9E3779B97F4A7C15L);
        int tenant = number;
        byte[] value;
        int kind = random.nextInt(1000);
        if (kind < 300) {
            value = text(fields(number), random);
        } else if (kind < 520 && number > 0) {
            // Mostly of the last records, which may still be in the same batch.
            int earlier = random.nextBoolean() ? random.nextInt(number) : number - 1 - random.nextInt(Math.min(number, 2000));
            tenant = earlier;
            value = again(earlier, random);
        } else if (kind < 850) {
            value = odd(number, random);
        } else if (kind < 890) {
            value = json(random).getBytes(StandardCharsets.UTF_8);
        } else if (kind < 895) {
            value = wide(random);
        } else {
            value = otherBytes(text(fields(number), random), random);
        }
        return new FuzzRecord(tenantOf(tenant), key(random), value, headers(random));
    }

    private String tenantOf(int number) {
        return TENANTS.get(new Random(seed + number).nextInt(TENANTS.size()));
    }

    /** @return the fields of a valid reading, which other records repeat; the values as JSON */
    private Map<String, String> fields(int number) {
        Random random = new Random(~seed ^ number * 0xC2B2AE3D27D4EB4FL);
        Map<String, String> fields = new LinkedHashMap<>();
        int sensor = random.nextInt(SENSORS);
        fields.put("sensor_id", sensor % 20 == 0 ? String.valueOf(sensor) : "\"sensor-" + sensor + "\"");
        if (sensor % 3 > 0) {
            fields.put("location", sensor % 7 == 0 ? "null" : "\"hall " + sensor % 3 + "\"");
        }
        fields.put("timestamp", times.usual(random));
        for (int count = 1 + random.nextInt(4); count > 0; count--) {
            fields.put(METRICS.get(random.nextInt(METRICS.size())), FuzzNumbers.metric(random));
        }
        if (random.nextInt(4) == 0) {
            fields.put("status", random.nextBoolean() ? "\"ok\"" : "{\"battery\":[" + random.nextInt(100) + ".0,null]}");
        }
        return fields;
    }

    /** @return a record that repeats, completes or contradicts an earlier one */
    private byte[] again(int earlier, Random random) {
        Map<String, String> fields = fields(earlier);
        String metric = METRICS.get(random.nextInt(METRICS.size()));
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                // The same, or the same in another order.
            }
            case 2 -> fields.put(metric, FuzzNumbers.metric(random));
            case 3 -> fields.put("added " + random.nextInt(3), FuzzNumbers.metric(random));
            case 4 -> fields.put("status", value(random, 3));
            case 5 -> fields.put("note " + random.nextInt(3), value(random, 3));
            case 6 -> {
                METRICS.forEach(fields::remove);
                fields.put(metric, FuzzNumbers.metric(random));
            }
            default -> fields.put("\\u0074emperature", "20.50");
        }
        return text(fields, random);
    }

    /** @return a valid reading, of which one to three parts became odd */
    private byte[] odd(int number, Random random) {
        Map<String, String> fields = fields(number);
        fields.put("sensor_id", "\"odd-" + random.nextInt(ODD_SENSORS) + "\"");
        for (int count = 1 + random.nextInt(3); count > 0; count--) {
            switch (random.nextInt(12)) {
                case 0 -> fields.put("sensor_id", random.nextInt(3) == 0 ? value(random, 1) : quoted(random));
                case 1 -> fields.put("location", random.nextInt(3) == 0 ? value(random, 2) : quoted(random));
                case 2, 3 -> fields.put("timestamp", times.odd(random));
                case 4, 5 -> fields.put(METRICS.get(random.nextInt(METRICS.size())), FuzzNumbers.odd(random));
                case 6 -> fields.put(FuzzTexts.any(random), FuzzNumbers.metric(random));
                case 7 -> fields.put(FuzzTexts.any(random), value(random, 4));
                case 8 -> fields.put("metrics", "{" + member(random, FuzzNumbers.metric(random)) + "," + member(random, value(random, 2)) + "}");
                case 9 -> fields.put("deep", deep(random));
                case 10 -> fields.remove(FIELDS.get(random.nextInt(3)));
                default -> fields.put(FIELDS.get(random.nextInt(FIELDS.size())), value(random, 2));
            }
        }
        return text(fields, random);
    }

    /** @return the record of a device with many metrics, at times of many names or much text */
    private byte[] wide(Random random) {
        int sensor = random.nextInt(20);
        // At few times, so that some are merged.
        StringBuilder text = new StringBuilder("{\"sensor_id\":\"wide-" + sensor + "\",\"timestamp\":" + times.usual(new Random(random.nextInt(100))));
        int kind = random.nextInt(10);
        if (kind == 0) {
            // About a megabyte, as large as a record may be or a little larger.
            text.append(",\"temperature\":1,\"status\":\"").append("\u4e2d".repeat(349_400 + random.nextInt(200))).append('"');
        } else if (kind == 1) {
            text.append(",\"temperature\":1,\"status\":[1").append((random.nextBoolean() ? ",1e308" : ",0e-16000").repeat(20 + random.nextInt(5000))).append(']');
        } else {
            String long4 = kind == 2 ? "\ud83d\ude00".repeat(196) : "";
            for (int metric = WIDTHS[random.nextInt(WIDTHS.length)]; metric > 0; metric--) {
                text.append(",\"").append(long4).append(metric + random.nextInt(2) * 450).append("\":").append(FuzzNumbers.metric(random));
            }
        }
        return text.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] text(Map<String, String> fields, Random random) {
        List<String> members = new ArrayList<>();
        fields.forEach((name, value) -> members.add("\"" + name + "\":" + value));
        if (random.nextInt(4) == 0) {
            Collections.shuffle(members, random);
        }
        if (random.nextInt(200) == 0) {
            members.add(members.get(random.nextInt(members.size())));
        }
        return ("{" + String.join(random.nextInt(50) == 0 ? " ,\r\n\t" : ",", members) + "}").getBytes(StandardCharsets.UTF_8);
    }

    private static String quoted(Random random) {
        return "\"" + FuzzTexts.any(random) + "\"";
    }

    private static String member(Random random, String value) {
        return quoted(random) + ":" + value;
    }

    /** @return any JSON value, at most so deep, mostly valid */
    private static String value(Random random, int depth) {
        int kind = random.nextInt(depth > 0 ? 9 : 6);
        if (kind < 6) {
            return switch (kind) {
                case 0 -> "null";
                case 1 -> String.valueOf(random.nextBoolean());
                case 2, 3 -> FuzzNumbers.odd(random);
                default -> quoted(random);
            };
        }
        List<String> parts = new ArrayList<>();
        for (int count = random.nextInt(5); count > 0; count--) {
            String part = value(random, depth - 1);
            parts.add(kind == 6 ? part : member(random, part));
        }
        return kind == 6 ? "[" + String.join(",", parts) + "]" : "{" + String.join(",", parts) + "}";
    }

    private static String deep(Random random) {
        int depth = DEEPEST - random.nextInt(10);
        boolean isArray = random.nextBoolean();
        return (isArray ? "[" : "{\"\":").repeat(depth) + value(random, 0) + (isArray ? "]" : "}").repeat(random.nextInt(30) == 0 ? depth - 1 : depth);
    }

    /** @return JSON that is no reading, or nearly one */
    private String json(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> "[" + new String(text(fields(random.nextInt()), random), StandardCharsets.UTF_8) + "]";
            case 1 -> "{}";
            case 2 -> "\"" + new String(text(fields(random.nextInt()), random), StandardCharsets.UTF_8).replace("\"", "\\\"") + "\"";
            default -> value(random, 5);
        };
    }

    /** @return other bytes made of the record's, or none */
    private static byte[] otherBytes(byte[] record, Random random) {
        String text = new String(record, StandardCharsets.UTF_8);
        return switch (random.nextInt(16)) {
            case 0 -> Arrays.copyOf(record, random.nextInt(record.length));
            case 1 -> joined(record, record);
            case 2 -> joined(record, new byte[] {(byte) (random.nextInt(256))});
            case 3 -> joined(new byte[] {0, 0, 0, 0, (byte) random.nextInt(256)}, record);
            case 4 -> joined(new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}, record);
            case 5 -> text.getBytes(random.nextBoolean() ? StandardCharsets.UTF_16 : StandardCharsets.UTF_16LE);
            case 6 -> text.getBytes(Charset.forName("UTF-32"));
            case 7 -> zipped(record);
            case 8 -> random.nextBoolean() ? null : new byte[0];
            case 9 -> text.replace("sensor", "s\u00e9nsor").getBytes(StandardCharsets.ISO_8859_1);
            case 10 -> text.replace('"', '\'').getBytes(StandardCharsets.UTF_8);
            case 11 -> raw(random);
            case 12 -> inserted(record, random, new byte[] {(byte) 0xf0, (byte) 0x9f, (byte) 0x98});
            case 13 -> inserted(record, random, random.nextBoolean() ? new byte[] {(byte) 0xc0, (byte) 0x80} : new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80});
            default -> flipped(record, random);
        };
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] inserted(byte[] record, Random random, byte[] bytes) {
        int at = random.nextInt(record.length);
        return joined(joined(Arrays.copyOf(record, at), bytes), Arrays.copyOfRange(record, at, record.length));
    }

    private static byte[] raw(Random random) {
        byte[] bytes = new byte[1 + random.nextInt(random.nextInt(100) == 0 ? 100_000 : 40)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] flipped(byte[] record, Random random) {
        byte[] changed = record.clone();
        for (int count = 1 + random.nextInt(3); count > 0; count--) {
            changed[random.nextInt(changed.length)] = (byte) (random.nextBoolean() ? random.nextInt(256) : random.nextInt(128));
        }
        return changed;
    }

    private static byte[] zipped(byte[] record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(record);
        } catch (IOException e) {
            throw new IllegalStateException("Memory is written to", e);
        }
        return bytes.toByteArray();
    }

    private static byte[] key(Random random) {
        return switch (random.nextInt(20)) {
            case 0 -> null;
            case 1 -> new byte[0];
            case 2 -> raw(random);
            case 3 -> FuzzTexts.any(random).getBytes(StandardCharsets.UTF_8);
            default -> ("key " + random.nextInt(SENSORS)).getBytes(StandardCharsets.UTF_8);
        };
    }

    private static List<Header> headers(Random random) {
        List<Header> headers = new ArrayList<>();
        if (random.nextInt(4) == 0) {
            List<String> names = List.of("kafka.OVERRIDE_TOPIC", "kafka.KEY", "kafka.PARTITION_KEY", "CamelKafkaTopic", "traceparent", "dead-letter-id", "dead-letter-headers", "dead-letter-reason", "a\u0000b", "");
            for (int count = random.nextInt(4); count > 0; count--) {
                String name = random.nextBoolean() ? names.get(random.nextInt(names.size())) : FuzzTexts.any(random);
                headers.add(new RecordHeader(name, random.nextInt(5) == 0 ? null : random.nextBoolean() ? raw(random) : FuzzTexts.any(random).getBytes(StandardCharsets.UTF_8)));
            }
        }
        return headers;
    }
}
