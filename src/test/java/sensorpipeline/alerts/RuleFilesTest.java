package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Rules are kept in files: what was read can be imported, and a file can be the only truth. */
class RuleFilesTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.ALERTS, Services.API));
    private static final String WARM = "{\"name\":\"warm\",\"metric\":\"x\",\"severity\":\"warning\",\"above\":22.10}";
    private static final String COLD = "{\"name\":\"cold\",\"metric\":\"x\",\"severity\":\"info\",\"below\":2}";
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    @BeforeEach
    void beginWithoutRules() {
        imported("?delete_others=true");
    }

    private static HttpResponse<String> send(String query, String body) {
        return api.call("POST", "/alert-rules/import" + query, HttpRequest.BodyPublishers.ofString(body), "Content-Type", "application/json");
    }

    private static JsonNode imported(String query, String... rules) {
        return contract.valid(send(query, "{\"data\":[" + String.join(",", rules) + "]}"), "ImportedAlertRules");
    }

    private static JsonNode rules() {
        return contract.valid(api.get("/alert-rules"), "AlertRules").path("data");
    }

    private static String changes(JsonNode answer) {
        return StreamSupport.stream(answer.path("data").spliterator(), false).map(each -> each.path("name").asText() + " " + each.path("change").asText()).collect(Collectors.joining(", "))
                + "; %s added, %s changed, %s deleted, %s unchanged".formatted(answer.path("added"), answer.path("changed"), answer.path("deleted"), answer.path("unchanged"));
    }

    @Test
    void whatWasReadChangesNothingWhenItIsImported() {
        assertEquals("cold added, warm added; 2 added, 0 changed, 0 deleted, 0 unchanged", changes(imported("", WARM, COLD)));
        String file = api.get("/alert-rules").body();
        assertTrue(file.contains("22.10"), "as it was written: " + file);
        JsonNode answer = contract.valid(send("?delete_others=true", file), "ImportedAlertRules");
        assertEquals("; 0 added, 0 changed, 0 deleted, 2 unchanged", changes(answer));
        assertEquals(file, api.get("/alert-rules").body());
    }

    @Test
    void aRuleOfTheSameNameIsChangedAndOthersStayUnlessTheyAreToBeDeleted() {
        imported("", WARM, COLD);
        long id = rules().path(1).path("id").asLong();
        String warmer = WARM.replace("22.10", "23");
        assertEquals("warm changed; 0 added, 1 changed, 0 deleted, 1 unchanged", changes(imported("?dry_run=true", warmer)));
        assertEquals(1, rules().path(1).path("version").asInt(), "a dry run changes nothing");
        assertEquals("warm changed; 0 added, 1 changed, 0 deleted, 1 unchanged", changes(imported("", warmer)));
        assertEquals("cold deleted; 0 added, 0 changed, 1 deleted, 1 unchanged", changes(imported("?dry_run=true&delete_others=true", warmer)));
        assertEquals(2, rules().size());
        assertEquals("cold deleted; 0 added, 0 changed, 1 deleted, 1 unchanged", changes(imported("?delete_others=true", warmer)));
        JsonNode rule = rules().path(0);
        assertEquals(id, rule.path("id").asLong());
        assertEquals(2, rule.path("version").asInt());
        assertEquals(23, rule.path("above").asInt());
        assertEquals(1, rules().size());
    }

    @Test
    void importedRulesApplyToTheNextReadingAndDeletedOnesClearTheirAlerts() {
        imported("", "{\"name\":\"hot\",\"metric\":\"x\",\"severity\":\"critical\",\"above\":40}");
        try (Readings devices = new Readings(SETTINGS)) {
            devices.sendTo(SETTINGS.text("topic.name"), List.of("{\"sensor_id\":\"oven\",\"x\":41,\"timestamp\":\"%s\"}".formatted(Instant.now())));
        }
        awaitState("firing");
        imported("?delete_others=true", COLD);
        awaitState("cleared");
    }

    private static void awaitState(String state) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(
                () -> assertEquals(List.of(state), contract.valid(api.get("/alerts?rule=hot"), "Alerts").path("data").findValuesAsText("state")));
    }

    @Test
    void aFileWithAFaultIsRefusedWholeAndTheFaultIsNamed() {
        refused(400, "data[1]: above must be", WARM, "{\"name\":\"x\",\"metric\":\"x\",\"severity\":\"info\",\"above\":\"much\"}");
        refused(400, "data[1], 'x': give a severity", WARM, "{\"name\":\"x\",\"metric\":\"x\",\"above\":1}");
        refused(400, "data[1]: names of rules are unique", WARM, WARM);
        refused(400, "data[0]", "7");
        refused(400, "numbers must not have more than 1000 digits", WARM.replace("22.10", "1e-200000"));
        refused(400, "numbers must not have more than 1000 digits", WARM.replace("22.10", "1e-2147483650"));
        String[] tooMany = IntStream.rangeClosed(0, 2000).mapToObj("{\"name\":\"c%d\",\"severity\":\"info\",\"when\":\"x > 1\"}"::formatted).toArray(String[]::new);
        refused(409, "10,000 characters together", tooMany);
        assertEquals(0, rules().size());
    }

    private static void refused(int status, String message, String... rules) {
        JsonNode error = contract.error(send("", "{\"data\":[" + String.join(",", rules) + "]}"), status);
        assertTrue(error.path("message").asText().contains(message), error.toString());
        assertNotEquals("", error.path("code").asText());
    }
}
