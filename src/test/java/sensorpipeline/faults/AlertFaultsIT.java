package sensorpipeline.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Chaos;
import sensorpipeline.support.Http;
import sensorpipeline.support.HurtRoutes;
import sensorpipeline.support.ProgramProcess;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Trial;
import sensorpipeline.support.Ward;

/** Whatever fails, the alerts are those of an undisturbed evaluation: none lost, none twice. */
class AlertFaultsIT {

    private static Trial trial() {
        Trial trial = new Trial().with("alerts.checkpoint.interval", "300ms").with("alerts.discovery.interval", 500);
        trial.with("alerts.group", trial.settings().text("topic.name") + "-alerts");
        trial.createTopics();
        trial.startConsumer();
        trial.stopConsumer();
        return trial;
    }

    private static Pipeline start(Settings settings) throws Exception {
        Pipeline pipeline = new Pipeline(settings.with("management.port", 0), Set.of(Services.ALERTS));
        pipeline.start();
        return pipeline;
    }

    private static void awaitEvaluated(Ward ward) {
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> !ward.records().isEmpty());
    }

    private static void awaitHealthy(Pipeline pipeline) {
        Http management = new Http(pipeline.port("management.port"));
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> management.get("/health").statusCode() == 200);
    }

    @Test
    void killedAtAnyMoment() {
        Random random = new Random();
        try (Trial trial = trial(); Ward ward = new Ward(trial.installation().direct(trial.settings()))) {
            for (int kill = 0; kill < Chaos.times(3, 20); kill++) {
                try (ProgramProcess program = ProgramProcess.start(trial.environment(), "alerts")) {
                    program.awaitOutput("Running");
                    ward.send(Duration.ofMillis(1500 + random.nextInt(1000)));
                    program.kill();
                }
                ward.send(Duration.ofMillis(200));
            }
            try (ProgramProcess program = ProgramProcess.start(trial.environment(), "alerts")) {
                program.awaitOutput("Running");
                ward.awaitStored();
            }
        }
    }

    @Test
    void killedBetweenPublicationAndPosition() {
        Map<String, String> environment;
        try (Trial trial = trial(); Ward ward = new Ward(trial.installation().direct(trial.settings()))) {
            environment = trial.environment();
            environment.put("ROUTES_DIR", HurtRoutes.haltingBefore("alerts/publish-transitions.camel.yaml", "published-transitions").toString());
            for (int kill = 0; kill < 2; kill++) {
                int before = ward.records().size();
                ward.send(Duration.ofSeconds(1));
                try (ProgramProcess program = ProgramProcess.start(environment, "alerts")) {
                    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> ward.records().size() > before);
                    program.kill();
                }
            }
            try (ProgramProcess program = ProgramProcess.start(trial.environment(), "alerts")) {
                program.awaitOutput("Running");
                ward.awaitStored();
            }
            assertTrue(ward.records().size() > ward.transitions(), "some was published again");
        }
    }

    @Test
    void anOldReadingIsStillOldAfterAKill() throws Exception {
        try (Trial trial = trial(); Readings devices = new Readings(trial.installation().direct(trial.settings()))) {
            trial.database().run("SET pipeline.tenant = 'default'; SELECT save_alert_rule(NULL, 'old', '{\"name\":\"old\",\"severity\":\"critical\",\"metric\":\"temperature\",\"above\":5,\"sensors\":[\"old-1\"]}')");
            Instant newest = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            try (ProgramProcess program = ProgramProcess.start(trial.environment(), "alerts")) {
                program.awaitOutput("Running");
                devices.sendRecords(List.of(ofOld(trial, newest, 1)));
                Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> trial.database().ask("SELECT count(*) FROM alert_position WHERE newest IS NOT NULL").equals("1"));
                program.kill();
            }
            devices.sendRecords(List.of(ofOld(trial, newest.minusSeconds(2), 9), ofOld(trial, newest.plusMillis(1), 9)));
            try (Pipeline alerts = start(trial.settings())) {
                Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> trial.database().ask("SELECT count(*) FROM alert").equals("1"));
                assertEquals("1", trial.database().ask("SELECT count(*) FROM alert WHERE fired_at = '%s'".formatted(newest.plusMillis(1))));
                awaitHealthy(alerts);
            }
        }
    }

    private static ProducerRecord<byte[], byte[]> ofOld(Trial trial, Instant at, double temperature) {
        return new ProducerRecord<>(trial.settings().text("topic.name"), "old-1".getBytes(StandardCharsets.UTF_8), Readings.json("old-1", at.toString(), temperature).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void withoutPostgresqlAlertsGoOn() throws Exception {
        try (Trial trial = trial(); Ward ward = new Ward(trial.installation().direct(trial.settings())); Pipeline alerts = start(trial.settings())) {
            ward.send(Duration.ofSeconds(1));
            awaitEvaluated(ward);
            trial.installation().postgresql().kill();
            ward.send(Duration.ofSeconds(2));
            ward.awaitPublished();
            trial.installation().postgresql().start();
            trial.installation().postgresql().freeze();
            ward.send(Duration.ofSeconds(2));
            ward.awaitPublished();
            trial.installation().postgresql().thaw();
            ward.send(Duration.ofSeconds(1));
            ward.awaitStored();
            awaitHealthy(alerts);
        }
    }

    @Test
    void theBrokerRestarts() throws Exception {
        try (Trial trial = trial(); Ward ward = new Ward(trial.installation().direct(trial.settings())); Pipeline alerts = start(trial.settings())) {
            ward.send(Duration.ofSeconds(1));
            awaitEvaluated(ward);
            trial.installation().broker().kill();
            trial.installation().broker().start();
            ward.send(Duration.ofSeconds(2));
            ward.awaitStored();
            awaitHealthy(alerts);
        }
    }

    @Test
    void partitionsGoFromOneProgramToAnotherAndBack() throws Exception {
        try (Trial trial = trial(); Ward ward = new Ward(trial.installation().direct(trial.settings())); Pipeline first = start(trial.settings())) {
            ward.send(Duration.ofSeconds(1));
            for (int round = 0; round < 2; round++) {
                try (Pipeline second = start(trial.settings())) {
                    ward.send(Duration.ofSeconds(2));
                    awaitHealthy(second);
                }
                ward.send(Duration.ofSeconds(1));
            }
            ward.awaitStored();
            awaitHealthy(first);
        }
    }

    @Test
    void partitionsAreRaised() throws Exception {
        try (Trial trial = trial(); Ward ward = new Ward(trial.installation().direct(trial.settings())); Pipeline alerts = start(trial.settings())) {
            ward.send(Duration.ofSeconds(2));
            ward.raisePartitions(12);
            ward.send(Duration.ofSeconds(1));
            ward.renewProducer();
            ward.send(Duration.ofSeconds(3));
            ward.awaitStored();
            ward.raisePartitions(15);
            ward.send(Duration.ofSeconds(1));
            awaitPartitions(trial, 15);
            ward.renewProducer();
            ward.send(Duration.ofSeconds(3));
            ward.awaitStored();
            awaitHealthy(alerts);
        }
    }

    private static void awaitPartitions(Trial trial, int count) {
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> trial.database()
                .ask("SELECT count(*) FROM alert_position WHERE topic = '%s' AND raised_at IS NOT NULL".formatted(trial.settings().text("topic.name"))).equals(String.valueOf(count)));
    }

    @Test
    void partitionsAreRaisedThatTwoProgramsShare() throws Exception {
        try (Trial trial = trial(); Ward ward = new Ward(trial.installation().direct(trial.settings())); Pipeline first = start(trial.settings());
                Pipeline second = start(trial.settings())) {
            ward.send(Duration.ofSeconds(2));
            ward.raisePartitions(9);
            ward.send(Duration.ofSeconds(1));
            awaitPartitions(trial, 9);
            ward.send(Duration.ofSeconds(1));
            ward.renewProducer();
            ward.send(Duration.ofSeconds(5));
            ward.awaitStored();
            awaitHealthy(first);
            awaitHealthy(second);
        }
    }

    @Test
    void partitionsAreRaisedAndAProgramIsKilled() throws Exception {
        Random random = new Random();
        for (int kill = 0; kill < Chaos.times(2, 10); kill++) {
            try (Trial trial = trial(); Ward ward = new Ward(trial.installation().direct(trial.settings())); Pipeline other = start(trial.settings())) {
                try (ProgramProcess program = ProgramProcess.start(trial.environment(), "alerts")) {
                    program.awaitOutput("Running");
                    ward.send(Duration.ofSeconds(2));
                    ward.raisePartitions(12);
                    ward.send(Duration.ofMillis(500));
                    ward.renewProducer();
                    ward.send(Duration.ofMillis(random.nextInt(2000)));
                    program.kill();
                }
                ward.send(Duration.ofSeconds(1));
                ward.awaitStored();
                awaitHealthy(other);
            }
        }
    }

    @Test
    void partitionsAreRaisedWithoutPostgresql() throws Exception {
        try (Trial trial = trial(); Ward ward = new Ward(trial.installation().direct(trial.settings())); Pipeline alerts = start(trial.settings())) {
            ward.send(Duration.ofSeconds(2));
            ward.awaitStored();
            ward.raisePartitions(12);
            awaitPartitions(trial, 12);
            trial.installation().postgresql().kill();
            int before = ward.records().size();
            ward.renewProducer();
            ward.send(Duration.ofSeconds(3));
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> ward.records().size() > before);
            trial.installation().postgresql().start();
            ward.send(Duration.ofSeconds(2));
            awaitHealthy(alerts);
            ward.awaitOneAlert();
        }
    }

    @Test
    void partitionsAreRaisedAndSilenceIsToldOnce() throws Exception {
        try (Trial trial = trial()) {
            Settings direct = trial.installation().direct(trial.settings());
            trial.database().run("""
                    SET pipeline.tenant = 'default'; SELECT save_alert_rule(NULL, 'silent',
                        '{"name":"silent","severity":"critical","silent_for":"4s","sensors":["quiet-*","never-1","never-2","never-3"]}')""");
            try (Pipeline first = start(trial.settings()); Pipeline second = start(trial.settings()); Readings before = new Readings(direct)) {
                sendFrom(before, direct, 20);
                awaitSilence(trial, "23 fired", "23 firing");
                try (Admin admin = Admin.create(KafkaClients.properties(direct))) {
                    admin.createPartitions(Map.of(direct.text("topic.name"), NewPartitions.increaseTo(9))).all().get();
                }
                awaitPartitions(trial, 9);
                // The other program learns of it within half a second.
                Chaos.last(Duration.ofSeconds(1));
                try (Readings after = new Readings(direct)) {
                    AtomicInteger rounds = new AtomicInteger();
                    Awaitility.await().pollInterval(Duration.ofMillis(500)).atMost(Duration.ofMinutes(1)).until(() -> {
                        sendFrom(after, direct, 10);
                        return rounds.incrementAndGet() > 20;
                    });
                    awaitSilence(trial, "10 cleared, 23 fired", "13 firing");
                }
                awaitSilence(trial, "10 cleared, 23 fired, 10 reopened", "23 firing");
                awaitHealthy(first);
                awaitHealthy(second);
            }
        }
    }

    private static void sendFrom(Readings devices, Settings settings, int sensors) {
        devices.sendRecords(IntStream.range(0, sensors).mapToObj(sensor -> "quiet-" + sensor).map(sensor -> new ProducerRecord<>(settings.text("topic.name"),
                sensor.getBytes(StandardCharsets.UTF_8), Readings.json(sensor, Instant.now().toString(), 20).getBytes(StandardCharsets.UTF_8))).toList());
    }

    private static void awaitSilence(Trial trial, String events, String firing) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertEquals(events, trial.database().ask("SELECT string_agg(count || ' ' || kind, ', ' ORDER BY kind) FROM (SELECT kind, count(*) FROM alert_event GROUP BY kind) AS kinds"));
            assertEquals(firing, trial.database().ask("SELECT count(*) || ' firing' FROM alert WHERE state = 'firing'"));
        });
    }

    @Test
    void aFrozenProgramWakesUpWhenAnotherHasItsPartitions() throws Exception {
        try (Trial trial = trial(); Ward ward = new Ward(trial.installation().direct(trial.settings()));
                ProgramProcess frozen = ProgramProcess.start(trial.environment(), "alerts")) {
            frozen.awaitOutput("Running");
            ward.send(Duration.ofSeconds(2));
            awaitEvaluated(ward);
            frozen.freeze();
            try (Pipeline other = start(trial.settings())) {
                ward.send(Duration.ofSeconds(2));
                ward.awaitPublished();
                frozen.thaw();
                ward.send(Duration.ofSeconds(2));
                ward.awaitStored();
                awaitHealthy(other);
            }
        }
    }
}
