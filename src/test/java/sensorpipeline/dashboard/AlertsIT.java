package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PageAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
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
import sensorpipeline.support.WebhookReceiver;

/** The Alerts page in a real browser: from a reading to the page, and what people do about an alert there. */
class AlertsIT {

    private static final double MILLISECONDS = 40_000;
    private static final String INSERT = """
            INSERT INTO alert (alert_id, tenant, rule_id, rule, severity, sensor_id, location, metric, value, state, late, flapping, started_at, fired_at, cleared_at, message, revision)
            SELECT gen_random_uuid(), 'default', 1, 'Warm', 'warning', 'old-' || n, 'hall', 'temperature', 24, %s, now() - n * interval '1 hour',
                now() - n * interval '1 hour', %s, 'temperature is 24, above 22', 1 FROM generate_series(1, %d) AS n""";

    private static BrowserTrial trial;
    private static Readings devices;
    private static Http api;

    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial(Services.ALERTS);
        devices = new Readings(trial.settings());
        api = new Http(trial.settings().port("api.port"));
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            devices.close();
            trial.close();
        }
    }

    /** Alerts of deleted rules are cleared. */
    @AfterEach
    void deleteAll() {
        for (JsonNode channel : Http.json(api.get("/alert-channels")).path("data")) {
            assertEquals(200, api.call("DELETE", "/alert-channels/" + channel.path("id").asText()).statusCode());
        }
        for (JsonNode rule : Http.json(api.get("/alert-rules")).path("data")) {
            assertEquals(200, api.call("DELETE", "/alert-rules/" + rule.path("id").asText()).statusCode());
        }
        Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM alert WHERE state = 'firing' AND sensor_id NOT LIKE 'old-%'").equals("0"));
        trial.database().run("DELETE FROM alert");
    }

    /** Adds a rule for sensors whose ids begin with a text. */
    private static void addRule(String sensors, String severity) {
        HttpResponse<String> answer = api.post("/alert-rules", "{\"name\":\"Rule of %1$s\",\"metric\":\"temperature\",\"above\":30,\"sensors\":[\"%1$s*\"],\"severity\":\"%2$s\"}"
                .formatted(sensors, severity));
        assertEquals(201, answer.statusCode(), answer.body());
    }

    private static void addChannel(String name, String fields) {
        HttpResponse<String> answer = api.post("/alert-channels", "{\"name\":\"%s\",%s}".formatted(name, fields));
        assertEquals(201, answer.statusCode(), answer.body());
    }

    private static String webhook(WebhookReceiver receiver) {
        return "\"webhook\":{\"url\":\"%s\",\"secret\":\"0123456789abcdef\"}".formatted(receiver.url());
    }

    private static Locator channel(Page page, String name) {
        return page.locator("#channels tbody tr:has(.name:text-is('" + name + "'))");
    }

    private static void assertText(Locator locator, String pattern) {
        assertThat(locator).hasText(Pattern.compile(pattern), new LocatorAssertions.HasTextOptions().setTimeout(MILLISECONDS));
    }

    private static void send(String sensor, double temperature) {
        devices.send(Readings.json(sensor, Instant.now().toString(), temperature));
    }

    /** Sends a reading that fires an alert, and waits until the REST API has it. */
    private static void fire(String sensor) {
        send(sensor, 35);
        Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM alert WHERE state = 'firing' AND sensor_id = '%s'".formatted(sensor)).equals("1"));
    }

    private static Locator row(Page page, String sensor) {
        return page.locator("#alerts tbody tr:not(.gone)").filter(new Locator.FilterOptions().setHasText(sensor));
    }

    private static Locator button(Page page, String sensor, String name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(Pattern.compile("^" + name + ": " + sensor)));
    }

    private static void assertVisible(Locator locator) {
        assertThat(locator).isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(MILLISECONDS));
    }

    private static void assertGone(Locator locator) {
        assertThat(locator).hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(MILLISECONDS));
    }

    private static void assertTitle(Page page, String title) {
        assertThat(page).hasTitle(title + " · Sensor Pipeline", new PageAssertions.HasTitleOptions().setTimeout(MILLISECONDS));
    }

    private static void assertShowsData(Page page) {
        assertThat(page.locator("#main")).hasAttribute("aria-busy", "false", new LocatorAssertions.HasAttributeOptions().setTimeout(MILLISECONDS));
    }

    private static void choose(Page page, String view) {
        Locator choice = page.locator("select[name=view]");
        choice.focus();
        choice.selectOption(view);
        assertShowsData(page);
    }

    @Test
    void anAlertAppearsWithinASecondAndGoesWhenItClears() {
        addRule("live", "critical");
        try (Look look = trial.open("/alerts")) {
            Page page = look.page();
            assertShowsData(page);
            assertThat(page.locator("#alerts .message")).hasText("No open alerts.");
            assertTitle(page, "Alerts");
            Awaitility.await().until(() -> trial.listeners() == 1);
            // Only the stream can tell the page.
            page.route("**/api/alerts?*", route -> { });
            List<Duration> times = new ArrayList<>();
            for (int i = 1; i <= 4; i++) {
                Instant sent = Instant.now();
                send("live-" + i, 35);
                assertVisible(row(page, "live-" + i));
                times.add(Duration.between(sent, Instant.now()));
                assertThat(page.locator("#news")).hasText("New critical alert for live-" + i + ", hall: Temperature is 35\u00a0°C, above 30\u00a0°C");
                assertTitle(page, "(" + i + ") Alerts");
            }
            assertTrue(Collections.min(times).toMillis() < 1000, times.toString());
            assertThat(row(page, "live-4").locator(".badge")).hasText("critical");
            assertThat(row(page, "live-4").locator(".alert-message strong")).hasText("Rule of live");
            assertThat(row(page, "live-4").locator(".sensor a")).hasAttribute("href", "/sensor?sensor_id=live-4");
            for (int i = 1; i <= 4; i++) {
                send("live-" + i, 20);
            }
            assertGone(page.locator("#alerts tbody tr"));
            assertVisible(page.locator("#alerts .message"));
            assertTitle(page, "Alerts");
        }
    }

    @ParameterizedTest
    @CsvSource({"360, LIGHT", "1280, DARK"})
    void acknowledgingByKeyboardMovesItToAcknowledgedAndTellsWho(int width, ColorScheme scheme) {
        String sensor = "ward-" + width;
        addRule(sensor, "critical");
        fire(sensor);
        try (Look look = trial.open("/alerts", width, scheme)) {
            Page page = look.page();
            Locator dialog = page.locator("#change");
            Locator acknowledge = button(page, sensor, "Acknowledge");
            acknowledge.focus();
            page.keyboard().press("Enter");
            assertThat(page.getByRole(AriaRole.DIALOG, new Page.GetByRoleOptions().setName("Acknowledge alert"))).isVisible();
            assertThat(dialog.locator("strong")).hasText("Rule of " + sensor);
            assertThat(dialog).containsText(sensor + ", hall: Temperature is 35\u00a0°C, above 30\u00a0°C");
            assertThat(dialog.locator("input[name=by]")).isFocused();
            look.assertSound();
            look.photograph("alert-acknowledge", scheme);
            page.keyboard().press("Escape");
            assertThat(acknowledge).isFocused();
            page.keyboard().press("Enter");
            page.keyboard().press("Enter");
            Locator name = dialog.locator("input[name=by]");
            assertThat(name).isFocused();
            assertThat(name).hasAttribute("aria-invalid", "true");
            assertThat(name).hasAccessibleDescription(Pattern.compile("Enter your name, so that others know who is taking care of it"));
            look.assertSound();
            look.photograph("alert-name-required", scheme);
            page.keyboard().type("Nurse Ana");
            assertThat(dialog.locator(".error")).isHidden();
            page.keyboard().press("Tab");
            page.keyboard().type("on my way");
            page.keyboard().press("Enter");
            assertThat(dialog).isHidden();
            // The row stays while it has the focus.
            assertThat(acknowledge).isFocused();
            assertGone(row(page, sensor));
            Locator gone = page.locator("#alerts tbody tr.gone");
            assertThat(gone.locator(".marks")).hasText("acknowledged by Nurse Ana");
            assertThat(acknowledge).hasAttribute("aria-disabled", "true");
            assertThat(page.locator("#news")).hasText("Rule of " + sensor + ", " + sensor + ": acknowledged.");
            assertTitle(page, "Alerts");
            assertEquals("Nurse Ana", trial.database().ask("SELECT acknowledged_by FROM alert WHERE sensor_id = '%s'".formatted(sensor)));
            choose(page, "acknowledged");
            assertTrue(page.url().endsWith("/alerts?view=acknowledged"), page.url());
            assertVisible(row(page, sensor).getByText("acknowledged by Nurse Ana"));
            assertThat(button(page, sensor, "Acknowledge")).hasCount(0);
            look.assertSound();
            look.photograph("alerts-acknowledged", scheme);
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(Pattern.compile("^Details: " + sensor))).focus();
            page.keyboard().press("Enter");
            assertThat(page.locator("#history .events li")).hasText(new Pattern[] {Pattern.compile("Fired: critical at 35"), Pattern.compile("Acknowledged by Nurse Ana.*on my way")});
            page.goBack();
            assertTrue(page.url().endsWith("/alerts?view=acknowledged"), page.url());
            assertVisible(row(page, sensor));
            button(page, sensor, "Shelve").click();
            assertThat(dialog.locator("input[name=by]")).hasValue("Nurse Ana");
            assertThat(dialog.locator("button[name=confirm]")).isFocused();
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void theFocusReturnsFromTheDialogAlthoughTheAlertIsNoLongerOpen() {
        addRule("quick", "critical");
        fire("quick-1");
        try (Look look = trial.open("/alerts")) {
            Page page = look.page();
            Locator acknowledge = button(page, "quick-1", "Acknowledge");
            acknowledge.focus();
            Awaitility.await().until(() -> trial.listeners() == 1);
            page.keyboard().press("Enter");
            assertThat(page.locator("#change")).isVisible();
            send("quick-1", 20);
            assertGone(row(page, "quick-1"));
            page.keyboard().press("Escape");
            assertThat(acknowledge).isFocused();
            acknowledge.blur();
            assertGone(page.locator("#alerts tbody tr"));
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void anAlertIsShelvedForAsLongAsChosenAndShownAgainAndCleared() {
        addRule("bed", "warning");
        fire("bed-1");
        try (Look look = trial.open("/alerts")) {
            Page page = look.page();
            Locator dialog = page.locator("#change");
            Locator confirm = dialog.locator("button[name=confirm]");
            button(page, "bed-1", "Shelve").click();
            dialog.locator("select[name=for]").selectOption("8 hours");
            confirm.click();
            assertGone(row(page, "bed-1"));
            assertEquals("8", trial.database().ask("SELECT round(extract(epoch FROM shelved_until - now()) / 3600) FROM alert WHERE sensor_id = 'bed-1'"));
            choose(page, "shelved");
            assertThat(row(page, "bed-1").locator(".marks")).containsText(Pattern.compile("shelved until .*\\d\\d:\\d\\d"));
            assertThat(button(page, "bed-1", "Shelve")).hasCount(0);
            button(page, "bed-1", "Unshelve").click();
            assertThat(page.getByRole(AriaRole.DIALOG, new Page.GetByRoleOptions().setName("Unshelve alert"))).containsText("It is shown among the open alerts again.");
            assertThat(confirm).hasText("Unshelve");
            dialog.locator("select[name=for]").selectOption("1 hour");
            assertThat(confirm).hasText("Shelve");
            confirm.click();
            assertThat(dialog).isHidden();
            assertEquals("1", trial.database().ask("SELECT round(extract(epoch FROM shelved_until - now()) / 3600) FROM alert WHERE sensor_id = 'bed-1'"));
            button(page, "bed-1", "Unshelve").click();
            confirm.click();
            assertGone(row(page, "bed-1"));
            assertThat(page.locator("#news")).hasText("Rule of bed, bed-1: unshelved.");
            choose(page, "");
            assertThat(button(page, "bed-1", "Shelve")).isVisible();
            assertTrue(page.url().endsWith("/alerts"), page.url());
            button(page, "bed-1", "Clear").click();
            dialog.locator("input[name=by]").fill("Nurse Ben");
            dialog.locator("input[name=comment]").fill("sensor replaced");
            confirm.click();
            assertGone(row(page, "bed-1"));
            choose(page, "history");
            assertVisible(row(page, "bed-1").getByText(Pattern.compile("^cleared \\d\\d:\\d\\d:\\d\\d by Nurse Ben$")));
            assertThat(button(page, "bed-1", "Clear")).hasCount(0);
            assertEquals("sensor replaced", trial.database().ask("SELECT comment FROM alert_event JOIN alert USING (alert_id) WHERE sensor_id = 'bed-1' AND event_id LIKE 'change-%' AND alert_event.kind = 'cleared'"));
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void aChangeThatFailsIsExplainedInTheDialog() {
        addRule("gone", "warning");
        fire("gone-1");
        try (Look look = trial.open("/alerts")) {
            Page page = look.page();
            Locator dialog = page.locator("#change");
            button(page, "gone-1", "Shelve").click();
            send("gone-1", 20);
            Awaitility.await().until(() -> trial.database().ask("SELECT state FROM alert WHERE sensor_id = 'gone-1'").equals("cleared"));
            dialog.locator("button[name=confirm]").click();
            assertThat(dialog.getByRole(AriaRole.STATUS)).hasText("Could not be shelved: the alert has been cleared in the meantime");
            dialog.getByText("Cancel").click();
            assertThat(dialog).isHidden();
        }
    }

    @ParameterizedTest
    @CsvSource({"375, LIGHT", "375, DARK", "1280, LIGHT", "1280, DARK"})
    void alertsAreFilteredByLocationAndSeverityAndTheFiltersAreInTheAddress(int width, ColorScheme scheme) {
        trial.database().run(INSERT.formatted("'firing', false, false", "NULL", 4));
        trial.database().run("UPDATE alert SET location = CASE WHEN sensor_id IN ('old-1', 'old-2') THEN 'icu-1' ELSE 'ward-2' END, severity = CASE WHEN sensor_id IN ('old-1', 'old-3') THEN 'critical' ELSE 'info' END");
        try (Look look = trial.open("/alerts", width, scheme)) {
            Page page = look.page();
            Locator sensors = page.locator("#alerts tbody tr .sensor");
            assertThat(sensors).hasCount(4);
            page.getByLabel("Location").focus();
            page.keyboard().type("icu-1");
            page.keyboard().press("Enter");
            assertThat(sensors).hasText(new String[] {"old-1", "old-2"});
            page.getByLabel("Severity").selectOption("critical");
            assertThat(sensors).hasText(new String[] {"old-1"});
            assertTrue(page.url().endsWith("/alerts?severity=critical&location=icu-1"), page.url());
            look.assertSound();
            look.photograph("alerts-filtered", scheme);
            choose(page, "history");
            assertThat(sensors).hasText(new String[] {"old-1"});
            page.reload();
            assertThat(page.getByLabel("Location")).hasValue("icu-1");
            assertThat(page.getByLabel("Severity")).hasValue("critical");
            assertThat(sensors).hasText(new String[] {"old-1"});
            page.getByLabel("Severity").selectOption("warning");
            assertThat(page.locator("#alerts .message")).hasText("No matching alerts yet.");
            page.goBack();
            assertThat(page.getByLabel("Severity")).hasValue("critical");
            page.getByLabel("Location").fill("");
            page.keyboard().press("Tab");
            assertThat(sensors).hasCount(2);
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void historyIsPagedAndThePageIsInTheAddress() {
        trial.database().run(INSERT.formatted("'cleared', false, false", "now()", 120));
        try (Look look = trial.open("/alerts?view=history")) {
            Page page = look.page();
            Locator rows = page.locator("#alerts tbody tr");
            assertThat(rows).hasCount(50);
            assertThat(rows.first().locator(".sensor")).hasText("old-1");
            page.locator(".next-page").click();
            assertThat(rows.first().locator(".sensor")).hasText("old-51");
            assertThat(page.locator("#alerts .note")).hasText("50 on this page, newest first");
            page.reload();
            assertThat(rows.first().locator(".sensor")).hasText("old-51");
            page.locator(".next-page").click();
            assertThat(rows).hasCount(20);
            assertThat(page.locator(".next-page")).isDisabled();
            page.locator(".first-page").click();
            assertThat(rows.first().locator(".sensor")).hasText("old-1");
            page.goBack();
            assertThat(rows.first().locator(".sensor")).hasText("old-101");
            page.goBack();
            assertThat(rows.first().locator(".sensor")).hasText("old-51");
            page.goBack();
            assertThat(page.locator(".first-page")).isDisabled();
            assertThat(page.locator("select[name=view]")).hasValue("history");
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void aRowKeepsTheFocusWhileOthersComeAndGo() {
        addRule("calm", "info");
        addRule("urgent", "critical");
        fire("calm-1");
        try (Look look = trial.open("/alerts")) {
            Page page = look.page();
            Locator held = button(page, "calm-1", "Clear");
            held.focus();
            Awaitility.await().until(() -> trial.listeners() == 1);
            send("urgent-1", 35);
            assertVisible(row(page, "urgent-1"));
            assertThat(page.locator("#alerts tbody tr .severity")).hasText(new String[] {"critical", "info"});
            assertThat(held).isFocused();
            send("urgent-1", 20);
            assertGone(row(page, "urgent-1"));
            assertThat(held).isFocused();
            send("calm-1", 20);
            assertGone(row(page, "calm-1"));
            assertThat(held).isFocused();
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void anAlertThatBecomesMoreSevereIsAnnouncedAndMovesUp() {
        addRule("calm", "warning");
        HttpResponse<String> levels = api.post("/alert-rules", """
                {"name":"Levels","metric":"temperature","sensors":["rising*"],"levels":[{"severity":"info","above":30},{"severity":"critical","above":40}]}""");
        assertEquals(201, levels.statusCode(), levels.body());
        fire("calm-1");
        fire("rising-1");
        try (Look look = trial.open("/alerts")) {
            Page page = look.page();
            assertThat(page.locator("#alerts tbody tr .severity")).hasText(new String[] {"warning", "info"});
            Awaitility.await().until(() -> trial.listeners() == 1);
            send("rising-1", 45);
            assertThat(page.locator("#news")).hasText(Pattern.compile("^New critical alert for rising-1, hall: .*45"), new LocatorAssertions.HasTextOptions().setTimeout(MILLISECONDS));
            assertThat(page.locator("#alerts tbody tr .severity")).hasText(new String[] {"critical", "warning"});
            assertTitle(page, "(2) Alerts");
            assertEquals(List.of(), look.problems());
        }
    }

    @ParameterizedTest
    @CsvSource({"360, LIGHT", "360, DARK", "1280, LIGHT", "1280, DARK", "2560, LIGHT", "2560, DARK"})
    void tellsOnEveryScreenWhatIsWrong(int width, ColorScheme scheme) {
        addRule("urgent", "critical");
        addRule("calm", "info");
        fire("urgent-1");
        fire("calm-1");
        trial.database().run(INSERT.formatted("'firing', true, true", "NULL", 2));
        trial.database().run("UPDATE alert SET latched = true WHERE sensor_id = 'old-2'");
        try (Look look = trial.open("/alerts", width, scheme)) {
            Page page = look.page();
            assertThat(page.locator("#alerts tbody tr .severity")).hasText(new String[] {"critical", "warning", "warning", "info"});
            assertThat(row(page, "old-1").locator(".marks .badge")).hasText(new String[] {"flapping", "late"});
            assertThat(row(page, "old-2").locator(".marks .badge")).hasText(new String[] {"condition ended, not acknowledged", "flapping", "late"});
            assertThat(row(page, "old-1").locator(".time")).containsText("1 h ago");
            look.assertSound();
            look.photograph("alerts", scheme);
        }
    }

    @ParameterizedTest
    @CsvSource({"375, LIGHT", "375, DARK", "1280, LIGHT", "1280, DARK"})
    void aChannelThatFailsIsSeen(int width, ColorScheme scheme) {
        try (WebhookReceiver receiver = new WebhookReceiver(); Look look = trial.open("/alerts", width, scheme); Look channels = trial.open("/channels", width, scheme)) {
            Locator warning = look.page().locator("#channel-problems");
            Page page = channels.page();
            assertShowsData(look.page());
            assertThat(warning).isHidden();
            assertText(page.locator("#channels .message"), "^No channels yet, so nobody is notified");
            channels.assertSound();
            channels.photograph("channels-none", scheme);
            String sensor = "told-" + width + scheme;
            addRule(sensor, "critical");
            addChannel("ward-pager", webhook(receiver) + ",\"repeat\":\"5m\"");
            addChannel("chief-mail", "\"email\":{\"to\":[\"chief@example.org\"]},\"severity\":\"critical\",\"fallback_for\":[\"ward-pager\"],\"fallback_after\":\"9d\"");
            assertText(channel(page, "ward-pager").locator(".marks"), "^not used yet$");
            assertThat(page.locator("#channels .note")).hasText("2 channels, by name");
            receiver.answer(503);
            fire(sensor);
            assertText(warning, "^Channel ward-pager has been unable to notify anyone since \\d\\d:\\d\\d:\\d\\d. 1 event is waiting to be sent.See why on the Channels page$");
            assertText(look.page().locator("#channel-news"), "^Channel ward-pager has been unable to notify anyone since \\d\\d:\\d\\d:\\d\\d.$");
            assertText(page.locator("#news"), "^Channel ward-pager has not delivered messages since .*: 127.0.0.1:\\d+ answered 503 Service Unavailable.$");
            assertThat(page.locator("#channels .note")).hasText("2 channels, by name; 1 failing");
            assertText(channel(page, "ward-pager").locator(".marks"), "^failing since .*127.0.0.1:\\d+ answered 503 Service Unavailable$");
            assertThat(channel(page, "ward-pager").locator(".number")).hasText("1");
            assertThat(channel(page, "ward-pager").locator(".time")).hasText("never");
            assertThat(channel(page, "ward-pager").locator(".kind")).hasText("Webhook at " + receiver.url().replaceAll("http://|/alerts", ""));
            assertThat(channel(page, "ward-pager").locator(".scope")).hasText("All alerts, and when they clear. Repeated every 5 min until acknowledged.");
            assertThat(channel(page, "chief-mail").locator(".scope")).hasText("Critical alerts that ward-pager cannot deliver, if it has been failing for 9 days, and when they clear.");
            assertThat(channel(page, "chief-mail").locator(".kind")).hasText("E-mail to chief@example.org");
            channels.assertSound();
            channels.photograph("channels", scheme);
            look.assertSound();
            look.photograph("alert-channel-fails", scheme);
            trial.database().run("UPDATE alert_message SET created_at = now() - interval '25 hours', next_attempt_at = now() WHERE delivered_at IS NULL");
            assertText(warning, "Channel ward-pager could not deliver 1 message in the last week.See why on the Channels page$");
            assertText(channel(page, "ward-pager").locator(".marks"), "1 not delivered");
            receiver.answer(204);
            send(sensor, 20);
            assertText(warning, "^Channel ward-pager could not deliver 1 message");
            assertText(channel(page, "ward-pager").locator(".marks"), "^working1 not delivered$");
            assertEquals(List.of(), channels.problems());
            warning.getByRole(AriaRole.LINK).click();
            look.page().waitForURL("**/channels");
            assertText(channel(look.page(), "ward-pager").locator(".marks"), "^working1 not delivered$");
            assertEquals(List.of(), look.problems());
        }
    }

    @ParameterizedTest
    @CsvSource({"375, DARK", "1280, LIGHT"})
    void ofManyChannelsThatFailSomeAreNamedAndAllAreFound(int width, ColorScheme scheme) {
        for (int i = 10; i < 40; i++) {
            addChannel("ward-" + i, "\"email\":{\"to\":[\"ward-%d@example.org\"]}".formatted(i));
        }
        trial.database().run("UPDATE alert_channel SET failing_since = now(), error = 'connection refused by mail.example.org:25' WHERE name < 'ward-17'");
        try (Look look = trial.open("/alerts", width, scheme)) {
            Page page = look.page();
            assertThat(page.locator("#channel-problems p")).hasCount(6);
            assertThat(page.locator("#channel-problems p").last()).containsText("There are 2 more problems.");
            Locator link = page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("See why on the Channels page"));
            look.assertSound();
            look.photograph("alert-channels-fail", scheme);
            link.focus();
            page.keyboard().press("Enter");
            page.waitForURL("**/channels");
            assertThat(page.locator("#channels .note")).hasText("30 channels, by name; 7 failing");
            assertThat(page.locator("#channels tbody tr")).hasCount(30);
            look.assertSound();
            look.photograph("channels-many", scheme);
            page.goBack();
            page.getByRole(AriaRole.NAVIGATION, new Page.GetByRoleOptions().setName("Pages")).getByText("Channels").click();
            page.waitForURL("**/channels");
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void aTestIsSentByKeyboardAndItsOutcomeIsSeen() {
        try (WebhookReceiver receiver = new WebhookReceiver(); Look look = trial.open("/channels")) {
            Page page = look.page();
            addChannel("ward-pager", webhook(receiver));
            Locator test = button(page, "ward-pager", "Send test");
            Locator marks = channel(page, "ward-pager").locator(".marks");
            Locator news = page.getByRole(AriaRole.STATUS).and(page.locator("#news"));
            assertVisible(test);
            test.focus();
            page.keyboard().press("Enter");
            assertText(news, "^Channel ward-pager: test delivered .*\\d\\d:\\d\\d:\\d\\d.$");
            assertText(marks, "^not used yettest delivered ");
            assertThat(test).isFocused();
            assertTrue(receiver.messages().get(0).data().path("test").asBoolean());
            receiver.answer(503);
            page.keyboard().press("Enter");
            assertText(news, "^Channel ward-pager: test failed .*\\d\\d:\\d\\d:\\d\\d: 127.0.0.1:\\d+ answered 503 Service Unavailable.$");
            assertText(marks, "^not used yettest failed .*Test: 127.0.0.1:\\d+ answered 503 Service Unavailable$");
            receiver.answer(204);
            page.keyboard().press("Enter");
            assertText(marks, "^not used yettest delivered ");
            assertThat(test).isFocused();
            page.reload();
            assertText(marks, "^not used yettest delivered ");
            test.focus();
            deleteAll();
            page.keyboard().press("Enter");
            assertText(news, "^Test of ward-pager: Could not be sent: the channel has been deleted in the meantime$");
            look.problems().removeIf(problem -> problem.contains("404"));
            assertEquals(List.of(), look.problems());
        }
    }
}
