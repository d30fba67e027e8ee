package sensorpipeline.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;
import sensorpipeline.support.SteadyPorts;

/** A short run of bench/fuzz, with the program in this JVM. */
class FuzzTest {

    private static final int RECORDS = 10_000;

    static LongStream seeds() {
        return LongStream.of(17, ThreadLocalRandom.current().nextLong(1_000_000_000));
    }

    /** To see what is wrong with a seed: {@code bench/fuzz --records 10000 --seed N}. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aHostileRecordIsStoredMergedRepeatedOrADeadLetterOfTheParser(long seed) throws Exception {
        Settings settings = settings();
        FuzzRun run = new FuzzRun(new PipelineSettings(environment(settings)), seed, RECORDS);
        Map<String, Object> result = run(run, settings, () -> { });
        assertEquals(true, result.get("exact"), () -> "seed " + seed + ": " + result);
        for (String outcome : new String[] {"stored", "merged", "repeated", "dead_letters"}) {
            assertTrue((long) result.get(outcome) > RECORDS / 100, () -> "seed " + seed + ": " + result);
        }
        assertTrue(result.get("reasons").toString().contains("conflict"), result.toString());
    }

    @Test
    void noticesARecordThatPostgresqlRefusedAndOneThatIsGone() throws Exception {
        Settings settings = settings();
        Database database = new Database(settings);
        FuzzRun run = new FuzzRun(new PipelineSettings(environment(settings)), 3, 300);
        Map<String, Object> refused = run(run, settings, () -> database.run("""
                UPDATE dead_letter SET reason = 'PostgreSQL refuses it: ERROR: value out of range' WHERE id = (SELECT min(id) FROM dead_letter WHERE reason !~ '^(conflict|too many|expired)');
                DELETE FROM dead_letter WHERE id = (SELECT max(id) FROM dead_letter WHERE reason !~ '^(conflict|too many|expired)')"""));
        assertEquals(false, refused.get("exact"));
        assertEquals(2, refused.get("wrong_records"));
    }

    /** @param before is done before the check */
    private static Map<String, Object> run(FuzzRun run, Settings settings, Runnable before) throws Exception {
        Map<String, Object> result = new LinkedHashMap<>();
        PipelineSettings given = new PipelineSettings(environment(settings));
        run.prepare();
        run.send();
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER, Services.API));
                ConsumerGroup group = new ConsumerGroup(given); Ledger ledger = new Ledger(given)) {
            pipeline.start();
            run.awaitDone(group, ledger, () -> { });
            before.run();
            run.check(result);
        }
        return result;
    }

    private static Settings settings() {
        return Servers.settings().with("api.port", SteadyPorts.anyFree()).with("management.port", SteadyPorts.anyFree()).with("api.query.timeout", 60_000);
    }

    private static Map<String, String> environment(Settings settings) {
        Map<String, String> environment = new HashMap<>();
        for (String key : new String[] {"kafka.bootstrap.servers", "topic.name", "store.group", "db.host", "db.port", "db.name", "db.user", "api.port", "management.port"}) {
            environment.put(Settings.environmentName(key), settings.text(key));
        }
        return environment;
    }
}
