package sensorpipeline.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Installation;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Trial;

/** The REST API on a hot standby, while the consumer writes to the primary. */
class ReadReplicaIT {

    private static Installation installation;
    private static Trial trial;
    private static Readings devices;
    private static Pipeline onReplica;
    private static Http api;
    private static Http management;

    @BeforeAll
    static void start() throws Exception {
        installation = Installation.own();
        installation.startStandby();
        trial = new Trial(installation);
        trial.startConsumer();
        devices = new Readings(installation.direct(trial.settings()));
        devices.send(Readings.json("sensor-1", Instant.now().toString(), 1), "no reading");
        onReplica = apiOn("127.0.0.1", installation.standbyPort());
        api = new Http(onReplica.port("api.port"));
        management = new Http(onReplica.port("management.port"));
        Awaitility.await("the reading in the replica").atMost(Duration.ofMinutes(1)).ignoreExceptions()
                .until(() -> Http.json(api.get("/data/latest")).path("count").asInt() == 1 && Http.json(api.get("/dead-letters")).path("count").asInt() == 1);
    }

    @AfterAll
    static void stop() {
        onReplica.close();
        devices.close();
        trial.close();
        installation.close();
    }

    private static Pipeline apiOn(String hosts, int port) throws Exception {
        Pipeline pipeline = new Pipeline(trial.settings().with("db.host", hosts).with("db.port", port).with("api.port", 0)
                .with("api.stream.interval", 200), Set.of(Services.API));
        pipeline.start();
        return pipeline;
    }

    @Test
    void everyQuestionOfTheContractHasAnAnswer() {
        String alert = "00000000-0000-0000-0000-000000000001";
        trial.database().run("SET pipeline.tenant = 'default'; SELECT save_alert_rule(NULL, 'r', '{\"name\":\"r\"}')");
        trial.database().run("SET pipeline.tenant = 'default'; SELECT save_alert_channel(NULL, 'c', '{\"name\":\"c\"}', '{\"severity\":\"info\",\"tells_cleared\":true}', NULL)");
        trial.database().run("INSERT INTO alert (alert_id, tenant, rule_id, rule, severity, sensor_id, state, late, flapping, started_at, fired_at, message, revision)"
                + " VALUES ('%s', 'default', 1, 'r', 'info', 's', 'firing', false, false, now(), now(), 'm', 1)".formatted(alert));
        Awaitility.await().until(() -> api.get("/alerts/" + alert).statusCode() == 200);
        List<String> asked = new ArrayList<>();
        for (var path : new Contract(api).json().path("paths").properties()) {
            // The stream does not end; retention is reported by the consumer.
            if (path.getValue().has("get") && !Set.of("/stream", "/observe/retention").contains(path.getKey())) {
                String call = path.getKey().replace("/alerts/{id}", "/alerts/" + alert).replace("{id}", "1").replace("{rule_id}", "1").replace("{channel_id}", "1") + (path.getKey().equals("/data/series") ? "?metric=temperature" : "");
                HttpResponse<String> answer = api.get(call);
                assertEquals(200, answer.statusCode(), call + ": " + answer.body());
                asked.add(call);
            }
        }
        assertTrue(asked.containsAll(List.of("/data/latest", "/data/stats", "/data/readings", "/sensors", "/pipeline", "/dead-letters/1", "/health")), asked::toString);
        assertEquals(1, Http.json(api.get("/data/stats?sensor_id=sensor-1")).path("data").path("overall").path("total_events").asInt());
        assertTrue(api.get("/data/readings", "Accept", "text/csv").body().contains("sensor-1"));
    }

    @Test
    void aReplayIsRefusedWithTheReasonUnlessThePrimaryIsNamedBesideTheReplica() throws Exception {
        String body = "{\"ids\": [1]}";
        JsonNode error = new Contract(api).error(api.post("/dead-letters/replay", body), 503);
        assertEquals("database_read_only", error.path("code").asText());
        assertTrue(error.path("message").asText().contains("replica"), error.toString());
        assertEquals("waiting", Http.json(api.get("/dead-letters/1")).path("data").path("status").asText());
        try (Pipeline onBoth = apiOn("127.0.0.1:%d,127.0.0.1".formatted(installation.standbyPort()), installation.postgresqlPort())) {
            Http both = new Http(onBoth.port("api.port"));
            Awaitility.await().until(() -> isReplica(new Http(onBoth.port("management.port"))));
            assertEquals(202, both.post("/dead-letters/replay", body).statusCode());
        }
    }

    private static boolean isReplica(Http management) {
        return database(management.get("/observe/health")).has("replica_behind_seconds");
    }

    private static JsonNode database(HttpResponse<String> health) {
        return Http.json(health).path("checks").path("api-database");
    }

    @Test
    @Timeout(60)
    void theLiveStreamTellsWhatThePrimaryStores() throws Exception {
        HttpResponse<InputStream> stream = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + onReplica.port("api.port") + "/stream")).build(), HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, stream.statusCode());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            await(lines, "event: reset");
            devices.send(Readings.json("sensor-2", Instant.now().toString(), 2));
            await(lines, "sensor-2");
        }
    }

    private static void await(BufferedReader lines, String text) throws Exception {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains(text)) {
                return;
            }
        }
        throw new AssertionError("The stream has ended without " + text);
    }

    /** A standby does not tell which transactions are in progress, so it cannot tell either that one of them has been committed. */
    @Test
    void whatIsCommittedWhileOthersAreInProgressIsInTheNextResponse() throws Exception {
        try (Connection oldest = trial.connect(); Connection changing = trial.connect(); Connection newest = trial.connect()) {
            lose(oldest, "other");
            lose(changing, "default");
            lose(newest, "other");
            newest.commit();
            awaitLost(1);
            api.get("/pipeline");
            assertEquals(0, lost());
            changing.commit();
            awaitLost(2);
            assertEquals(10, lost());
            oldest.rollback();
        } finally {
            trial.database().run("DELETE FROM lost_records");
        }
    }

    private static void lose(Connection connection, String tenant) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO lost_records (tenant, topic, \"partition\", first_offset, last_offset, stored_at) VALUES ('%s', 'topic', 0, 0, 9, now())".formatted(tenant));
        }
    }

    private static void awaitLost(int transactions) {
        Database replica = new Database(trial.settings().with("db.host", "127.0.0.1").with("db.port", installation.standbyPort()));
        Awaitility.await().pollInterval(Duration.ofMillis(10)).until(() -> String.valueOf(transactions).equals(replica.ask("SELECT count(*) FROM lost_records")));
    }

    private static int lost() {
        return Http.json(api.get("/pipeline")).at("/data/lost_records/most_records").asInt(-1);
    }

    /** Without its primary, the replica serves its data and reports its age. */
    @Test
    void healthTellsHowFarBehindTheReplicaIs() {
        Awaitility.await("it follows").until(() -> database(management.get("/observe/health")).path("replica_behind_seconds").asDouble(99) < 10);
        installation.postgresql().freeze();
        try {
            Awaitility.await("it falls behind").atMost(Duration.ofMinutes(1))
                    .until(() -> database(management.get("/observe/health")).path("replica_behind_seconds").asDouble() > 12);
            assertEquals(200, management.get("/observe/health").statusCode());
            assertEquals(200, api.get("/data/latest").statusCode());
        } finally {
            installation.postgresql().thaw();
        }
        Awaitility.await("it follows again").atMost(Duration.ofMinutes(1))
                .until(() -> database(management.get("/observe/health")).path("replica_behind_seconds").asDouble(99) < 10);
    }
}
