package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.Readings;

/** The overview in a real browser: the state of the sensors, live updates, and missing data shown as such. */
class OverviewIT {

    private static final LocatorAssertions.HasAttributeOptions SOON = new LocatorAssertions.HasAttributeOptions().setTimeout(20_000);
    private static final LocatorAssertions.ContainsTextOptions SHOWN_SOON = new LocatorAssertions.ContainsTextOptions().setTimeout(15_000);

    private static BrowserTrial trial;

    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial();
        sendADay();
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            trial.close();
        }
    }

    /** Six sensors at three locations over the last day, with names that a page must escape. */
    private static void sendADay() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<String> readings = new ArrayList<>();
        String[] places = {"warehouse-a", "Münster Süd", "<img src=x onerror=alert(1)>"};
        for (int minute = 0; minute < 1440; minute += 10) {
            for (int sensor = 0; sensor < 6; sensor++) {
                double day = Math.sin((minute / 1440.0 + sensor * 0.05) * 2 * Math.PI);
                readings.add("""
                        {"sensor_id":"sensor-%03d","location":"%s","temperature":%.2f,"humidity":%.2f,"timestamp":"%s"}""".formatted(
                        sensor + 1, places[sensor % 3], 20 + sensor + 4 * day, 50 - sensor - 6 * day, now.minusSeconds(60L * minute)));
            }
        }
        trial.send(readings);
    }

    /** Charts are drawn when scrolled into view. */
    private static void assertIsDrawn(Page page, String id) {
        page.locator("#" + id).scrollIntoViewIfNeeded();
        page.waitForFunction("id => Chart.getChart(id) !== undefined", id);
        assertTrue((Boolean) page.evaluate("id => { const c = document.getElementById(id);"
                + " return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v !== 0); }", id), id);
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "390, DARK", "1280, LIGHT", "1280, DARK", "2560, LIGHT", "2560, DARK"})
    void showsTheStateOfTheSensorsOnEveryScreen(int width, ColorScheme scheme) {
        try (Look look = trial.open("/", width, scheme)) {
            Page page = look.page();
            assertThat(page.locator("#card-total-events .value")).hasText(Pattern.compile("86[4-9]|87\\d"));
            assertThat(page.locator("#card-first-metric h2")).hasText("Average temperature");
            assertThat(page.locator("#card-first-metric .value")).hasText(Pattern.compile("22[.,]\\d.*"));
            assertThat(page.locator("#card-active-sensors .value")).hasText(Pattern.compile("[6-9]|1\\d"));
            assertThat(page.locator("#card-silent-sensors .value")).hasText(Pattern.compile("\\d+"));
            assertThat(page.locator("#latest-readings tbody tr")).hasCount(50);
            assertThat(page.locator("#latest-readings")).containsText("<img src=x onerror=alert(1)>");
            for (String chart : List.of("chart-first-metric", "chart-second-metric", "chart-trend", "chart-event-distribution")) {
                assertIsDrawn(page, chart);
            }
            look.assertSound();
            look.photograph("overview", scheme);
        }
    }

    /** A page that listens to the stream. */
    private static Look openListening() {
        // The page of an earlier test may only just have gone.
        Awaitility.await("no page listens").until(() -> trial.listeners() == 0);
        Look look = trial.open("/");
        assertThat(look.page().locator("#latest-readings tbody tr")).hasCount(50);
        Awaitility.await("the page listens").until(() -> trial.listeners() == 1 && trial.isStreaming());
        return look;
    }

    @Test
    void showsWhatIsStoredBeforeItAsksAgain() {
        try (Look look = openListening(); Readings devices = new Readings(trial.settings())) {
            Page page = look.page();
            // From here on, its requests get no response.
            page.route("**/api/data/**", route -> { });
            devices.send(Readings.json("newcomer", Instant.now().toString(), 33.25));
            assertThat(page.locator("#latest-readings tbody")).containsText("newcomer", SHOWN_SOON);
        }
    }

    @Test
    void aResponseFromBeforeAReadingWasStoredDoesNotHideIt() {
        try (Look look = openListening(); Readings devices = new Readings(trial.settings())) {
            Page page = look.page();
            AtomicReference<Route> held = new AtomicReference<>();
            AtomicReference<APIResponse> earlier = new AtomicReference<>();
            page.route("**/api/data/latest*", route -> {
                if (held.compareAndSet(null, route)) {
                    earlier.set(route.fetch());
                }
            });
            page.waitForCondition(() -> earlier.get() != null);
            Locator rows = page.locator("#latest-readings tbody");
            devices.send(Readings.json("meanwhile", Instant.now().toString(), 33.25));
            assertThat(rows).containsText("meanwhile", SHOWN_SOON);
            String asOf = page.locator("#as-of").textContent();
            held.get().fulfill(new Route.FulfillOptions().setResponse(earlier.get()));
            assertThat(page.locator("#as-of")).not().hasText(asOf);
            assertTrue(rows.textContent().contains("meanwhile"), rows.textContent());
        }
    }

    @Test
    void showsAnyMetricThatTheDataHold() {
        trial.send(List.of("""
                {"sensor_id":"wide","location":"مستشفى الشفاء","co2":812,"heart_rate":61,"huge":1.7e308,"tiny":1e-9,"vibration":true,"timestamp":"%s"}"""
                .formatted(Instant.now())));
        try (Look look = trial.open("/?metric=co2&metric=huge")) {
            Page page = look.page();
            assertThat(page.locator("#card-first-metric h2")).hasText("Average co2");
            assertThat(page.locator("#card-first-metric .value")).hasText("812");
            assertThat(page.locator("#card-second-metric .value")).hasText(Pattern.compile("1[.,]7E308"));
            assertThat(page.locator("#latest-readings")).containsText("مستشفى الشفاء");
            page.locator("#metrics select[name=first]").selectOption("heart_rate");
            assertThat(page.locator("#card-first-metric h2")).hasText("Average heart rate");
            assertThat(page).hasURL(Pattern.compile(".*metric=heart_rate.*"));
            page.reload();
            assertThat(page.locator("#card-first-metric h2")).hasText("Average heart rate");
            look.assertSound();
        }
    }

    @Test
    void aThemeThatIsChosenStaysChosen() {
        try (Look look = trial.open("/")) {
            Page page = look.page();
            String light = (String) page.evaluate("getComputedStyle(document.body).backgroundColor");
            page.locator("#theme").selectOption("dark");
            String dark = (String) page.evaluate("getComputedStyle(document.body).backgroundColor");
            assertTrue(!light.equals(dark), dark);
            page.reload();
            assertEquals(dark, page.evaluate("getComputedStyle(document.body).backgroundColor"));
            assertThat(page.locator("#theme")).hasValue("dark");
            page.locator("#theme").selectOption("system");
            assertEquals(light, page.evaluate("getComputedStyle(document.body).backgroundColor"));
        }
    }

    @Test
    void saysThatTheApiIsAwayKeepsWhatItHasAndRecoversByItself() throws Exception {
        try (Look look = trial.open("/")) {
            Page page = look.page();
            assertThat(page.locator("#latest-readings tbody tr")).hasCount(50);
            trial.stopStore();
            assertThat(page.locator("#status")).hasAttribute("data-state", "offline", SOON);
            assertTrue(page.locator("#status").textContent().contains("does not respond"), page.locator("#status").textContent());
            assertThat(page.locator("#latest-readings tbody tr")).hasCount(50);
            trial.startStore();
            assertThat(page.locator("#status")).hasAttribute("data-state", Pattern.compile("live|stale"), SOON);
        }
    }

    @Test
    void saysThatItIsDelayedWhereTheNetworkTakesTwentySeconds() {
        try (Look look = trial.open("/"); Readings devices = new Readings(trial.settings())) {
            Page page = look.page();
            assertThat(page.locator("#latest-readings tbody tr")).hasCount(50);
            CDPSession network = page.context().newCDPSession(page);
            network.send("Network.enable");
            network.send("Network.emulateNetworkConditions", conditions(20_000));
            assertThat(page.locator("#status")).hasAttribute("data-state", "delayed", new LocatorAssertions.HasAttributeOptions().setTimeout(40_000));
            assertThat(page.locator("#status")).containsText(" s old");
            network.send("Network.emulateNetworkConditions", conditions(0));
            devices.send(Readings.json("late", Instant.now().toString(), 20));
            assertThat(page.locator("#status")).hasAttribute("data-state", Pattern.compile("live|stale"), new LocatorAssertions.HasAttributeOptions().setTimeout(60_000));
        }
    }

    private static JsonObject conditions(int latency) {
        JsonObject conditions = new JsonObject();
        conditions.addProperty("offline", false);
        conditions.addProperty("latency", latency);
        conditions.addProperty("downloadThroughput", -1);
        conditions.addProperty("uploadThroughput", -1);
        return conditions;
    }

    @Test
    void aHiddenTabSendsNoRequests() {
        try (BrowserContext browser = trial.context(1280, ColorScheme.LIGHT)) {
            browser.clock().install();
            Page page = trial.open(browser, "/").page();
            assertThat(page.locator("#latest-readings tbody tr")).hasCount(50);
            // Right after a response, no request is pending.
            String asOf = page.locator("#as-of").textContent();
            assertThat(page.locator("#as-of")).not().hasText(asOf, new LocatorAssertions.HasTextOptions().setTimeout(20_000));
            String setVisibility = "state => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });"
                    + " document.dispatchEvent(new Event('visibilitychange')); }";
            page.evaluate(setVisibility, "hidden");
            List<String> asked = new ArrayList<>();
            page.onRequest(request -> asked.add(request.url()));
            page.clock().runFor(60_000);
            assertEquals(List.of(), asked);
            Response answer = page.waitForResponse(Pattern.compile(".*/api/data/latest.*"), () -> page.evaluate(setVisibility, "visible"));
            assertEquals(200, answer.status());
        }
    }

    @Test
    void everythingCanBeReachedWithTheKeyboard() {
        try (Look look = trial.open("/")) {
            Page page = look.page();
            assertThat(page.locator("#latest-readings tbody tr")).hasCount(50);
            page.keyboard().press("Tab");
            assertThat(page.locator(".skip-link")).isFocused();
            List<String> reached = new ArrayList<>();
            while (!reached.contains("Silent sensors") && reached.size() < 20) {
                page.keyboard().press("Tab");
                reached.add((String) page.evaluate("document.activeElement.textContent.trim().slice(0, 20)"));
            }
            assertTrue(reached.containsAll(List.of("Sensor Pipeline", "Overview", "Explore", "Sensors", "Operations", "Silent sensors")), reached.toString());
            Locator link = page.locator("#latest-readings tbody a").first();
            link.focus();
            page.keyboard().press("Enter");
            assertThat(page).hasURL(Pattern.compile(".*/sensor\\?sensor_id=.*"));
        }
    }
}
