package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.Http;

/** Channels by form on the page Channels, in a real browser. */
class ChannelsIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static BrowserTrial trial;
    private static Http api;

    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial();
        api = new Http(trial.settings().port("api.port"));
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            trial.close();
        }
    }

    @AfterEach
    void deleteAll() {
        trial.database().run("DELETE FROM alert_channel");
    }

    private static JsonNode add(String channel) {
        HttpResponse<String> answer = api.post("/alert-channels", channel);
        assertEquals(201, answer.statusCode(), answer.body());
        return Http.json(answer).path("data");
    }

    /** What its author wrote. */
    private static ObjectNode definition(String name) {
        for (JsonNode channel : Http.json(api.get("/alert-channels")).path("data")) {
            if (channel.path("name").asText().equals(name)) {
                return ((ObjectNode) channel).remove(List.of("id", "version", "created_at", "changed_at", "status"));
            }
        }
        throw new AssertionError("no channel " + name);
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator button(Locator form, String name) {
        return form.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator field(Locator form, String label) {
        return form.getByLabel(label, new Locator.GetByLabelOptions().setExact(true));
    }

    private static String secretOf(String name) {
        return trial.database().ask("SELECT secret FROM alert_channel_secret JOIN alert_channel USING (channel_id) WHERE name = '%s'".formatted(name));
    }

    @ParameterizedTest
    @CsvSource({"390, DARK", "1280, LIGHT"})
    void aWebhookIsAddedByKeyboardAndItsSecretIsShownOnce(int width, ColorScheme scheme) throws Exception {
        try (Look look = trial.open("/channels", width, scheme)) {
            Page page = look.page();
            assertThat(page.locator("#channels .message")).containsText("No channels yet, so nobody is notified");
            Locator add = page.locator(".title .add");
            // Unlike a click, this does not wait for the page.
            assertThat(add).isVisible();
            add.focus();
            page.keyboard().press("Enter");
            Locator form = page.getByRole(AriaRole.DIALOG, new Page.GetByRoleOptions().setName("Add channel"));
            assertThat(field(form, "Name")).isFocused();
            page.keyboard().type("ward-pager");
            field(form, "URL").fill("https://pager.example.org/alerts");
            field(form, "Severity").selectOption("critical");
            field(form, "Sensors").fill("bed-*, chair-1");
            field(form, "Repeat every").fill("5");
            form.getByLabel("Repeat every: unit").selectOption("m");
            form.getByText("Also report when an alert clears").uncheck();
            form.getByText("More", new Locator.GetByTextOptions().setExact(true)).click();
            form.getByText("Do not send at certain hours").check();
            field(form, "From").fill("22:00");
            field(form, "To").fill("06:00");
            field(form, "Time zone").fill("Europe/Berlin");
            look.assertSound();
            look.photograph("channel-new", scheme);
            field(form, "Name").focus();
            page.keyboard().press("Enter");
            Locator secret = page.locator("#channel [readonly]");
            assertThat(secret).isFocused();
            String shown = secret.inputValue();
            assertTrue(shown.matches("whsec_[A-Za-z0-9+/]{32}"), shown);
            assertEquals(shown, secretOf("ward-pager"));
            look.assertSound();
            look.photograph("channel-secret", scheme);
            page.keyboard().press("Escape");
            assertThat(form).isHidden();
            assertThat(add).isFocused();
            assertThat(secret).hasValue("");
            assertEquals(JSON.readTree("""
                    {"name":"ward-pager","webhook":{"url":"https://pager.example.org/alerts"},"severity":"critical","sensors":["bed-*","chair-1"],"cleared":false,"repeat":"5m",
                     "quiet":{"days":"mon-sun","from":"22:00","to":"06:00","tz":"Europe/Berlin"}}"""), definition("ward-pager"));
            assertThat(page.locator("#channels tbody .scope")).hasText("Critical alerts for bed-* or chair-1, but not when they clear. Repeated every 5 min until acknowledged. Quiet hours: every day, from 22:00 to 06:00 (Europe/Berlin).");
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void theSecretStaysUnlessAnotherOneIsChosen() {
        add("{\"name\":\"pager\",\"webhook\":{\"url\":\"http://127.0.0.1:1/alerts\",\"secret\":\"0123456789abcdef\"}}");
        try (Look look = trial.open("/channels")) {
            Page page = look.page();
            Locator edit = button(page, "Edit: pager");
            edit.click();
            Locator form = page.locator("#channel");
            assertThat(field(form, "Secret").first()).hasValue("");
            field(form, "URL").fill("http://127.0.0.1:2/alerts");
            button(page, "Save").click();
            assertThat(form).isHidden();
            assertThat(edit).isFocused();
            assertEquals("http://127.0.0.1:2/alerts", definition("pager").path("webhook").path("url").asText());
            assertEquals("0123456789abcdef", secretOf("pager"));
            edit.click();
            field(form, "Secret").first().selectOption("enter");
            form.getByLabel("Secret text").fill("too short");
            button(page, "Save").click();
            assertThat(form.getByLabel("Secret text")).isFocused();
            assertThat(form.getByLabel("Secret text")).hasAccessibleDescription(Pattern.compile("“Secret text” must have at least 16 characters\\.$"));
            form.getByLabel("Secret text").fill("another secret, long enough");
            button(page, "Save").click();
            assertThat(form).isHidden();
            assertEquals("another secret, long enough", secretOf("pager"));
            edit.click();
            field(form, "Secret").first().selectOption("generate");
            button(page, "Save").click();
            assertThat(form.locator("[readonly]")).hasValue(Pattern.compile("whsec_.*"));
            assertEquals(form.locator("[readonly]").inputValue(), secretOf("pager"));
            form.getByText("Close").click();
            assertThat(edit).isFocused();
            assertEquals(List.of(), look.problems());
        }
    }

    @ParameterizedTest
    @CsvSource({"375, DARK, Load their version, warning, 2", "1280, LIGHT, Save mine instead, critical, 3"})
    void theSecondOfTwoWindowsDoesNotOverwriteWhatTheFirstHasSaved(int width, ColorScheme scheme, String choice, String severity, int version) {
        JsonNode channel = add("{\"name\":\"pager\",\"webhook\":{\"url\":\"http://127.0.0.1:1/alerts\",\"secret\":\"0123456789abcdef\"},\"severity\":\"info\"}");
        try (Look first = trial.open("/channels"); Look second = trial.open("/channels", width, scheme)) {
            Page page = second.page();
            button(page, "Edit: pager").click();
            Locator form = page.locator("#channel");
            field(form, "Severity").selectOption("critical");
            button(first.page(), "Edit: pager").click();
            field(first.page().locator("#channel"), "Severity").selectOption("warning");
            button(first.page(), "Save").click();
            assertThat(first.page().locator("#channel")).isHidden();
            button(page, "Save").click();
            assertThat(form.getByRole(AriaRole.STATUS)).hasText("Could not be saved: somebody else has changed this channel since you opened it. Your entries are still here.");
            assertThat(field(form, "Severity")).hasValue("critical");
            assertEquals("warning", definition("pager").path("severity").asText());
            page.waitForCondition(() -> second.problems().removeIf(problem -> problem.contains("412")));
            second.assertSound();
            second.photograph("channel-conflict", scheme);
            button(page, choice).click();
            if (version == 2) {
                assertThat(field(form, "Severity")).hasValue(severity);
                button(page, "Cancel").click();
            }
            assertThat(form).isHidden();
            assertEquals(severity, definition("pager").path("severity").asText());
            assertEquals(version, Http.json(api.get("/alert-channels/" + channel.path("id").asText())).path("data").path("version").asInt());
            assertEquals("0123456789abcdef", secretOf("pager"));
            assertEquals(List.of(), second.problems());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"name\":\"a\",\"email\":{\"to\":[\"a@example.org\",\"b@example.org\"]},\"fallback_for\":[\"pager\"],\"fallback_after\":\"90m\",\"quiet\":{\"from\":\"00:00\",\"to\":\"00:00\"}}",
        "{\"name\":\"b\",\"route\":{\"name\":\"chat\",\"settings\":{\"room\":\"icu\",\"key\":\"\"}},\"rules\":[\"Warm, or hot\"],\"locations\":[\"icu-*\"],\"cleared\":true}",
        "{\"name\":\"c\",\"webhook\":{\"url\":\"https://pager.example.org/alerts?a=b\",\"secret\":\"0123456789abcdef\"},\"severity\":\"warning\",\"repeat\":\"120s\",\"cleared\":false}",
    })
    void aChannelThatWasMadeByTheApiLosesNothingIfItsNameIsChanged(String json) throws Exception {
        add("{\"name\":\"pager\",\"webhook\":{\"url\":\"http://127.0.0.1:1/alerts\",\"secret\":\"0123456789abcdef\"}}");
        ObjectNode expected = definition(add(json).path("name").asText());
        try (Look look = trial.open("/channels")) {
            Page page = look.page();
            button(page, "Edit: " + expected.path("name").asText()).click();
            Locator form = page.locator("#channel");
            field(form, "Name").first().fill("Other name");
            look.assertSound();
            button(page, "Save").click();
            assertThat(form).isHidden();
            assertEquals(expected.put("name", "Other name"), definition("Other name"));
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void anotherKindReplacesTheFirstAndWhatIsRefusedIsSaidBesideItsField() throws Exception {
        add("{\"name\":\"pager\",\"webhook\":{\"url\":\"http://127.0.0.1:1/alerts\",\"secret\":\"0123456789abcdef\"}}");
        try (Look look = trial.open("/channels")) {
            Page page = look.page();
            button(page, "Edit: pager").click();
            Locator form = page.locator("#channel");
            field(form, "Type").selectOption("email");
            assertThat(field(form, "URL")).isHidden();
            field(form, "Addresses").fill("nobody");
            button(page, "Save").click();
            assertThat(field(form, "Addresses")).isFocused();
            assertThat(field(form, "Addresses")).hasAccessibleDescription(Pattern.compile("nobody is not an e-mail address\\."));
            field(form, "Addresses").fill("shift@example.org, ward@example.org");
            assertThat(form.locator(".error:visible")).hasCount(0);
            button(page, "Save").click();
            assertThat(form).isHidden();
            assertEquals(JSON.readTree("{\"name\":\"pager\",\"email\":{\"to\":[\"shift@example.org\",\"ward@example.org\"]}}"), definition("pager"));
        }
    }

    @ParameterizedTest
    @CsvSource({"375, DARK", "1280, LIGHT"})
    void whatWasEnteredIsNotDiscardedWithoutAQuestion(int width, ColorScheme scheme) {
        try (Look look = trial.open("/channels", width, scheme)) {
            Page page = look.page();
            Locator add = page.locator(".title .add");
            add.click();
            Locator form = page.locator("#channel");
            page.keyboard().press("Escape");
            assertThat(form).isHidden();
            add.click();
            page.keyboard().type("pager");
            Locator question = dialog(page, "Discard the new channel?");
            // A browser closes a dialog at the second Escape, if nobody has done anything else meanwhile.
            for (int i = 0; i < 3; i++) {
                page.keyboard().press("Escape");
                assertThat(question).isVisible();
                page.keyboard().press("Escape");
                assertThat(question).isHidden();
                assertThat(field(form, "Name")).hasValue("pager");
                assertThat(field(form, "Name")).isFocused();
            }
            button(page, "Cancel").click();
            look.assertSound();
            look.photograph("channel-discard", scheme);
            button(page, "Discard").click();
            assertThat(form).isHidden();
            assertThat(add).isFocused();
            assertEquals(0, Http.json(api.get("/alert-channels")).path("count").asInt());
            assertEquals(List.of(), look.problems());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "pager.example.org/alerts             | URL must begin with http:// or https://.",
        "ftp://pager.example.org/alerts       | URL must begin with http:// or https://.",
        "https://                             | URL must have a host of letters, digits, hyphens and dots, and a valid port, for example https://pager.example.org/alerts.",
        "http://ward_pager:8080/alerts        | URL must have a host of letters, digits, hyphens and dots",
        "https://me:secret@pager.example.org  | URL must not contain a user name or password.",
        "https://pager.example.org/#alerts    | URL must not contain a fragment, which begins with #.",
        "https://pager.example.org:0/alerts   | URL must be such as",
    })
    void whatIsWrongWithAUrlIsSaidBesideIt(String url, String error) {
        try (Look look = trial.open("/channels")) {
            Page page = look.page();
            page.locator(".title .add").click();
            Locator form = page.locator("#channel");
            field(form, "Name").fill("pager");
            field(form, "URL").fill(url);
            button(form, "Add channel").click();
            Locator errors = form.locator(".error:visible");
            assertThat(errors).containsText(error);
            assertThat(field(form, "URL")).isFocused();
            assertThat(field(form, "URL")).hasAttribute("aria-describedby", errors.getAttribute("id") + " " + errors.getAttribute("id").replace("error", "hint"));
            assertThat(errors).hasCount(1);
            assertThat(form.getByRole(AriaRole.STATUS)).hasText("");
        }
    }

    @Test
    void whatContradictsItselfIsSaidBesideItsControl() {
        try (Look look = trial.open("/channels")) {
            Page page = look.page();
            page.locator(".title .add").click();
            Locator form = page.locator("#channel");
            field(form, "Type").selectOption("route");
            field(form, "Route").fill("Chat");
            field(form, "Repeat every").fill("59");
            form.getByText("More", new Locator.GetByTextOptions().setExact(true)).click();
            field(form, "If they have been failing for").fill("5");
            button(form, "Add channel").click();
            assertThat(form.locator(".error:visible")).hasText(new String[] {"Name is required.", "Route must consist of lower-case letters, digits and hyphens.", "“Repeat every” must be at least 1 minute.",
                "“If they have been failing for” requires “Fallback for”."});
            assertThat(field(form, "Name")).isFocused();
            field(form, "Name").fill("chat");
            field(form, "Route").fill("chat");
            field(form, "Repeat every").fill("60");
            field(form, "Fallback for").fill("unknown");
            assertThat(form.locator(".error:visible")).hasCount(0);
            look.assertSound();
            button(form, "Add channel").click();
            assertThat(field(form, "Fallback for")).isFocused();
            assertThat(field(form, "Fallback for")).hasAccessibleDescription(Pattern.compile("“Fallback for” must be names of other channels"));
        }
    }

    @Test
    void deletingAsksAndAFallbackKeepsItsChannel() {
        add("{\"name\":\"pager\",\"webhook\":{\"url\":\"http://127.0.0.1:1/alerts\",\"secret\":\"0123456789abcdef\"}}");
        add("{\"name\":\"mail\",\"email\":{\"to\":[\"a@example.org\"]},\"fallback_for\":[\"pager\"]}");
        try (Look look = trial.open("/channels")) {
            Page page = look.page();
            Locator delete = button(page, "Delete: pager");
            delete.focus();
            page.keyboard().press("Enter");
            Locator dialog = page.getByRole(AriaRole.DIALOG, new Page.GetByRoleOptions().setName("Delete the channel pager?"));
            assertThat(dialog.locator("[name=cancel]")).isFocused();
            look.assertSound();
            dialog.locator("[name=confirm]").click();
            assertThat(dialog.getByRole(AriaRole.STATUS)).hasText(Pattern.compile("^Could not be deleted: The channel .*mail.* is a fallback for this one"));
            page.keyboard().press("Escape");
            assertThat(delete).isFocused();
            button(page, "Delete: mail").click();
            page.locator("#confirmation [name=confirm]").click();
            assertThat(page.locator("#news")).hasText("Channel mail deleted.");
            assertThat(page.locator("#channels tbody tr:not(.gone)")).hasCount(1);
            look.problems().removeIf(problem -> problem.contains("409"));
            assertEquals(List.of(), look.problems());
        }
    }

    @ParameterizedTest
    @CsvSource({"375, DARK", "1280, LIGHT"})
    void undeliveredMessagesAreReportedUntilSomebodyAcknowledgesIt(int width, ColorScheme scheme) {
        JsonNode channel = add("{\"name\":\"pager\",\"webhook\":{\"url\":\"http://127.0.0.1:1/alerts\",\"secret\":\"0123456789abcdef\"}}");
        giveUp(channel);
        giveUp(channel);
        try (Look alerts = trial.open("/alerts"); Look look = trial.open("/channels", width, scheme)) {
            assertThat(alerts.page().locator("#channel-problems")).containsText("Channel pager could not deliver 2 messages in the last week.");
            Page page = look.page();
            Locator marks = page.locator("#channels tbody .marks");
            assertThat(marks).containsText("2 not delivered");
            look.assertSound();
            look.photograph("channel-given-up", scheme);
            button(page, "Acknowledge: pager").focus();
            page.keyboard().press("Enter");
            Locator dialog = dialog(page, "Acknowledge 2 undelivered messages of pager?");
            assertThat(field(dialog, "Your name")).isFocused();
            look.assertSound();
            look.photograph("channel-acknowledge", scheme);
            page.keyboard().press("Enter");
            assertThat(dialog).isVisible();
            page.keyboard().type("nurse 12");
            // It fails after the dialog has said how many there are.
            giveUp(channel);
            page.keyboard().press("Enter");
            assertThat(dialog).isHidden();
            assertThat(button(page, "Send test: pager")).isFocused();
            assertThat(marks).containsText("1 not delivered");
            button(page, "Acknowledge: pager").click();
            assertThat(field(dialog(page, "Acknowledge 1 undelivered message of pager?"), "Your name")).hasValue("nurse 12");
            page.keyboard().press("Enter");
            assertThat(marks).containsText(Pattern.compile("Undelivered messages acknowledged by nurse 12, "));
            assertThat(page.locator("#news")).hasText("Undelivered messages of pager acknowledged.");
            assertThat(button(page, "Acknowledge: pager")).hasCount(0);
            look.assertSound();
            look.photograph("channel-acknowledged", scheme);
            assertThat(alerts.page().locator("#channel-problems")).isHidden();
            assertEquals(List.of(), look.problems());
        }
    }

    private static Locator dialog(Page page, String name) {
        return page.getByRole(AriaRole.DIALOG, new Page.GetByRoleOptions().setName(name));
    }

    private static void giveUp(JsonNode channel) {
        trial.database().run("INSERT INTO alert_message (channel_id, tenant, body, given_up_at) VALUES (%d, 'default', '{}', now())".formatted(channel.path("id").asLong()));
    }
}
