package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sensorpipeline.support.Readings.json;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** A tenant's device makes up names of sensors. */
class SensorFloodIT {

    private static final int SENSORS = 200_000;
    private static final int LIMIT = 100_000;
    private static final Duration FLOOD = Duration.ofMinutes(1);
    private static final Duration STEP = Duration.ofMillis(100);
    private static final Duration WITHIN = Duration.ofSeconds(1);

    private final Settings settings = Servers.settings().with("limit.sensors", LIMIT);
    private final String topic = settings.text("topic.name");
    private final Database database = new Database(settings);

    @Test
    void readingsOfOthersAreStoredWithinASecondWhileATenantSends200000NewSensorsInAMinute() throws Exception {
        ScheduledExecutorService device = Executors.newSingleThreadScheduledExecutor();
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings flood = new Readings(settings); Readings ward = new Readings(settings)) {
            pipeline.start();
            flood.sendTo(topic + ".flood", List.of(json("first", time(0), 1)));
            ward.sendTo(topic + ".ward", List.of(json("bed", time(0), 1)));
            database.awaitReadings(2);

            AtomicInteger sent = new AtomicInteger(1);
            int each = Math.toIntExact(SENSORS * STEP.toMillis() / FLOOD.toMillis());
            Future<?> sending = device.scheduleAtFixedRate(() -> flood.sendTo(topic + ".flood", IntStream.range(0, Math.min(each, SENSORS - sent.get()))
                    .mapToObj(i -> json("made-up-" + sent.getAndIncrement(), time(0), 1)).toList()), 0, STEP.toMillis(), TimeUnit.MILLISECONDS);
            List<Long> times = new ArrayList<>();
            try (Database.Session session = database.session()) {
                while (sent.get() < SENSORS && !sending.isDone()) {
                    String at = time(times.size() + 1);
                    long start = System.nanoTime();
                    ward.sendTo(topic + ".ward", List.of(json("bed", at, 1)));
                    Awaitility.await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(10)).until(() ->
                            session.ask("SELECT 1 FROM reading JOIN series USING (series_id) WHERE tenant = 'ward' AND at = '" + at + "'") != null);
                    times.add(Duration.ofNanos(System.nanoTime() - start).toMillis());
                }
            }
            if (sending.isDone()) {
                sending.get();
            }
            sending.cancel(false);

            long longest = times.stream().mapToLong(Long::longValue).max().orElseThrow();
            assertTrue(longest <= WITHIN.toMillis(), () -> "Milliseconds until the readings of the other tenant were stored: " + times);
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() ->
                    String.valueOf(SENSORS - LIMIT).equals(database.ask("SELECT count(*) FROM dead_letter WHERE reason LIKE 'too many sensors%'")));
            assertEquals(String.valueOf(LIMIT), database.ask("SELECT count(*) FROM series WHERE tenant = 'flood'"));
            assertEquals(String.valueOf(LIMIT), database.ask("SELECT count(*) FROM readings WHERE tenant = 'flood'"));
        } finally {
            device.shutdownNow();
        }
    }

    private static String time(int milliseconds) {
        return Instant.parse("2026-01-15T10:30:00Z").plus(milliseconds, ChronoUnit.MILLIS).toString();
    }
}
