package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** Rollups of hours and of their months, while hours end and late readings come. */
class MonthlyRollupsTest {

    private static final String STORED = "SELECT concat_ws(' ', count(*), sum(readings)) FROM rollup_month";
    private static final String WATERMARK = "SELECT to_char(hour AT TIME ZONE 'UTC', 'DD HH24:MI ') || series_id FROM rollup_watermark";

    private final Settings settings = Servers.settings();
    private final Database database = new Database(settings);

    @BeforeEach
    void beginInApril() {
        database.ask("SELECT make_rollup_partitions('2025-03-01T00:00:00Z', '2025-05-31T00:00:00Z')");
        database.run("UPDATE rollup_watermark SET hour = '2025-04-10T08:00:00Z'");
    }

    /** Adds a reading of the first metric of each of these series. */
    private void add(String hour, Integer... series) {
        database.ask("SELECT add_rollups(ARRAY[" + List.of(series).stream().map(number -> row(hour, number, 1)).collect(Collectors.joining(",")) + "])");
    }

    private static String row(String hour, int series, int position) {
        return "ROW('%1$s', %2$d, %3$d, 1, 1, '%1$s', '%1$s', %2$d, %2$d, %2$d, '%1$s')::hour_rollup".formatted(hour, series, position);
    }

    private String rollUp(int most, String before) {
        return database.ask("SELECT roll_up_months(%d, '%s')".formatted(most, before));
    }

    private void assertEqualARecount() {
        String recount = database.ask(Database.MONTHS_RECOUNTED);
        assertTrue(recount.startsWith("0 of "), recount);
    }

    @Test
    void rowsOfTheMonthAreWrittenWhenTheirHourIsOver() {
        add("2025-04-10T08:00:00Z", 1, 2, 3);
        add("2025-04-10T09:00:00Z", 1, 2);
        assertEquals("0", database.ask(STORED));
        assertEqualARecount();
        assertEquals("3", rollUp(100, "2025-04-10T09:00:00Z"));
        assertEquals("3 3", database.ask(STORED));
        assertEqualARecount();
        assertEquals("0", rollUp(100, "2025-04-10T09:00:00Z"), "its hours are in it already");
        assertEquals("2", rollUp(100, "2025-04-10T10:00:00Z"));
        assertEquals("3 5", database.ask(STORED));
        assertEqualARecount();
    }

    @Test
    void lateReadingsAreInTheRowOfTheMonthAtOnce() {
        add("2025-04-10T07:00:00Z", 1);
        assertEquals("1 1", database.ask(STORED));
        add("2025-04-10T08:00:00Z", 1, 2, 3);
        rollUp(2, "2025-04-10T09:00:00Z");
        assertEquals("10 08:00 2", database.ask(WATERMARK));
        assertEquals("2 3", database.ask(STORED));
        add("2025-04-10T08:00:00Z", 1, 2, 3);
        assertEquals("2 5", database.ask(STORED));
        assertEqualARecount();
        rollUp(2, "2025-04-10T09:00:00Z");
        assertEquals("3 7", database.ask(STORED));
        assertEqualARecount();
    }

    @Test
    void allMetricsOfASeriesAreWrittenTogetherHoweverMany() {
        database.ask("SELECT add_rollups(ARRAY[" + IntStream.rangeClosed(1, 7).mapToObj(position -> row("2025-04-10T08:00:00Z", 1, position)).collect(Collectors.joining(",")) + "])");
        add("2025-04-10T08:00:00Z", 2);
        assertEquals("7", rollUp(3, "2025-04-10T09:00:00Z"));
        assertEquals("1", rollUp(3, "2025-04-10T09:00:00Z"));
        assertEqualARecount();
    }

    @Test
    void monthsFollowOneAnother() {
        add("2025-04-30T23:00:00Z", 1, 2);
        add("2025-05-01T00:00:00Z", 1, 2);
        add("2025-05-31T23:00:00Z", 1);
        assertEquals("3", rollUp(3, "2025-06-01T00:00:00Z"));
        assertEqualARecount();
        assertEquals("2", rollUp(3, "2025-06-01T00:00:00Z"));
        assertEquals("4 5", database.ask(STORED));
        assertEqualARecount();
    }

    @Test
    void hoursOfAMonthThatIsBeingDroppedAreNotAddedToIt() {
        add("2025-04-10T08:00:00Z", 1);
        add("2025-05-10T08:00:00Z", 1);
        database.run("UPDATE rollup_partition SET leaving = true WHERE from_time = '2025-04-01T00:00:00Z'");
        assertEquals("1", rollUp(100, "2025-06-01T00:00:00Z"));
        assertEquals("2025-05-01", database.ask("SELECT string_agg(to_char(month AT TIME ZONE 'UTC', 'YYYY-MM-DD'), ' ') FROM rollup_month"));
    }

    @Test
    void aProgramThatStartsAddsTheHoursThatHaveEndedMeanwhile() throws Exception {
        add("2025-04-10T08:00:00Z", 1, 2, 3);
        add("2025-05-10T08:00:00Z", 1);
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER))) {
            pipeline.start();
            Awaitility.await().until(() -> database.ask("SELECT hour > now() - interval '2 hours' AND hour < now() - interval '10 minutes' FROM rollup_watermark").equals("t"));
        }
        assertEquals("4 4", database.ask(STORED));
    }

    @Test
    void monthsEqualTheirHoursAtAnyMomentWhileReadingsAreAddedAndHoursEnd() throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> writers = IntStream.range(0, 3).<Future<?>>mapToObj(writer -> threads.submit(() -> addAtRandom(new Random(writer)))).toList();
            Future<?> roller = threads.submit(() -> {
                for (int hour = 8; hour < 24; hour++) {
                    while (!rollUp(7, "2025-04-10T%02d:00:00Z".formatted(hour)).equals("0")) {
                        assertEqualARecount();
                    }
                }
            });
            while (!roller.isDone() || !writers.stream().allMatch(Future::isDone)) {
                assertEqualARecount();
            }
            roller.get();
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            threads.shutdownNow();
        }
        while (!rollUp(1000, "2025-06-01T00:00:00Z").equals("0")) {
            assertEqualARecount();
        }
        assertEquals("0", database.ask("SELECT count(*) FROM (TABLE monthly_rollups EXCEPT TABLE rollup_month) AS others"));
        assertEquals(3 * 100 * 20 + " of readings", database.ask("SELECT sum(readings) || ' of readings' FROM rollup_month"));
    }

    private void addAtRandom(Random random) {
        for (int round = 0; round < 100; round++) {
            String rows = random.ints(0, 30 * 40).distinct().limit(20)
                    .mapToObj(one -> row("2025-04-10T%02d:00:00Z".formatted(one / 40 % 24), 1 + one % 40, 1 + one / (24 * 40))).collect(Collectors.joining(","));
            database.ask("SELECT add_rollups(ARRAY[" + rows + "])");
        }
    }
}
