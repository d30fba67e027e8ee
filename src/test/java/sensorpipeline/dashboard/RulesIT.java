package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Services;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;

/** Alert rules in a real browser: the list of them, and the form with what a rule would have done. */
class RulesIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EVERYTHING = """
            {"name":"Fever","metric":"temperature","levels":[{"severity":"warning","above":30.5,"clear_below":30},{"severity":"critical","above":38.25}],"for":"90m","clear_for":"0s",
             "sensors":["bed-*","a, \\"quoted\\" name"],"locations":["icu-*"],"schedule":{"days":"fri-mon","from":"22:00","to":"06:00","tz":"Europe/Berlin"},"longest_gap":"1h","message":"Too warm"}""";

    private static BrowserTrial trial;
    private static Readings devices;
    private static Http api;

    /** Thirteen minutes of two beds, whose temperature rises and falls: bed-1 has two spells above 38, bed-2 one that lasts. */
    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial(Services.ALERTS);
        devices = new Readings(trial.settings());
        api = new Http(trial.settings().port("api.port"));
        Instant start = Instant.now().minusSeconds(1800);
        trial.send(IntStream.range(0, 80).boxed().flatMap(i -> List.of(
                "{\"sensor_id\":\"bed-1\",\"location\":\"icu-1\",\"temperature\":%s,\"spo2\":97,\"timestamp\":\"%s\"}".formatted(i % 40 < 10 ? 39.5 : 36.5, start.plusSeconds(10 + i * 20L)),
                "{\"sensor_id\":\"bed-2\",\"location\":\"icu-2\",\"temperature\":%s,\"spo2\":90,\"timestamp\":\"%s\"}".formatted(i >= 60 ? 40.25 : 37, start.plusSeconds(10 + i * 20L))).stream()).toList());
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            devices.close();
            trial.close();
        }
    }

    @AfterEach
    void deleteAll() {
        trial.database().run("DELETE FROM alert_rule WHERE name LIKE 'Rule %'");
        for (JsonNode rule : Http.json(api.get("/alert-rules")).path("data")) {
            assertEquals(200, api.call("DELETE", "/alert-rules/" + rule.path("id").asText()).statusCode());
        }
        Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM alert WHERE state = 'firing'").equals("0"));
    }

    private static JsonNode add(String rule) {
        HttpResponse<String> answer = api.post("/alert-rules", rule);
        assertEquals(201, answer.statusCode(), answer.body());
        return Http.json(answer).path("data");
    }

    private static JsonNode read(JsonNode rule) {
        return Http.json(api.get("/alert-rules/" + rule.path("id").asText())).path("data");
    }

    /** What its author wrote. */
    private static ObjectNode definition(JsonNode rule) {
        ObjectNode definition = rule.deepCopy();
        return definition.remove(List.of("id", "version", "created_at", "changed_at"));
    }

    private static Locator row(Page page, String name) {
        return page.locator("#rules tbody tr:not(.gone)").filter(new Locator.FilterOptions().setHasText(name));
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator field(Page page, String label) {
        return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
    }

    private static Locator saving(Page page) {
        return page.locator("#saving");
    }

    /** Those that are shown. */
    private static Locator errors(Page page) {
        return page.locator(".fields .error:visible");
    }

    private static Locator outcome(Page page) {
        return page.locator("#preview .outcome");
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "1280, DARK"})
    void aRuleIsWrittenByKeyboardTriedOnTheWayAndApplies(int width, ColorScheme scheme) throws Exception {
        String sensor = "new-" + width;
        try (Look look = trial.open("/alerts", width, scheme)) {
            Page page = look.page();
            page.getByRole(AriaRole.NAVIGATION).getByText("Rules").click();
            page.waitForURL("**/rules");
            assertThat(page.locator("#rules .message")).containsText("No rules yet");
            look.assertSound();
            page.getByText("Add rule", new Page.GetByTextOptions().setExact(true)).click();
            assertThat(page.locator("#rule")).hasText("New alert rule");
            assertThat(outcome(page)).containsText("Fill in when the rule fires");
            field(page, "Sensors").fill("bed-*");
            field(page, "Name").focus();
            page.keyboard().type("Fever of " + width);
            page.keyboard().press("Tab");
            page.keyboard().press("Tab");
            page.keyboard().type("temperature");
            page.keyboard().press("Tab");
            page.keyboard().type("C");
            page.keyboard().press("Tab");
            page.keyboard().type("38");
            page.keyboard().press("Tab");
            page.keyboard().type("37.5");
            assertThat(outcome(page)).hasText("It would have fired 3 alerts in the last 24 hours. 160 readings were evaluated.");
            assertThat(page.locator("#preview .sentence")).hasText("critical: temperature above 38 °C, clears below 37.5 °C, sensors bed-*");
            assertThat(page.locator("#preview tbody tr")).hasCount(3);
            assertThat(page.locator("#preview tbody tr").first()).containsText("bed-2");
            assertThat(page.locator("#preview tbody tr").first()).containsText("still firing");
            look.assertSound();
            assertThat(page.locator("#readings .note")).hasText(Pattern.compile("^Since the first reading, every "));
            look.photograph("rule-new", scheme);
            field(page, "Sensors").fill(sensor + ", \"odd, name\"");
            assertThat(outcome(page)).containsText("No readings in this period match the rule");
            button(page, "Add rule").focus();
            page.keyboard().press("Enter");
            assertThat(saving(page)).hasText("Added. It applies to readings from now on.");
            assertThat(page.locator("#rule")).hasText("Fever of " + width);
            assertTrue(page.url().matches(".*/rule\\?rule_id=\\d+"), page.url());
            JsonNode rule = Http.json(api.get("/alert-rules")).path("data").path(0);
            assertEquals(JSON.readTree("{\"name\":\"Fever of %1$d\",\"metric\":\"temperature\",\"severity\":\"critical\",\"above\":38,\"clear_below\":37.5,\"sensors\":[\"new-%1$d\",\"odd, name\"]}".formatted(width)),
                    definition(rule));
            devices.send(Readings.json(sensor, Instant.now().toString(), 39));
            page.getByText("All rules").click();
            assertThat(row(page, "Fever of " + width).locator(".number")).hasText("1");
            if (width < 640) {
                assertEquals("\" open alert\"", row(page, "Fever of " + width).locator(".number").evaluate("cell => getComputedStyle(cell, '::after').content"));
            }
            assertThat(row(page, "Fever of " + width).locator(".sentence")).hasText("temperature above 38 °C, clears below 37.5 °C, sensors new-" + width + " or odd, name");
            assertEquals(List.of(), look.problems());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        EVERYTHING,
        "{\"name\":\"a\",\"severity\":\"critical\",\"metric\":\"temperature\",\"below\":-1e-7,\"clear_above\":3,\"for\":\"120s\",\"limits\":{\"bed-1\":2,\"__proto__\":1.5}}",
        "{\"name\":\"b\",\"severity\":\"info\",\"metric\":\"temperature\",\"outside\":[1.5,20.25],\"clear_above\":2,\"clear_below\":20,\"clear_for\":\"1d\"}",
        "{\"name\":\"c\",\"metric\":\"temperature\",\"levels\":[{\"severity\":\"info\",\"above\":20},{\"severity\":\"critical\",\"outside\":[2,40]}]}",
        "{\"name\":\"d\",\"metric\":\"temperature\",\"levels\":[{\"severity\":\"info\",\"above\":20}]}",
        "{\"name\":\"e\",\"severity\":\"critical\",\"when\":\"temperature > 38  &&  spo2 < 92\",\"for\":\"1m\",\"sensors\":[\" bed-*\"],\"schedule\":{\"from\":\"00:00\",\"to\":\"00:00\"}}",
        "{\"name\":\"f\",\"severity\":\"warning\",\"silent_for\":\"10m\",\"metric\":\"spo2\",\"sensors\":[\"bed-1\"],\"message\":\"two  words\"}",
        "{\"name\":\"h\",\"severity\":\"critical\",\"metric\":\"temperature\",\"rate\":\"300s\",\"above\":2,\"clear_below\":1,\"latched\":true,\"limits\":{\"bed-1\":3}}",
        "{\"name\":\"i\",\"metric\":\"temperature\",\"rate\":\"1h\",\"levels\":[{\"severity\":\"info\",\"outside\":[-2,2]},{\"severity\":\"critical\",\"outside\":[-4,4]}],\"latched\":false}",
        "{\"name\":\"j\",\"severity\":\"warning\",\"silent_for\":\"10m\",\"sensors\":[\"bed-1\"],\"schedule\":{\"days\":\"mon-fri\",\"from\":\"08:00\",\"to\":\"18:00\"}}",
        "{\"name\":\"g\",\"severity\":\"warning\",\"silent_for\":\"1d\",\"for\":\"0s\",\"clear_for\":\"0s\"}",
    })
    void aRuleThatWasMadeByTheApiLosesNothingIfItsNameIsChanged(String json) throws Exception {
        JsonNode rule = add(json);
        try (Look look = trial.open("/rule?rule_id=" + rule.path("id").asText())) {
            Page page = look.page();
            assertThat(field(page, "Name")).hasValue(rule.path("name").asText());
            field(page, "Name").fill("Other name");
            button(page, "Save").click();
            assertThat(saving(page)).hasText("Saved. It applies to readings from now on.");
            assertEquals(2, read(rule).path("version").asInt());
            assertEquals(((ObjectNode) JSON.readTree(json)).put("name", "Other name"), definition(read(rule)));
            look.assertSound();
        }
    }

    @Test
    void whatALaterVersionAddsToRulesStays() {
        JsonNode rule = add("{\"name\":\"Later\",\"severity\":\"info\",\"metric\":\"temperature\",\"above\":50}");
        try (Look look = trial.open("/sensors")) {
            Page page = look.page();
            String path = "/alert-rules/" + rule.path("id").asText();
            page.route("**/api" + path, route -> {
                if (route.request().method().equals("GET")) {
                    route.fulfill(new Route.FulfillOptions().setContentType("application/json")
                            .setBody("{\"status\":\"success\",\"data\":" + ((ObjectNode) rule.deepCopy()).put("of_a_later_version", "kept") + "}"));
                } else {
                    route.resume();
                }
            });
            page.navigate(trial.address() + "/rule?rule_id=" + rule.path("id").asText());
            field(page, "Above").fill("60");
            assertTrue(page.waitForRequest(request -> request.method().equals("PUT"), () -> button(page, "Save").click()).postData().contains("\"of_a_later_version\":\"kept\""));
        }
    }

    @Test
    void aSensorThatHasNeverSentWouldHaveFiredAndNothingIsSaidAgainstTheRule() {
        try (Look look = trial.open("/rule")) {
            Page page = look.page();
            field(page, "Fires when").selectOption("silence");
            field(page, "Nothing received for").fill("5");
            page.getByLabel("Nothing received for: unit").selectOption("m");
            field(page, "Sensors").fill("never-sent");
            assertThat(outcome(page)).hasText("It would have fired one alert in the last 24 hours.");
            assertThat(page.locator("#preview tbody tr")).hasCount(1);
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void anotherKindReplacesTheFieldsOfTheFirst() throws Exception {
        JsonNode rule = add(EVERYTHING);
        try (Look look = trial.open("/rule?rule_id=" + rule.path("id").asText())) {
            Page page = look.page();
            field(page, "Fires when").selectOption("silence");
            assertThat(field(page, "For at least")).isHidden();
            field(page, "Nothing received for").fill("5");
            page.getByLabel("Nothing received for: unit").selectOption("m");
            button(page, "Save").click();
            assertThat(saving(page)).containsText("Saved");
            ObjectNode expected = (ObjectNode) JSON.readTree(
                    "{\"name\":\"Fever\",\"metric\":\"temperature\",\"severity\":\"warning\",\"silent_for\":\"5m\",\"sensors\":[\"bed-*\",\"a, \\\"quoted\\\" name\"],\"locations\":[\"icu-*\"],\"message\":\"Too warm\"}");
            assertEquals(expected.set("schedule", rule.path("schedule")), definition(read(rule)));
        }
    }

    @Test
    void aRuleAboutHowFastAValueChangesIsTriedAndItsAlertsStayUntilAcknowledged() throws Exception {
        JsonNode rule = add("{\"name\":\"Quick\",\"severity\":\"critical\",\"metric\":\"temperature\",\"above\":50,\"sensors\":[\"bed-*\"]}");
        try (Look look = trial.open("/rule?rule_id=" + rule.path("id").asText())) {
            Page page = look.page();
            field(page, "Fires when").selectOption("rate");
            field(page, "Measured over").fill("2");
            page.getByLabel("Measured over: unit").selectOption("m");
            field(page, "Above").fill("1");
            page.getByText("More", new Page.GetByTextOptions().setExact(true)).click();
            page.getByText("Stays open until somebody acknowledges it").check();
            assertThat(page.locator("#preview .sentence")).hasText("critical: temperature rises by more than 1 °C per minute (over 2 min), stays open until acknowledged, sensors bed-*");
            assertThat(outcome(page)).containsText("It would have fired 2 alerts");
            look.assertSound();
            look.photograph("rule-rate", ColorScheme.LIGHT);
            button(page, "Save").click();
            assertThat(saving(page)).containsText("Saved");
            assertEquals(JSON.readTree("{\"name\":\"Quick\",\"severity\":\"critical\",\"metric\":\"temperature\",\"rate\":\"2m\",\"above\":1,\"latched\":true,\"sensors\":[\"bed-*\"]}"), definition(read(rule)));
        }
    }

    @Test
    void levelsLimitsAndHoursAreAddedAndRemoved() throws Exception {
        JsonNode rule = add("{\"name\":\"Steps\",\"severity\":\"critical\",\"metric\":\"temperature\",\"above\":50}");
        try (Look look = trial.open("/rule?rule_id=" + rule.path("id").asText())) {
            Page page = look.page();
            button(page, "Add level").click();
            Locator second = page.getByRole(AriaRole.GROUP, new Page.GetByRoleOptions().setName("Limit: level 2"));
            assertThat(second.getByLabel("Severity")).isFocused();
            assertThat(second.getByLabel("Severity")).hasValue("warning");
            second.getByLabel("Above").fill("40");
            page.getByText("More", new Page.GetByTextOptions().setExact(true)).click();
            page.getByText("Only at certain hours").click();
            field(page, "From").fill("08:00");
            field(page, "To").fill("18:00");
            field(page, "Time zone").fill("Europe/Berlin");
            page.getByLabel("Sat").uncheck();
            page.getByLabel("Sun").uncheck();
            button(page, "Save").click();
            assertThat(saving(page)).containsText("Saved");
            assertEquals(JSON.readTree("""
                    {"name":"Steps","metric":"temperature","levels":[{"severity":"critical","above":50},{"severity":"warning","above":40}],
                     "schedule":{"days":"mon-fri","from":"08:00","to":"18:00","tz":"Europe/Berlin"}}"""), definition(read(rule)));
            button(page, "Remove level 1").click();
            assertThat(page.getByLabel("Severity").first()).isFocused();
            button(page, "Add sensor").click();
            page.locator("#form").getByLabel("Sensor", new Locator.GetByLabelOptions().setExact(true)).fill("bed-7");
            page.getByRole(AriaRole.GROUP, new Page.GetByRoleOptions().setName("Limits of individual sensors: sensor 1")).getByLabel("Limit").fill("45.5");
            page.getByText("Only at certain hours").click();
            button(page, "Save").click();
            Awaitility.await().until(() -> read(rule).path("version").asInt() == 3);
            assertEquals(JSON.readTree("{\"name\":\"Steps\",\"metric\":\"temperature\",\"severity\":\"warning\",\"above\":40,\"limits\":{\"bed-7\":45.5}}"), definition(read(rule)));
        }
    }

    @Test
    void whatIsWrongIsSaidOnceBesideItsControlInTheWordsOfThePage() {
        add("{\"name\":\"Taken\",\"severity\":\"info\",\"metric\":\"temperature\",\"above\":50}");
        try (Look look = trial.open("/rule")) {
            Page page = look.page();
            field(page, "Name").fill("Taken");
            field(page, "Sensors").fill("bed-*");
            field(page, "Metric").fill("temperature");
            field(page, "Above").fill("38");
            field(page, "Clears below").fill("39");
            String wrong = "“Clears below” must not be greater than “Above”, which is 38 °C.";
            assertThat(outcome(page)).hasText("Cannot preview: the form has errors, or required fields are empty");
            assertThat(errors(page)).hasText(new String[] {wrong});
            assertThat(field(page, "Clears below")).hasAttribute("aria-invalid", "true");
            assertThat(field(page, "Clears below")).hasAccessibleDescription(Pattern.compile("“Clears below” must not be greater .* °C$"));
            assertThat(page.locator("[aria-invalid]")).hasCount(1);
            look.assertSound();
            look.photograph("rule-refused", ColorScheme.LIGHT);
            field(page, "Clears below").fill("37");
            assertThat(errors(page)).hasCount(0);
            assertThat(page.locator("[aria-invalid]")).hasCount(0);
            assertThat(field(page, "Clears below")).hasAccessibleDescription("°C");
            assertThat(outcome(page)).containsText("It would have fired 3 alerts");
            field(page, "For at least").fill("1.5");
            assertThat(errors(page)).hasText(new String[] {"“For at least” must be a whole number."});
            field(page, "For at least").fill("007");
            assertThat(errors(page)).hasCount(0);
            assertThat(page.locator(".sentence")).containsText("for 7 s");
            field(page, "For at least").fill("");
            field(page, "Name").fill("   ");
            button(page, "Add rule").click();
            assertThat(errors(page)).hasText(new String[] {"Name is required."});
            field(page, "Name").fill("Taken");
            assertThat(outcome(page)).containsText("It would have fired 3 alerts");
            button(page, "Add rule").click();
            assertThat(field(page, "Name")).isFocused();
            assertThat(field(page, "Name")).hasAttribute("aria-invalid", "true");
            assertThat(field(page, "Name")).hasAccessibleDescription(Pattern.compile("Another alert rule has the name"));
            assertThat(saving(page)).hasText("");
            field(page, "Name").fill("Free");
            assertThat(errors(page)).hasCount(0);
            field(page, "Fires when").selectOption("condition");
            field(page, "Condition").fill("temperature >");
            assertThat(field(page, "Condition")).hasAccessibleDescription(Pattern.compile("Condition, character \\d+: "));
            assertThat(outcome(page)).hasText("Cannot preview: the form has an error");
        }
    }

    @ParameterizedTest
    @CsvSource({"375, DARK", "1280, LIGHT"})
    void allThatIsMissingIsSaidAndTheFirstOfItIsSeenBelowTheHeader(int width, ColorScheme scheme) {
        try (Look look = trial.open("/rule", width, scheme)) {
            Page page = look.page();
            field(page, "Name").fill("Twice");
            button(page, "Add level").click();
            page.getByText("More", new Page.GetByTextOptions().setExact(true)).click();
            page.getByText("Only at certain hours").click();
            page.evaluate("document.querySelectorAll('.days input').forEach((box) => box.click())");
            button(page, "Add rule").click();
            assertThat(errors(page)).hasText(new String[] {"Metric is required.", "Above is required.", "From is required."});
            assertThat(field(page, "Metric")).isFocused();
            assertThat(field(page, "Metric")).hasAccessibleDescription(Pattern.compile("Metric is required\\.$"));
            Object isSeen = page.evaluate("document.activeElement.labels[0].getBoundingClientRect().top >= document.querySelector('.top').getBoundingClientRect().bottom");
            assertEquals(Boolean.TRUE, isSeen, "the label is not covered by the header");
            look.assertSound();
            look.photograph("rule-missing", scheme);
            field(page, "Metric").fill("temperature");
            assertThat(errors(page)).hasText(new String[] {"Above is required.", "From is required."});
            field(page, "Above").first().fill("40");
            field(page, "Above").last().fill("35");
            field(page, "From").fill("08:00");
            field(page, "To").fill("18:00");
            assertThat(errors(page)).hasText(new String[] {"“Above” of critical must be greater than that of warning.", "At least one day is required."});
            field(page, "Severity").first().selectOption("critical");
            assertThat(errors(page)).hasText(new String[] {"Another level already has the severity critical.", "At least one day is required."});
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void onlyTheLastRuleThatWasTypedIsTriedAndAnEarlierAttemptIsCancelled() {
        try (Look look = trial.open("/rule")) {
            Page page = look.page();
            List<Route> held = new ArrayList<>();
            List<String> cancelled = new ArrayList<>();
            page.route("**/api/alert-rules/try*", held::add);
            field(page, "Sensors").fill("bed-*");
            page.onRequestFailed(request -> cancelled.add(request.postData()));
            field(page, "Metric").fill("temperature");
            Locator above = field(page, "Above");
            above.pressSequentially("38");
            page.waitForCondition(() -> held.size() == 1);
            assertTrue(held.get(0).request().postData().contains("\"above\":38"), "not tried after each key");
            above.pressSequentially("0");
            page.waitForCondition(() -> cancelled.size() == 1 && held.size() == 2);
            assertEquals(held.get(0).request().postData(), cancelled.get(0));
            held.get(1).resume();
            assertThat(outcome(page)).hasText("It would not have fired in the last 24 hours. 160 readings were evaluated.");
            page.getByLabel("In the last").selectOption("-7d");
            page.waitForCondition(() -> held.size() == 3);
            assertTrue(held.get(2).request().url().contains("from=-7d"), held.get(2).request().url());
            held.get(2).fulfill(new Route.FulfillOptions().setStatus(400).setContentType("application/json")
                    .setBody("{\"status\":\"error\",\"error\":{\"code\":\"too_many_readings\",\"message\":\"ask for less time or for fewer sensors\"}}"));
            assertThat(outcome(page)).hasText("Cannot preview: ask for less time or for fewer sensors");
            assertThat(page.locator(".fields .error:visible")).hasCount(0);
        }
    }

    @Test
    void aRuleThatSomebodyElseChangesOrDeletesIsToldOf() {
        JsonNode rule = add("{\"name\":\"Shared\",\"severity\":\"info\",\"metric\":\"temperature\",\"above\":50}");
        String path = "/alert-rules/" + rule.path("id").asText();
        try (Look look = trial.open("/rule?rule_id=" + rule.path("id").asText())) {
            Page page = look.page();
            field(page, "Above").fill("60");
            assertEquals(200, api.call("PUT", path, HttpRequest.BodyPublishers.ofString("{\"name\":\"Shared\",\"severity\":\"info\",\"metric\":\"temperature\",\"above\":55}"), "Content-Type", "application/json").statusCode());
            assertThat(page.locator("#problem")).containsText("Somebody else has changed this rule");
            assertThat(field(page, "Above")).hasValue("60");
            button(page, "Load their version").click();
            assertThat(field(page, "Above")).hasValue("55");
            assertThat(page.locator("#problem")).isHidden();
            assertEquals(200, api.call("DELETE", path).statusCode());
            assertThat(page.locator("#problem")).hasText("Somebody else has deleted this rule; Add rule saves your entries as a new one.");
            button(page, "Add rule").click();
            assertThat(saving(page)).containsText("Added");
            assertThat(page.locator("#problem")).isHidden();
            assertEquals(55, Http.json(api.get("/alert-rules?search=Shared")).path("data").path(0).path("above").asInt());
            assertThat(page.locator("#status")).hasText("Up to date");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rule_id", "copy_of"})
    void aRuleThatThereIsNotIsAskedForOnce(String parameter) {
        try (Look look = trial.open("/sensors")) {
            Page page = look.page();
            List<String> asked = new ArrayList<>();
            page.onRequest(request -> {
                if (request.url().endsWith("/api/alert-rules/987654")) {
                    asked.add(request.url());
                }
            });
            page.clock().install();
            page.navigate(trial.address() + "/rule?" + parameter + "=987654");
            assertThat(page.locator("#problem")).hasText("No alert rule has this id; it may have been deleted.");
            assertThat(page.locator("#status")).hasText("Not found: no alert rule has this id; it may have been deleted");
            page.clock().runFor(60000);
            assertEquals(1, asked.size());
            assertThat(page.locator("#form")).isHidden();
        }
    }

    @Test
    void whetherARuleWasAddedIsNotKnownWithoutAResponse() {
        try (Look look = trial.open("/rule")) {
            Page page = look.page();
            field(page, "Name").fill("Lost");
            field(page, "Metric").fill("temperature");
            field(page, "Above").fill("38");
            page.route("**/api/alert-rules", route -> {
                if (route.request().method().equals("POST")) {
                    route.fetch();
                    route.abort();
                } else {
                    route.resume();
                }
            });
            button(page, "Add rule").click();
            assertThat(saving(page)).hasText("It is not known whether it was added: the server does not respond. Look for it in the list before you add it again.");
            assertEquals(1, Http.json(api.get("/alert-rules?search=Lost")).path("count").asInt());
        }
    }

    @ParameterizedTest
    @CsvSource({"375, LIGHT, Load their version, 55, 2", "1280, DARK, Save mine instead, 60, 3"})
    void theSecondOfTwoWindowsDoesNotOverwriteWhatTheFirstHasSaved(int width, ColorScheme scheme, String choice, String above, int version) {
        JsonNode rule = add("{\"name\":\"Shared\",\"severity\":\"info\",\"metric\":\"temperature\",\"above\":50}");
        String path = "/rule?rule_id=" + rule.path("id").asText();
        try (Look first = trial.open(path); Look second = trial.open(path, width, scheme)) {
            Page page = second.page();
            field(page, "Above").fill("60");
            // So that it is the response to saving that tells it, rather than the next poll.
            AtomicBoolean isSaved = new AtomicBoolean();
            page.route("**/api/alert-rules/" + rule.path("id").asText(), route -> {
                if (!route.request().method().equals("GET")) {
                    isSaved.set(true);
                }
                if (isSaved.get()) {
                    route.resume();
                } else {
                    route.fulfill(new Route.FulfillOptions().setContentType("application/json").setBody("{\"status\":\"success\",\"data\":" + rule + "}"));
                }
            });
            field(first.page(), "Above").fill("55");
            button(first.page(), "Save").click();
            assertThat(saving(first.page())).containsText("Saved");
            button(page, "Save").click();
            assertThat(saving(page)).hasText("Could not be saved: somebody else has changed this rule since you opened it. Your entries are still here.");
            assertThat(field(page, "Above")).hasValue("60");
            assertEquals(55, read(rule).path("above").asInt());
            page.waitForCondition(() -> second.problems().removeIf(problem -> problem.contains("412")));
            second.assertSound();
            second.photograph("rule-conflict", scheme);
            button(page, choice).focus();
            page.keyboard().press("Enter");
            assertThat(saving(page)).hasText(version == 2 ? "Their version is loaded." : "Saved. It applies to readings from now on.");
            assertThat(field(page, "Above")).hasValue(above);
            assertThat(button(page, choice)).isHidden();
            assertEquals(above, read(rule).path("above").asText());
            assertEquals(version, read(rule).path("version").asInt());
            field(page, "Above").fill("65");
            button(page, "Save").click();
            assertThat(saving(page)).containsText("Saved");
            assertEquals(version + 1, read(rule).path("version").asInt());
            assertEquals(List.of(), second.problems());
        }
    }

    @Test
    void savingAgainAfterTheResponseWasLostIsNoConflict() {
        JsonNode rule = add(EVERYTHING);
        try (Look look = trial.open("/rule?rule_id=" + rule.path("id").asText())) {
            Page page = look.page();
            field(page, "Name").fill("Other name");
            page.route("**/api/alert-rules/*", route -> {
                if (route.request().method().equals("PUT")) {
                    route.fetch();
                    route.abort();
                } else {
                    route.resume();
                }
            }, new Page.RouteOptions().setTimes(1));
            button(page, "Save").click();
            assertThat(saving(page)).containsText("server does not respond");
            button(page, "Save").click();
            assertThat(saving(page)).hasText("Saved. It applies to readings from now on.");
            assertEquals(2, read(rule).path("version").asInt());
        }
    }

    @Test
    void aRuleThatIsDeletedInTheListIsTheOneThatIsShown() {
        JsonNode rule = add("{\"name\":\"Shared\",\"severity\":\"info\",\"metric\":\"temperature\",\"above\":50}");
        try (Look look = trial.open("/rules")) {
            Page page = look.page();
            page.getByLabel("Delete: Shared").click();
            assertThat(page.locator("#confirmation")).containsText("None of its alerts are firing.");
            assertEquals(200, api.call("PUT", "/alert-rules/" + rule.path("id").asText(), HttpRequest.BodyPublishers.ofString("{\"name\":\"Shared\",\"severity\":\"critical\",\"metric\":\"temperature\",\"above\":55}"),
                    "Content-Type", "application/json").statusCode());
            page.locator("#confirmation [name=confirm]").click();
            assertThat(page.locator("#confirmation").getByRole(AriaRole.STATUS)).hasText("Could not be deleted: somebody else has changed it in the meantime; look at it again first");
            page.keyboard().press("Escape");
            assertThat(row(page, "Shared")).containsText("above 55");
            page.getByLabel("Delete: Shared").click();
            page.locator("#confirmation [name=confirm]").click();
            assertThat(page.locator("#news")).hasText("Rule Shared deleted.");
        }
    }

    @Test
    void theBrowserAsksBeforeAnUnsavedRuleIsLost() {
        JsonNode rule = add("{\"name\":\"Draft\",\"severity\":\"info\",\"metric\":\"temperature\",\"above\":50}");
        try (Look look = trial.open("/rule?rule_id=" + rule.path("id").asText())) {
            Page page = look.page();
            page.onDialog(Dialog::dismiss);
            field(page, "Name").press("End");
            field(page, "Name").pressSequentially("s");
            page.getByText("All rules").click();
            page.waitForCondition(() -> look.problems().size() == 1);
            assertEquals("dialog: ", look.problems().get(0));
            assertThat(field(page, "Name")).hasValue("Drafts");
            button(page, "Save").click();
            assertThat(saving(page)).containsText("Saved");
            page.getByText("All rules").click();
            assertThat(row(page, "Drafts")).hasCount(1);
            assertEquals(1, look.problems().size());
        }
    }

    @Test
    void aCopyBeginsWithTheRuleUnderAnotherName() throws Exception {
        JsonNode rule = add(EVERYTHING);
        try (Look look = trial.open("/rules")) {
            Page page = look.page();
            page.getByLabel("Duplicate: Fever").click();
            assertThat(field(page, "Name")).hasValue("Fever (copy)");
            button(page, "Add rule").click();
            assertThat(saving(page)).containsText("Added");
            JsonNode copy = Http.json(api.get("/alert-rules?search=copy")).path("data").path(0);
            assertEquals(((ObjectNode) JSON.readTree(EVERYTHING)).put("name", "Fever (copy)"), definition(copy));
            assertEquals(1, read(rule).path("version").asInt());
        }
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "1280, DARK"})
    void deletingAsksAndClearsItsAlertsAndTheFocusStays(int width, ColorScheme scheme) {
        add("{\"name\":\"Kept\",\"severity\":\"info\",\"metric\":\"temperature\",\"above\":50}");
        JsonNode rule = add("{\"name\":\"Old\",\"severity\":\"warning\",\"metric\":\"temperature\",\"above\":30,\"sensors\":[\"del-%d\"]}".formatted(width));
        devices.send(Readings.json("del-" + width, Instant.now().toString(), 35));
        Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM alert WHERE state = 'firing'").equals("1"));
        try (Look look = trial.open("/rules", width, scheme)) {
            Page page = look.page();
            Locator delete = page.getByLabel("Delete: Old");
            delete.focus();
            page.keyboard().press("Enter");
            Locator dialog = page.getByRole(AriaRole.DIALOG, new Page.GetByRoleOptions().setName("Delete the rule Old?"));
            assertThat(dialog).containsText("Its firing alert will be cleared.");
            assertThat(dialog.locator("[name=cancel]")).isFocused();
            look.assertSound();
            look.photograph("rule-delete", scheme);
            page.keyboard().press("Escape");
            assertThat(delete).isFocused();
            assertEquals(200, api.get("/alert-rules/" + rule.path("id").asText()).statusCode());
            page.keyboard().press("Enter");
            page.keyboard().press("Tab");
            page.keyboard().press("Enter");
            assertThat(page.locator("#news")).hasText("Rule Old deleted.");
            assertThat(row(page, "Old")).hasCount(0);
            assertThat(delete).isFocused();
            assertThat(row(page, "Kept")).hasCount(1);
            Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM alert WHERE state = 'firing'").equals("0"));
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void tenThousandRulesAreSearchedAndPaged() {
        trial.database().run("""
                INSERT INTO alert_rule (rule_id, tenant, name, version, definition)
                SELECT 1000000 + n, 'default', 'Rule ' || lpad(n::text, 5, '0'), 1, json_build_object('name', 'Rule ' || lpad(n::text, 5, '0'), 'severity', 'info', 'metric', 'x', 'above', n, 'sensors', json_build_array('s-' || n))
                FROM generate_series(1, 10000) AS n""");
        try (Look look = trial.open("/rules")) {
            Page page = look.page();
            Locator rows = page.locator("#rules tbody tr");
            assertThat(rows).hasCount(100);
            assertThat(page.locator("#rules .note")).hasText("100 rules on this page");
            page.locator(".next-page").click();
            assertThat(rows.first()).containsText("Rule 00101");
            field(page, "Find").fill("S-4321");
            assertThat(rows).hasCount(1);
            assertThat(rows.first()).containsText("x above 4,321, sensors s-4321");
            assertTrue(page.url().endsWith("/rules?search=S-4321"), page.url());
            field(page, "Find").fill("nothing like it");
            assertThat(page.locator("#rules .message")).hasText("No matching rules");
            assertEquals(List.of(), look.problems());
        }
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "390, DARK", "1280, LIGHT", "1280, DARK", "2560, LIGHT", "2560, DARK"})
    void listAndFormAreReadableOnEveryScreen(int width, ColorScheme scheme) {
        JsonNode rule = add(EVERYTHING.replace(",\"a, \\\"quoted\\\" name\"", "").replace("90m", "10s"));
        add("{\"name\":\"Shock\",\"severity\":\"critical\",\"when\":\"temperature > 38 && spo2 < 92\",\"for\":\"10s\",\"sensors\":[\"bed-*\"]}");
        add("{\"name\":\"Nobody answers\",\"severity\":\"info\",\"silent_for\":\"10m\"}");
        try (Look look = trial.open("/rules", width, scheme)) {
            Page page = look.page();
            assertThat(row(page, "Fever").locator(".badge")).hasText(new String[] {"critical", "warning"});
            assertThat(row(page, "Shock").locator(".sentence")).hasText("temperature > 38 && spo2 < 92 for 10 s, sensors bed-*");
            assertThat(row(page, "Nobody answers").locator(".sentence")).hasText("no reading for 10 min");
            look.assertSound();
            look.photograph("rules", scheme);
            page.getByText("Fever", new Page.GetByTextOptions().setExact(true)).click();
            assertThat(page.locator("#rule")).hasText("Fever");
            assertThat(outcome(page)).containsText("evaluated");
            look.assertSound();
            look.photograph("rule", scheme);
            for (String kind : List.of("below", "outside", "condition", "silence")) {
                field(page, "Fires when").selectOption(kind);
                look.assertSound();
            }
        }
    }
}
