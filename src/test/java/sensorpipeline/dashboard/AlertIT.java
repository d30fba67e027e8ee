package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Services;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;

/** The page of one alert, to which e-mails lead, in a real browser. */
class AlertIT {

    private static BrowserTrial trial;
    private static Readings devices;
    private static Http api;

    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial(Services.ALERTS);
        devices = new Readings(trial.settings());
        api = new Http(trial.settings().port("api.port"));
        assertEquals(200, api.call("PUT", "/metrics/heart_rate", HttpRequest.BodyPublishers.ofString("{\"unit\":\"bpm\"}"), "Content-Type", "application/json").statusCode());
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
        deleteAllRules();
        trial.database().run("DELETE FROM alert");
    }

    /** Which clears their alerts. */
    private static void deleteAllRules() {
        for (JsonNode rule : Http.json(api.get("/alert-rules")).path("data")) {
            assertEquals(200, api.call("DELETE", "/alert-rules/" + rule.path("id").asText()).statusCode());
        }
        Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM alert WHERE state = 'firing'").equals("0"));
    }

    private static void addRule(String fields) {
        HttpResponse<String> answer = api.post("/alert-rules", "{\"name\":\"Tachycardia\",\"metric\":\"heart_rate\"," + fields + "}");
        assertEquals(201, answer.statusCode(), answer.body());
    }

    private static void send(String sensor, double heartRate) {
        devices.send("{\"sensor_id\":\"%s\",\"location\":\"icu-1\",\"heart_rate\":%s,\"timestamp\":\"%s\"}".formatted(sensor, heartRate, Instant.now()));
    }

    /** Sends a reading, and waits until the alert of the sensor is as it makes it. */
    private static void send(String sensor, double heartRate, String state) {
        send(sensor, heartRate);
        Awaitility.await().until(() -> trial.database().ask("SELECT coalesce(max(concat_ws(' ', state, severity)), 'none') FROM alert WHERE sensor_id = '%s'".formatted(sensor)).equals(state));
    }

    private static String pageOf(String sensor) {
        return "/alert?alert_id=" + trial.database().ask("SELECT alert_id FROM alert WHERE sensor_id = '%s'".formatted(sensor));
    }

    private static void assertEvents(Page page, String... texts) {
        assertThat(page.locator("#history .events li")).hasText(Stream.of(texts).map(Pattern::compile).toArray(Pattern[]::new));
    }

    private static Locator button(Page page, String name) {
        return page.locator("#alert").getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(Pattern.compile("^" + name + ": ")));
    }

    @ParameterizedTest
    @CsvSource({"375, LIGHT", "375, DARK", "1280, LIGHT", "1280, DARK"})
    void itTellsWhatHappenedAndWhoDidWhatFromTheFirstReadingToTheEnd(int width, ColorScheme scheme) {
        String sensor = "bed-" + width + scheme;
        addRule("\"levels\":[{\"severity\":\"warning\",\"above\":120},{\"severity\":\"critical\",\"above\":140}]");
        send(sensor, 130, "firing warning");
        send(sensor, 152, "firing critical");
        send(sensor, 80, "cleared critical");
        send(sensor, 150, "firing critical");
        try (Look look = trial.open(pageOf(sensor), width, scheme)) {
            Page page = look.page();
            assertThat(page.locator("h1")).hasText("Tachycardia, " + sensor);
            assertThat(page.locator("#alert tbody tr")).hasCount(1);
            assertThat(page.locator("#alert tbody .alert-message")).hasText(Pattern.compile("Tachycardia Heart rate is 150.bpm, above 140.bpm"));
            assertThat(page.locator("#alert tbody .marks")).hasText(Pattern.compile("^came back [\\d:]{8}$"));
            assertThat(page.locator("#facts")).hasText(Pattern.compile("RuleTachycardia\\s*Heart rate150.bpm\\s*Condition began.*Firing for.*"));
            String[] soFar = {"Fired: warning at 130.bpm", "Became critical at 152.bpm", "Cleared$", "Came back: critical at 150.bpm"};
            assertEvents(page, soFar);
            assertThat(page).hasTitle(Pattern.compile("Tachycardia, " + sensor + " · Sensor Pipeline"));
            look.assertSound();
            look.photograph("alert-open", scheme);
            button(page, "Acknowledge").focus();
            page.keyboard().press("Enter");
            Locator dialog = page.locator("#change");
            assertThat(dialog.locator("input[name=by]")).isFocused();
            page.keyboard().type("Nurse Ana");
            page.keyboard().press("Tab");
            page.keyboard().type("on my way");
            page.keyboard().press("Enter");
            assertThat(dialog).isHidden();
            assertThat(button(page, "Acknowledge")).isFocused();
            assertEvents(page, soFar[0], soFar[1], soFar[2], soFar[3], "Acknowledged by Nurse Ana.*on my way");
            button(page, "Shelve").click();
            dialog.locator("button[name=confirm]").click();
            assertThat(page.locator("#alert tbody .marks")).containsText("shelved until");
            assertThat(button(page, "Unshelve")).isFocused();
            button(page, "Clear").click();
            dialog.locator("input[name=by]").fill("Nurse Ben");
            dialog.locator("button[name=confirm]").click();
            assertEvents(page, soFar[0], soFar[1], soFar[2], soFar[3], "Acknowledged by Nurse Ana.*on my way", "Shelved until .* by Nurse Ana", "Cleared by Nurse Ben");
            assertThat(page.locator("#alert-heading")).hasText("Cleared alert");
            assertThat(page.locator("#alert tbody .marks")).hasText(Pattern.compile("^cleared [\\d:]{8} by Nurse Bencame back [\\d:]{8}acknowledged by Nurse Ana$"));
            look.assertSound();
            look.photograph("alert-over", scheme);
            page.locator("#facts a").focus();
            assertThat(page.locator("#alert .actions:visible")).hasCount(0);
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("All alerts")).click();
            Locator row = page.locator("#alerts tbody tr").filter(new Locator.FilterOptions().setHasText(sensor));
            assertThat(row.locator(".marks")).hasText(Pattern.compile("^cleared [\\d:]{8} by Nurse Bencame back [\\d:]{8}acknowledged by Nurse Ana$"));
            look.assertSound();
            look.photograph("alerts-history", scheme);
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(Pattern.compile("^Details: " + sensor))).click();
            assertThat(page.locator("#alert tbody .sensor")).hasText(sensor);
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void itFollowsTheAlertByTheStream() {
        addRule("\"severity\":\"critical\",\"above\":140");
        send("live-1", 150, "firing critical");
        try (Look look = trial.open(pageOf("live-1"))) {
            Page page = look.page();
            assertThat(page.locator("#alert-heading")).hasText("Firing alert");
            Awaitility.await().until(() -> trial.listeners() == 1);
            // Only the stream can tell the page.
            page.route("**/api/alerts/*", route -> { });
            Locator shelve = button(page, "Shelve");
            shelve.click();
            assertThat(page.locator("#change")).isVisible();
            send("live-2", 150);
            send("live-1", 80);
            assertThat(page.locator("#alert-heading")).hasText("Cleared alert");
            page.keyboard().press("Escape");
            assertThat(shelve).isFocused();
            assertThat(shelve).hasAttribute("aria-disabled", "true");
            shelve.blur();
            assertThat(page.locator("#alert tbody tr")).hasCount(1);
            assertThat(button(page, "Clear")).hasCount(0);
            assertEquals(List.of(), look.problems());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "?alert_id=00000000-0000-0000-0000-000000000000 | There is no alert with this id; it may have been deleted.",
        "?alert_id=7 | This is not the address of an alert. Choose one from the open alerts or from all alerts.",
        "'' | No alert selected. Choose one from the open alerts or from all alerts.",
    })
    void anAlertThatIsNotThereIsSaidSo(String query, String told) {
        try (Look look = trial.open("/alert" + query, 375, ColorScheme.LIGHT)) {
            Page page = look.page();
            assertThat(page.locator("#problem")).containsText(told);
            assertThat(page.locator("#main")).hasAttribute("aria-busy", "false");
            assertThat(page.locator("#alert")).isHidden();
            assertThat(page.locator("#facts")).isHidden();
            assertThat(page.locator("#history")).isHidden();
            look.problems().removeIf(problem -> problem.matches(".*\\b40[04]\\b.*"));
            look.assertSound();
            look.photograph("alert-none", ColorScheme.LIGHT);
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Open alerts")).click();
            page.waitForURL("**/alerts");
        }
    }

    @Test
    void theValueOfARuleAboutRatesIsAChangeAMinute() {
        trial.database().run("""
                INSERT INTO alert_rule (rule_id, tenant, name, version, definition)
                VALUES (1000, 'default', 'Rising', 1, '{"name":"Rising","severity":"warning","metric":"heart_rate","rate":"1m","above":20}')""");
        trial.database().run("""
                INSERT INTO alert (alert_id, tenant, rule_id, rule, severity, sensor_id, location, metric, value, state, late, flapping, started_at, fired_at, cleared_at, message, revision)
                VALUES (gen_random_uuid(), 'default', 1000, 'Rising', 'warning', 'rate-1', 'icu-1', 'heart_rate', 24, 'cleared', false, false, now() - interval '1 hour', now() - interval '1 hour',
                    now() - interval '58 minutes', 'heart_rate rises by 24 per minute, above 20', 1)""");
        try (Look look = trial.open(pageOf("rate-1"))) {
            assertThat(look.page().locator("#facts")).hasText(Pattern.compile(".*Heart rate24.bpm per minute.*Lasted2 min.*"));
            assertTrue(look.page().locator("#alert tbody .alert-message").textContent().endsWith("Heart rate rises by 24\u00a0bpm per minute, above 20\u00a0bpm"));
            assertEquals(List.of(), look.problems());
        }
    }

    /** 18.02 rounded to one decimal would not be above 18. */
    @Test
    void aValueIsNotRoundedAndARuleThatIsDeletedHasNoLink() {
        HttpResponse<String> answer = api.post("/alert-rules", "{\"name\":\"Too warm\",\"severity\":\"warning\",\"metric\":\"temperature\",\"above\":18}");
        assertEquals(201, answer.statusCode(), answer.body());
        devices.send(Readings.json("warm-1", Instant.now().toString(), 18.02));
        Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM alert WHERE sensor_id = 'warm-1' AND state = 'firing'").equals("1"));
        try (Look look = trial.open(pageOf("warm-1"))) {
            Page page = look.page();
            assertThat(page.locator("#alert tbody .alert-message")).hasText("Too warm Temperature is 18.02\u00a0°C, above 18\u00a0°C");
            assertThat(page.locator("#facts")).containsText("Temperature18.02\u00a0°C");
            assertThat(page.locator("#facts a")).hasText("Too warm");
            assertEvents(page, "Fired: warning at 18.02\u00a0°C");
            deleteAllRules();
            page.reload();
            assertThat(page.locator("#alert-heading")).hasText("Cleared alert");
            assertEvents(page, "Fired: warning at 18.02\u00a0°C", "Cleared because its rule was deleted");
            assertThat(page.locator("#facts")).containsText("RuleToo warm (deleted)");
            assertThat(page.locator("#facts a")).hasCount(0);
            assertEquals(List.of(), look.problems());
        }
    }
}
