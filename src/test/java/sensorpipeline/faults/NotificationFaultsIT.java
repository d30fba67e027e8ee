package sensorpipeline.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.support.Chaos;
import sensorpipeline.support.HurtRoutes;
import sensorpipeline.support.ProgramProcess;
import sensorpipeline.support.Trial;
import sensorpipeline.support.Ward;
import sensorpipeline.support.WebhookReceiver;

/** Whatever fails, people are told of each event of an alert in one message, in order; only a message may come twice, with the same id. */
class NotificationFaultsIT {

    private static Trial trial(WebhookReceiver receiver) {
        Trial trial = new Trial().with("alerts.checkpoint.interval", "300ms").with("alerts.discovery.interval", 500);
        trial.with("alerts.group", trial.settings().text("topic.name") + "-alerts");
        trial.createTopics();
        trial.startConsumer();
        trial.stopConsumer();
        trial.database().run(("SET pipeline.tenant = 'default'; SELECT save_alert_channel(NULL, 'c', '{\"name\":\"c\",\"webhook\":{\"url\":\"%s\"}}', '{\"severity\":\"info\",\"tells_cleared\":true}',"
                + " '0123456789abcdef')").formatted(receiver.url()));
        return trial;
    }

    /** Waits until everything that happened is told, and nothing else. */
    private static void awaitTold(Trial trial, Ward ward, WebhookReceiver receiver) {
        ward.awaitStored();
        // A program that was killed while it delivered a message need not be waited for.
        trial.database().run("UPDATE alert_message SET leased_until = now()");
        Awaitility.await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertEquals("0 0", trial.database().ask(
                "SELECT (SELECT count(*) FROM alert_notice WHERE message_id IS NULL) || ' ' || (SELECT count(*) FROM alert_message WHERE delivered_at IS NULL)")));
        Map<String, Integer> messages = receiver.messages().stream().collect(Collectors.toMap(WebhookReceiver.Message::id, message -> message.data().path("count").asInt(), (one, other) -> {
            assertEquals(one, other, "a message that comes twice is the same");
            return one;
        }));
        assertEquals(trial.database().ask("SELECT count(*) FROM alert_message"), String.valueOf(messages.size()));
        String notices = trial.database().ask("SELECT count(*) FROM alert_notice");
        assertEquals(notices, String.valueOf(messages.values().stream().mapToInt(Integer::intValue).sum()));
        assertTrue(Integer.parseInt(notices) > 20, notices);
        assertEquals("0", trial.database().ask("""
                SELECT count(*) FROM (SELECT alert_id, string_agg(kind, ' ' ORDER BY revision) AS kinds FROM alert_event WHERE kind <> 'changed' GROUP BY alert_id) AS happened
                FULL JOIN (SELECT alert_id, string_agg(kind, ' ' ORDER BY notice_id) AS kinds FROM alert_notice WHERE kind <> 'changed' GROUP BY alert_id) AS told USING (alert_id)
                WHERE happened.kinds IS DISTINCT FROM told.kinds"""));
    }

    @Test
    void killedAtAnyMoment() {
        Random random = new Random();
        try (WebhookReceiver receiver = new WebhookReceiver(); Trial trial = trial(receiver); Ward ward = new Ward(trial.installation().direct(trial.settings()))) {
            for (int kill = 0; kill < Chaos.times(2, 20); kill++) {
                try (ProgramProcess program = ProgramProcess.start(trial.environment(), "alerts")) {
                    program.awaitOutput("Running");
                    ward.send(Duration.ofMillis(1500 + random.nextInt(1000)));
                    program.kill();
                }
            }
            try (ProgramProcess program = ProgramProcess.start(trial.environment(), "alerts")) {
                program.awaitOutput("Running");
                awaitTold(trial, ward, receiver);
            }
        }
    }

    @Test
    void killedBetweenTheDeliveryAndTheRecordOfIt() {
        try (WebhookReceiver receiver = new WebhookReceiver(); Trial trial = trial(receiver); Ward ward = new Ward(trial.installation().direct(trial.settings()))) {
            Map<String, String> environment = trial.environment();
            environment.put("ROUTES_DIR", HurtRoutes.haltingBefore("alerts/notify-channel.camel.yaml", "outcome-to-postgres").toString());
            try (ProgramProcess program = ProgramProcess.start(environment, "alerts")) {
                program.awaitOutput("Running");
                ward.send(Duration.ofSeconds(1));
                Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> !receiver.messages().isEmpty());
                program.kill();
            }
            try (ProgramProcess program = ProgramProcess.start(trial.environment(), "alerts")) {
                program.awaitOutput("Running");
                awaitTold(trial, ward, receiver);
            }
            String first = receiver.messages().get(0).id();
            assertEquals(2, receiver.messages().stream().filter(message -> message.id().equals(first)).count(), "it was delivered again");
        }
    }

    @Test
    void twoProgramsTellEverythingOnceAlsoWithoutPostgresqlForAWhile() throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver(); Trial trial = trial(receiver); Ward ward = new Ward(trial.installation().direct(trial.settings()));
                Pipeline first = new Pipeline(trial.settings().with("management.port", 0), Set.of(Services.ALERTS))) {
            first.start();
            try (Pipeline second = new Pipeline(trial.settings().with("management.port", 0), Set.of(Services.ALERTS))) {
                second.start();
                ward.send(Duration.ofSeconds(2));
                trial.installation().postgresql().kill();
                ward.send(Duration.ofSeconds(1));
                trial.installation().postgresql().start();
                ward.send(Duration.ofSeconds(1));
                ward.awaitStored();
            }
            ward.send(Duration.ofSeconds(1));
            awaitTold(trial, ward, receiver);
        }
    }
}
