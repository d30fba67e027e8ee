package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Service;
import sensorpipeline.Settings;
import sensorpipeline.embedded.Ports;
import sensorpipeline.support.Database;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** The page in a real browser (Chromium). Skipped where none is installed; with BROWSER_REQUIRED=true that is a failure. */
class BrowserIT {

    private static final List<Path> BROWSERS = List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"),
            Path.of("/usr/bin/google-chrome"), Path.of("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"));
    private static final int API_PORT = Ports.anyFree();
    private static final Settings SETTINGS = Servers.settings().with("api.port", API_PORT).with("api.base.url", "http://127.0.0.1:" + API_PORT);
    private static final LocatorAssertions.HasAttributeOptions SOON = new LocatorAssertions.HasAttributeOptions().setTimeout(20_000);

    private static Pipeline store;
    private static Pipeline dashboard;
    private static Playwright playwright;
    private static Browser browser;
    private static String address;

    @BeforeAll
    static void start() throws Exception {
        Path program = BROWSERS.stream().filter(Files::isExecutable).findFirst().orElse(null);
        if (!"true".equals(System.getenv("BROWSER_REQUIRED"))) {
            Assumptions.assumeTrue(program != null, "no Chromium or Chrome is installed, so the page is not tested");
        }
        playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(program).setArgs(List.of(
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage")));
        store = new Pipeline(SETTINGS, EnumSet.of(Service.CONSUMER, Service.API));
        store.start();
        dashboard = new Pipeline(SETTINGS, EnumSet.of(Service.DASHBOARD));
        dashboard.start();
        address = "http://127.0.0.1:" + dashboard.port("dashboard.port") + "/";
        takeThePictureOfTheReadme();
        sendADay();
    }

    /** The sample's readings, as somebody who follows the README sees them: target/screenshots/readme.png is docs/images/dashboard.png. */
    private static void takeThePictureOfTheReadme() throws Exception {
        Settings replay = SETTINGS.with("producer.file", "samples/motes.csv").with("producer.speed", 0).with("producer.shift", "now");
        try (Pipeline producer = new Pipeline(replay, EnumSet.of(Service.PRODUCER))) {
            producer.start();
            new Database(SETTINGS).awaitReadings(18_914);
        }
        try (Page page = open(1920, ColorScheme.LIGHT, new ArrayList<>())) {
            assertThat(page.locator("#card-total-events .value")).hasText(Pattern.compile("18.914"));
            assertThat(page.locator("#status")).hasAttribute("data-state", "live", SOON);
            page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target/screenshots/readme.png")));
        }
        new Database(SETTINGS).empty();
    }

    /** Six sensors at three places over the last day, with names that a page must take as names. */
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
        try (Readings devices = new Readings(SETTINGS)) {
            devices.sendTo(SETTINGS.text("topic.name"), readings);
        }
        new Database(SETTINGS).awaitReadings(readings.size());
    }

    @AfterAll
    static void stop() {
        for (AutoCloseable part : new AutoCloseable[] {browser, playwright, dashboard, store}) {
            try {
                if (part != null) {
                    part.close();
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static Page open(int width, ColorScheme scheme, List<String> problems) {
        Page page = browser.newContext(new Browser.NewContextOptions().setViewportSize(width, width < 600 ? 844 : width * 9 / 16)
                .setColorScheme(scheme).setReducedMotion(ReducedMotion.REDUCE)).newPage();
        page.onConsoleMessage(message -> {
            if (Set.of("error", "warning").contains(message.type())) {
                problems.add(message.text());
            }
        });
        page.onPageError(problems::add);
        page.onDialog(dialog -> problems.add("dialog: " + dialog.message()));
        page.onRequest(request -> {
            if (!request.url().startsWith(address)) {
                problems.add("asks elsewhere: " + request.url());
            }
        });
        page.navigate(address);
        return page;
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "390, DARK", "1280, LIGHT", "1280, DARK", "2560, LIGHT", "2560, DARK"})
    void showsTheStateOfTheSensorsOnEveryScreen(int width, ColorScheme scheme) {
        List<String> problems = new ArrayList<>();
        try (Page page = open(width, scheme, problems)) {
            assertThat(page.locator("#card-total-events .value")).hasText(Pattern.compile("86[45]"));
            assertThat(page.locator("#card-average-temperature .value")).hasText(Pattern.compile("22[.,]\\d.*"));
            assertThat(page.locator("#card-active-sensors .value")).hasText(Pattern.compile("[67]"));
            assertThat(page.locator("#latest-readings tbody tr")).hasCount(50);
            assertThat(page.locator("#latest-readings")).containsText("<img src=x onerror=alert(1)>");
            for (String chart : List.of("temperature-by-sensor", "humidity-by-sensor", "temperature-trend", "event-distribution")) {
                assertEquals(Boolean.TRUE, page.evaluate("id => { const c = document.getElementById(id);"
                        + " return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v !== 0); }", "chart-" + chart),
                        chart + " is drawn");
            }
            assertEquals(Boolean.TRUE, page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out");
            assertEquals(List.of(), new AxeBuilder(page).analyze().getViolations());
            page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target/screenshots/dashboard-%d-%s.png"
                    .formatted(width, scheme.name().toLowerCase(java.util.Locale.ROOT)))).setFullPage(width < 600));
            assertEquals(List.of(), problems);
        }
    }

    @Test
    void showsNewReadingsByItselfAndSaysThatItIsLive() {
        try (Page page = open(1280, ColorScheme.LIGHT, new ArrayList<>()); Readings devices = new Readings(SETTINGS)) {
            assertThat(page.locator("#latest-readings tbody tr")).hasCount(50);
            devices.send(Readings.json("newcomer", Instant.now().toString(), 33.25));
            assertThat(page.locator("#latest-readings tbody")).containsText("newcomer", new LocatorAssertions.ContainsTextOptions().setTimeout(15_000));
            assertThat(page.locator("#status")).hasAttribute("data-state", "live", SOON);
        }
    }

    @Test
    void saysThatTheApiIsAwayKeepsWhatItHasAndRecoversByItself() throws Exception {
        try (Page page = open(1280, ColorScheme.LIGHT, new ArrayList<>())) {
            assertThat(page.locator("#latest-readings tbody tr")).hasCount(50);
            store.close();
            assertThat(page.locator("#status")).hasAttribute("data-state", "offline", SOON);
            assertTrue(page.locator("#status").textContent().contains("does not answer"), page.locator("#status").textContent());
            assertThat(page.locator("#latest-readings tbody tr")).hasCount(50);
            store = new Pipeline(SETTINGS, EnumSet.of(Service.CONSUMER, Service.API));
            store.start();
            assertThat(page.locator("#status")).hasAttribute("data-state", Pattern.compile("live|stale"), SOON);
        }
    }
}
