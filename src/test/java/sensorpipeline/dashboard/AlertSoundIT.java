package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.Readings;

/** The switch "Sound" in a real browser: which alerts sound, in which window, and what the switch says. */
class AlertSoundIT {

    /** Keeps the pitches of all tones that are played. */
    private static final String LISTENING = """
            window.tones = [];
            const start = OscillatorNode.prototype.start;
            OscillatorNode.prototype.start = function (...when) { tones.push(this.frequency.value); return start.apply(this, when); };""";
    private static final List<Integer> CRITICAL = List.of(880, 880, 880);
    private static final List<Integer> SAMPLE = List.of(520);

    private static BrowserTrial trial;

    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial();
        trial.send(List.of(Readings.json("bed-1", Instant.now().toString(), 20)));
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            trial.close();
        }
    }

    @BeforeEach
    void deleteAll() {
        trial.database().run("DELETE FROM alert");
    }

    /** Adds an alert. */
    private static void fire(String severity) {
        trial.database().run("""
                INSERT INTO alert (alert_id, tenant, rule_id, rule, severity, sensor_id, location, metric, value, state, late, flapping, started_at, fired_at, message, revision)
                VALUES (gen_random_uuid(), 'default', 1, 'Rule', '%1$s', 'bed-1', NULL, 'heart_rate', 1, 'firing', false, false, now(), now(), 'message', 1)""".formatted(severity));
    }

    private static BrowserContext browser() {
        BrowserContext browser = trial.context(1280, ColorScheme.LIGHT);
        browser.addInitScript(LISTENING);
        return browser;
    }

    private static Locator control(Page page) {
        return page.locator("#sound");
    }

    private static Look openWithSound(BrowserContext browser, String path) {
        Look look = trial.open(browser, path);
        assertShowsData(look.page());
        control(look.page()).focus();
        look.page().keyboard().press("Space");
        assertThat(control(look.page())).isChecked();
        look.page().waitForCondition(() -> !tones(look.page()).isEmpty());
        assertEquals(SAMPLE, tones(look.page()));
        look.page().evaluate("tones.length = 0");
        return look;
    }

    private static void assertShowsData(Page page) {
        assertThat(page.locator("#main")).hasAttribute("aria-busy", "false");
    }

    @SuppressWarnings("unchecked")
    private static List<Integer> tones(Page page) {
        return (List<Integer>) page.evaluate("tones");
    }

    private static void assertCount(Page page, int count) {
        assertThat(page.locator("#alert-count")).containsText(Pattern.compile(count + " open"));
    }

    @Test
    void itIsOffUntilSomebodyWantsIt() {
        try (BrowserContext browser = browser(); Look look = trial.open(browser, "/sensors")) {
            Page page = look.page();
            assertShowsData(page);
            assertThat(control(page)).not().isChecked();
            fire("critical");
            assertCount(page, 1);
            assertEquals(List.of(), tones(page));
            assertEquals(List.of(), look.problems());
        }
    }

    @ParameterizedTest
    @CsvSource({"critical, 880 880 880", "warning, 660 660", "info, 520"})
    void anAlertThatFiresSoundsByItsSeverityOnce(String severity, String pitches) {
        // Known before the page is opened.
        fire("critical");
        try (BrowserContext browser = browser(); Look look = openWithSound(browser, "/sensors")) {
            Page page = look.page();
            assertCount(page, 1);
            assertEquals(List.of(), tones(page));
            fire(severity);
            page.waitForCondition(() -> !tones(page).isEmpty());
            String expected = "[" + pitches.replace(" ", ", ") + "]";
            assertEquals(expected, tones(page).toString());
            // Two more rounds tell the same.
            page.waitForResponse("**/api/open-alerts*", () -> { });
            page.waitForResponse("**/api/open-alerts*", () -> { });
            assertEquals(expected, tones(page).toString());
            look.assertSound();
        }
    }

    @Test
    void severalAtOnceSoundOnceAsTheMostSevere() {
        try (BrowserContext browser = browser(); Look look = openWithSound(browser, "/sensors")) {
            trial.database().run("""
                    INSERT INTO alert (alert_id, tenant, rule_id, rule, severity, sensor_id, state, late, flapping, started_at, fired_at, message, revision)
                    SELECT gen_random_uuid(), 'default', n, 'Rule', CASE WHEN n = 3 THEN 'critical' ELSE 'info' END, 'bed-1', 'firing', false, false, now(), now(), 'message', 1
                    FROM generate_series(1, 5) AS n""");
            assertCount(look.page(), 5);
            assertEquals(CRITICAL, tones(look.page()));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "'firing' | false | now() | NULL",
        "'firing' | false | NULL  | now() + interval '1 hour'",
        "'cleared' | true | NULL  | NULL",
    })
    void whatNobodyWantsToHearOfIsSilent(String state, boolean isLate, String acknowledged, String shelved) {
        try (BrowserContext browser = browser(); Look look = openWithSound(browser, "/sensors")) {
            trial.database().run("""
                    INSERT INTO alert (alert_id, tenant, rule_id, rule, severity, sensor_id, state, late, flapping, started_at, fired_at, message, revision, acknowledged_at, shelved_until)
                    VALUES (gen_random_uuid(), 'default', 1, 'Rule', 'critical', 'bed-1', %s, %s, false, now(), now(), 'message', 1, %s, %s),
                        (gen_random_uuid(), 'default', 2, 'Rule', 'info', 'bed-1', 'firing', false, false, now(), now(), 'message', 1, NULL, NULL)""".formatted(state, isLate, acknowledged, shelved));
            // The other one came with it.
            assertCount(look.page(), 1);
            assertEquals(SAMPLE, tones(look.page()));
        }
    }

    @Test
    void afterAReloadTheSwitchSaysThatAClickIsNeeded() {
        try (BrowserContext browser = browser(); Look look = openWithSound(browser, "/sensors")) {
            Page page = look.page();
            page.reload();
            assertShowsData(page);
            assertThat(control(page)).isChecked();
            assertThat(page.locator(".sound")).hasText("Sound: click the page to start it");
            page.locator("h1").click();
            assertThat(page.locator(".sound")).hasText("Sound");
            fire("critical");
            assertCount(page, 1);
            assertEquals(CRITICAL, tones(page));
        }
    }

    @Test
    void ofTwoWindowsOneSoundsAndTheOtherOnceItIsAlone() {
        try (BrowserContext browser = browser(); Look first = openWithSound(browser, "/sensors")) {
            Look second = trial.open(browser, "/operations");
            Page page = second.page();
            assertShowsData(page);
            assertThat(control(page)).isChecked();
            page.locator("h1").click();
            assertThat(page.locator(".sound")).hasText("Sound");
            fire("critical");
            assertCount(page, 1);
            assertCount(first.page(), 1);
            assertEquals(CRITICAL, tones(first.page()));
            assertEquals(List.of(), tones(page));
            first.page().close();
            page.waitForCondition(() -> (Boolean) page.evaluate("navigator.locks.query().then(({ held, pending }) => held.length === 1 && pending.length === 0)"));
            fire("warning");
            assertCount(page, 2);
            assertEquals(List.of(660, 660), tones(page));
            // Off in one window is off in all.
            Look third = trial.open(browser, "/sensors");
            assertThat(control(third.page())).isChecked();
            control(third.page()).click();
            assertThat(control(page)).not().isChecked();
        }
    }
}
