package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Alerts that are over are deleted some time later, with all that belongs to them, and do not come back. */
class AlertRetentionTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Database DATABASE = new Database(SETTINGS);
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final String A_YEAR = "'365 days', 1000";
    private static Pipeline pipeline;
    private static Http api;

    @BeforeAll
    static void start() throws Exception {
        restart();
    }

    private static void restart() throws Exception {
        if (pipeline != null) {
            pipeline.close();
        }
        pipeline = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.ALERTS, Services.API));
        pipeline.start();
        api = new Http(pipeline.port("api.port"));
    }

    @AfterAll
    static void stop() {
        DEVICES.close();
        pipeline.close();
    }

    private static JsonNode call(String method, String path, String body) {
        HttpResponse<String> answer = api.call(method, path, HttpRequest.BodyPublishers.ofString(body), "Content-Type", "application/json");
        assertTrue(answer.statusCode() < 300, answer.body());
        return Http.json(answer).path("data");
    }

    private static long addRule(String name, double above) {
        return call("POST", "/alert-rules", "{\"name\":\"%s\",\"metric\":\"temperature\",\"severity\":\"critical\",\"above\":%s,\"sensors\":[\"%s-*\"]}".formatted(name, above, name)).path("id").asLong();
    }

    private static void send(String sensor, double temperature) {
        DEVICES.send("{\"sensor_id\":\"%s\",\"temperature\":%s,\"timestamp\":\"%s\"}".formatted(sensor, temperature, Instant.now()));
    }

    private static void await(String expected, String question) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50)).untilAsserted(() -> assertEquals(expected, DATABASE.ask(question)));
    }

    /** @return the id of an alert of a sensor that has fired and cleared */
    private static String alertThatIsOver(String sensor) {
        send(sensor, 50);
        await("firing", "SELECT state FROM alert WHERE sensor_id = '%s'".formatted(sensor));
        send(sensor, 1);
        await("cleared", "SELECT state FROM alert WHERE sensor_id = '%s'".formatted(sensor));
        return DATABASE.ask("SELECT alert_id FROM alert WHERE sensor_id = '%s'".formatted(sensor));
    }

    private static void makeOld(String alert, int days) {
        DATABASE.run("UPDATE alert SET stored_at = stored_at - interval '%d days' WHERE alert_id = '%s'".formatted(days, alert));
    }

    private static String known(String alert) {
        return DATABASE.ask("SELECT (SELECT count(*) FROM alert WHERE alert_id = '%1$s') || ' ' || (SELECT count(*) FROM alert_event WHERE alert_id = '%1$s')".formatted(alert));
    }

    @Test
    void anAlertGoesWithItsHistoryAYearAfterItWasOverAndDoesNotComeBack() throws Exception {
        addRule("gone", 40);
        String alert = alertThatIsOver("gone-1");
        String kept = alertThatIsOver("gone-2");
        send("gone-3", 50);
        await("firing", "SELECT state FROM alert WHERE sensor_id = 'gone-3'");
        String open = DATABASE.ask("SELECT alert_id FROM alert WHERE sensor_id = 'gone-3'");
        makeOld(alert, 366);
        makeOld(kept, 364);
        makeOld(open, 999);
        assertEquals("1", DATABASE.ask("SELECT delete_old_alerts(%s)".formatted(A_YEAR)));
        assertEquals("0 0", known(alert));
        assertEquals("1 2", known(kept));
        assertEquals("1 1", known(open));
        assertEquals("0", DATABASE.ask("SELECT delete_old_alerts(%s)".formatted(A_YEAR)));

        pipeline.close();
        pipeline = null;
        // Everything is evaluated, and all transitions are stored, from the first record on.
        DATABASE.run("UPDATE alert_position SET next_offset = 0");
        DATABASE.run("DELETE FROM alert_state");
        restart();
        send("gone-4", 50);
        await("firing", "SELECT state FROM alert WHERE sensor_id = 'gone-4'");
        await("t", "SELECT bool_and(next_offset > 0) FROM alert_position WHERE tenant IS NULL");
        assertEquals("0 0", known(alert));
        assertEquals("1 2", known(kept));
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM alert WHERE sensor_id = 'gone-1'"));

        DATABASE.run("UPDATE alert_deleted SET deleted_at = deleted_at - interval '366 days'");
        DATABASE.ask("SELECT delete_old_alerts(%s)".formatted(A_YEAR));
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM alert_deleted"));
    }

    @Test
    void fewGoAtATimeTheOldestFirst() {
        addRule("few", 40);
        for (int i = 0; i < 5; i++) {
            makeOld(alertThatIsOver("few-" + i), 4005 - i);
        }
        assertEquals("2", DATABASE.ask("SELECT delete_old_alerts('4000 days', 2)"));
        assertEquals("few-2 few-3 few-4", DATABASE.ask("SELECT string_agg(sensor_id, ' ' ORDER BY sensor_id) FROM alert WHERE sensor_id LIKE 'few-%'"));
        assertEquals("3", DATABASE.ask("SELECT delete_old_alerts('4000 days', 1000)"));
    }

    @Test
    void whatChannelsHaveToldIsKeptAsLongAsTheyNeedIt() {
        call("POST", "/alert-channels", "{\"name\":\"told\",\"webhook\":{\"url\":\"http://127.0.0.1:1/\",\"secret\":\"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\"},\"sensors\":[\"told-*\"],\"severity\":\"info\"}");
        long channel = Long.parseLong(DATABASE.ask("SELECT channel_id FROM alert_channel WHERE name = 'told'"));
        addRule("told", 40);
        String alert = alertThatIsOver("told-1");
        makeOld(alert, 366);
        assertEquals("0", DATABASE.ask("SELECT delete_old_alerts(%s)".formatted(A_YEAR)), "its channel has not told of it");
        String notices = "SELECT count(*) FROM alert_notice WHERE channel_id = " + channel;
        assertEquals("2", DATABASE.ask(notices));
        DATABASE.run("UPDATE alert_notice SET created_at = created_at - interval '8 days'");
        assertEquals("0", DATABASE.ask("SELECT delete_old_messages(1000)"));
        // As if all were delivered.
        DATABASE.run("UPDATE alert_notice SET message_id = gen_random_uuid() WHERE message_id IS NULL");
        DATABASE.run("DELETE FROM alert_message");
        assertEquals("1", DATABASE.ask("SELECT delete_old_messages(1)"));
        assertEquals("1", DATABASE.ask("SELECT delete_old_messages(2)"));
        assertEquals("0", DATABASE.ask(notices));
        assertEquals("1", DATABASE.ask("SELECT delete_old_alerts(%s)".formatted(A_YEAR)));
        assertEquals("0 0", known(alert));
        call("DELETE", "/alert-channels/" + channel, "");
    }

    @Test
    void oldChangesGoOnceAllPartitionsHaveAppliedThem() throws Exception {
        long rule = addRule("changed", 90);
        String definition = "{\"name\":\"changed\",\"metric\":\"temperature\",\"severity\":\"critical\",\"above\":%s,\"sensors\":[\"changed-*\"]}";
        call("PUT", "/alert-rules/" + rule, definition.formatted(80));
        call("PUT", "/alert-rules/" + rule, definition.formatted(40));
        long deleted = addRule("deleted", 1);
        call("DELETE", "/alert-rules/" + deleted, "");
        String alert = alertThatIsOver("changed-1");
        call("POST", "/alerts/" + alert + "/acknowledge", "{}");
        String changes = "SELECT count(*) FROM alert_change WHERE rule_id IN (%d, %d)".formatted(rule, deleted);
        assertEquals("6", DATABASE.ask(changes));
        String last = DATABASE.ask("SELECT max(change_id) FROM alert_change");
        await("t", "SELECT bool_and(applied_change >= %s) FROM alert_position WHERE tenant IS NOT NULL".formatted(last));
        DATABASE.ask("SELECT delete_old_alert_changes(%s)".formatted(A_YEAR));
        assertEquals("6", DATABASE.ask(changes), "they are of today");

        pipeline.close();
        pipeline = null;
        DATABASE.run("UPDATE alert_change SET changed_at = changed_at - interval '366 days' WHERE rule_id IN (%d, %d)".formatted(rule, deleted));
        String applied = DATABASE.ask("SELECT min(applied_change) FROM alert_position WHERE tenant IS NOT NULL");
        DATABASE.run("UPDATE alert_position SET applied_change = %d WHERE \"partition\" = 0 AND tenant IS NOT NULL".formatted(rule));
        DATABASE.ask("SELECT delete_old_alert_changes(%s)".formatted(A_YEAR));
        assertEquals("6", DATABASE.ask(changes), "a partition has not applied them");
        DATABASE.run("UPDATE alert_position SET applied_change = %s WHERE \"partition\" = 0 AND tenant IS NOT NULL".formatted(applied));
        while (!DATABASE.ask("SELECT delete_old_alert_changes('365 days', 1)").equals("0")) {
            assertTrue(Integer.parseInt(DATABASE.ask(changes)) > 0);
        }
        assertEquals("1", DATABASE.ask(changes), "the last version of the rule");

        restart();
        alertThatIsOver("changed-2");
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM alert WHERE sensor_id LIKE 'deleted%'"));
    }
}
