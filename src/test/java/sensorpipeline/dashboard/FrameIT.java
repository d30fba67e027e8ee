package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;

/** Common to all pages, in a real browser: the stream, failures, time zones, the keyboard, and layout stability during a refresh. */
class FrameIT {

    private static final Duration SOON = Duration.ofSeconds(40);
    private static final double MILLISECONDS = SOON.toMillis();
    private static final Pattern ANY_REQUEST = Pattern.compile(".*/api/(data/stats|data/readings|sensors|pipeline).*");
    /** Simulates a browser without shared workers: the page has its own stream connection, which a test can intercept. */
    private static final String WITHOUT_SHARED_WORKERS = "delete window.SharedWorker";

    private static final String ALERT = "3f1b6a52-8c1e-3d0f-a9d5-0c2b7f4d9e11";

    private static BrowserTrial trial;

    /** Sixty sensors, a record without a timestamp, an alert, a rule and a channel. */
    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial();
        trial.send(IntStream.range(0, 60).mapToObj(i -> """
                {"sensor_id":"sensor-%03d","location":"hall %d","temperature":%d,"humidity":40,"timestamp":"%s"}""".formatted(
                i, i % 3, 15 + i % 10, Instant.now().minusSeconds(60L * i))).toList());
        try (Readings devices = new Readings(trial.settings())) {
            devices.sendTo(trial.settings().text("topic.name"), List.of("{\"sensor_id\":\"s\",\"temperature\":1}"));
        }
        Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM dead_letter").equals("1"));
        trial.database().run("""
                INSERT INTO alert_rule (rule_id, tenant, name, version, definition)
                VALUES (1, 'default', 'Warm', 1, '{"name":"Warm","severity":"warning","metric":"temperature","above":22}')""");
        trial.database().run("""
                INSERT INTO alert (alert_id, tenant, rule_id, rule, severity, sensor_id, location, metric, value, state, late, flapping, started_at, fired_at, message, revision)
                VALUES ('%s', 'default', 1, 'Warm', 'warning', 'sensor-009', 'hall 0', 'temperature', 24, 'firing', false, false, now(), now(), 'temperature is 24, above 22', 1)""".formatted(ALERT));
        assertEquals(201, new Http(trial.settings().port("api.port")).post("/alert-channels", "{\"name\":\"mail\",\"email\":{\"to\":[\"a@example.org\"]}}").statusCode());
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            trial.close();
        }
    }

    private static void assertShowsData(Page page) {
        assertThat(page.locator("#main")).hasAttribute("aria-busy", "false", new LocatorAssertions.HasAttributeOptions().setTimeout(MILLISECONDS));
    }

    private static void assertStatus(Page page, String state, String text) {
        assertThat(page.locator("#status")).hasAttribute("data-state", Pattern.compile(state), new LocatorAssertions.HasAttributeOptions().setTimeout(MILLISECONDS));
        assertThat(page.locator("#status")).containsText(text);
    }

    private static void awaitListeners(int count) {
        Awaitility.await().atMost(SOON).until(() -> trial.listeners() == count);
    }

    /** Readings reach the page although its own requests get no response. */
    private static void assertIsLive(List<Page> pages, String sensor) {
        pages.forEach(page -> page.route("**/api/data/**", route -> { }));
        try (Readings devices = new Readings(trial.settings())) {
            devices.send(Readings.json(sensor, Instant.now().toString(), 33.25));
            pages.forEach(page -> assertThat(page.locator("#latest-readings tbody"))
                    .containsText(sensor, new LocatorAssertions.ContainsTextOptions().setTimeout(MILLISECONDS)));
        }
        pages.forEach(page -> page.unroute("**/api/data/**"));
    }

    @Test
    void eightWindowsOfOneBrowserShareOneStreamAndAreAllLive() {
        try (BrowserContext browser = trial.context(1280, ColorScheme.LIGHT)) {
            List<Page> pages = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                pages.add(trial.open(browser, "/").page());
            }
            pages.forEach(FrameIT::assertShowsData);
            awaitListeners(1);
            assertIsLive(pages, "wall");
            // Including the window that opened the connection.
            for (Page page : pages.subList(0, 7)) {
                page.close();
            }
            assertIsLive(pages.subList(7, 8), "last-window");
            assertEquals(1, trial.listeners());
        }
        awaitListeners(0);
    }

    @Test
    void aWindowWhoseWorkerDoesNotRespondHasAStreamOfItsOwn() {
        try (BrowserContext browser = trial.context(1280, ColorScheme.LIGHT)) {
            browser.addInitScript("window.SharedWorker = class { port = { postMessage() {} }; }");
            browser.clock().install();
            Page page = trial.open(browser, "/").page();
            assertShowsData(page);
            awaitListeners(0);
            page.clock().runFor(20_000);
            awaitListeners(1);
            assertIsLive(List.of(page), "without-worker");
        }
        awaitListeners(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPageThatComesBackFromTheBackForwardCacheHasOneStream(boolean hasWorker) {
        try (Browser browser = trial.browserWithBackForwardCache(); BrowserContext context = browser.newContext()) {
            if (!hasWorker) {
                context.addInitScript(WITHOUT_SHARED_WORKERS);
            }
            // Reports to the server whether the page was restored from the cache.
            context.addInitScript("addEventListener('pageshow', ({ persisted }) => fetch('/came-back?' + persisted))");
            Page page = trial.open(context, "/").page();
            assertShowsData(page);
            awaitListeners(1);
            page.navigate(page.url() + "sensors");
            awaitListeners(0);
            page.waitForRequest("**/came-back?true", () -> page.evaluate("history.back()"));
            awaitListeners(1);
            page.waitForRequest("**/api/data/latest*", () -> { });
            assertEquals(1, trial.listeners());
        }
        awaitListeners(0);
    }

    private static void answer(Page page, int status, Map<String, String> headers) {
        page.route("**/api/**", route -> route.fulfill(new Route.FulfillOptions().setStatus(status).setHeaders(headers).setContentType("application/json")
                .setBody("{\"status\":\"error\",\"error\":{\"code\":\"" + (status == 503 ? "database_unavailable" : "code") + "\",\"message\":\"internal\"}}")));
    }

    /** Status, state and text. */
    private static final List<List<String>> FAILURES = List.of(
            List.of("401", "refused", "Logged out: log in to see current readings"),
            List.of("403", "refused", "No access: your account has no access to this; ask an administrator"),
            List.of("429", "delayed", "too many requests from this account or address. Next attempt in "),
            List.of("500", "offline", "the server reports an error (500 code). "),
            List.of("502", "offline", "the server does not respond. "),
            List.of("503", "offline", "the database is not available. Next attempt in "));

    @ParameterizedTest
    @ValueSource(strings = {"/", "/explore", "/sensors", "/sensor?sensor_id=sensor-001", "/alerts", "/rules", "/rule?rule_id=1", "/alert?alert_id=" + ALERT, "/channels", "/operations"})
    void everyPageTellsWhatHasFailedAndRecovers(String path) {
        try (BrowserContext browser = trial.context(1280, ColorScheme.LIGHT)) {
            browser.addInitScript(WITHOUT_SHARED_WORKERS);
            browser.clock().install();
            Page page = trial.open(browser, path).page();
            assertShowsData(page);
            for (List<String> failure : FAILURES) {
                answer(page, Integer.parseInt(failure.get(0)), Map.of("Retry-After", "30"));
                page.clock().runFor(6000);
                assertStatus(page, failure.get(1), failure.get(2));
                page.unroute("**/api/**");
                page.clock().runFor(61_000);
                assertStatus(page, "live|stale", "");
            }
        }
    }

    @Test
    void aServerThatAsksToWaitIsNotAskedBefore() {
        try (BrowserContext browser = trial.context(1280, ColorScheme.LIGHT)) {
            browser.addInitScript(WITHOUT_SHARED_WORKERS);
            browser.clock().install();
            Page page = trial.open(browser, "/sensors").page();
            assertShowsData(page);
            answer(page, 429, Map.of("Retry-After", "120"));
            page.clock().runFor(6000);
            assertStatus(page, "delayed", "Next attempt in ");
            List<String> asked = new ArrayList<>();
            page.onRequest(request -> {
                if (request.url().contains("/api/")) {
                    asked.add(request.url());
                }
            });
            page.clock().runFor(100_000);
            // Not even for a new query.
            page.locator("select[name=status]").selectOption("online");
            assertThat(page.locator("#main")).hasAttribute("aria-busy", "true");
            assertEquals(List.of(), asked);
            page.unroute("**/api/**");
            page.waitForRequest(ANY_REQUEST, () -> page.clock().runFor(25_000));
            assertStatus(page, "live", "");
        }
    }

    @ParameterizedTest
    @CsvSource({"401", "403"})
    void theStreamStopsWhenItMayNotListenAndContinuesWhenItMayAgain(int status) {
        try (BrowserContext browser = trial.context(1280, ColorScheme.LIGHT)) {
            browser.addInitScript(WITHOUT_SHARED_WORKERS);
            browser.clock().install();
            Page page = browser.newPage();
            answer(page, status, Map.of());
            AtomicInteger streams = new AtomicInteger();
            page.onRequest(request -> streams.addAndGet(request.url().endsWith("/api/stream") ? 1 : 0));
            page.navigate(trial.address() + "/");
            assertStatus(page, "refused", status == 401 ? "Logged out" : "No access");
            int before = streams.get();
            page.clock().runFor(59_000);
            assertEquals(before, streams.get(), "it stays closed");
            page.unroute("**/api/**");
            page.waitForRequest("**/api/stream", () -> page.clock().runFor(61_000));
            awaitListeners(1);
        }
        awaitListeners(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Etc/Unknown | Times in UTC: this browser does not know its time zone",
        "Mars/Olympus | days begin at midnight UTC, because the server does not know this time zone",
    })
    void aTimeZoneThatTheServerRefusesIsReplacedByUtcAndThePageSaysSo(String zone, String told) {
        try (BrowserContext browser = trial.context(1280, ColorScheme.LIGHT)) {
            browser.addInitScript("const own = Intl.DateTimeFormat.prototype.resolvedOptions; Intl.DateTimeFormat.prototype.resolvedOptions ="
                    + " function () { return { ...own.call(this), timeZone: '" + zone + "' }; };");
            for (String path : List.of("/", "/explore", "/sensor?sensor_id=sensor-001")) {
                Page page = trial.open(browser, path).page();
                assertShowsData(page);
                assertThat(page.locator("#zone")).containsText(told);
                assertStatus(page, "live|stale", "");
                assertThat(page.locator("figure[data-content=filled]").first()).isAttached();
                page.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/explore", "/sensors", "/sensor?sensor_id=sensor-001", "/alerts", "/rules", "/rule?rule_id=1", "/alert?alert_id=" + ALERT, "/channels", "/operations"})
    void everyPageWorksByKeyboardAloneAndWithAxeInLightAndDarkWhileItRefreshes(String path) {
        try (Look look = trial.open(path)) {
            Page page = look.page();
            assertShowsData(page);
            page.evaluate("window.reached = new Set(); document.addEventListener('focusin', ({ target }) => reached.add(target))");
            page.keyboard().press("Tab");
            assertThat(page.locator(".skip-link")).isFocused();
            for (int i = 0; i < 200 && !(Boolean) page.evaluate("[...reached].some((one) => one.matches('.bottom a'))"); i += 10) {
                for (int j = 0; j < 10; j++) {
                    page.keyboard().press("Tab");
                }
            }
            assertEquals("", page.evaluate("""
                    [...document.querySelectorAll('a[href], button:not(:disabled), input:not(:disabled), select, summary, [tabindex="0"]')]
                      .filter((one) => one.checkVisibility() && !reached.has(one)).map((one) => one.outerHTML).join(' ')"""));
            Locator held = page.locator("main tbody :is(a, button)").first();
            held.focus();
            awaitRefresh(page);
            assertThat(held).isFocused();
            look.assertSound();
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
            awaitRefresh(page);
            assertThat(held).isFocused();
            look.assertSound();
        }
    }

    /** The Core Web Vitals rate a layout shift below 0.1 as good. The frame itself, which the server includes, causes none. */
    @ParameterizedTest
    @CsvSource({"/, 390", "/, 1280", "/explore, 390", "/explore, 1280", "/sensors, 390", "/sensors, 1280", "/sensor?sensor_id=sensor-001, 1280", "/alerts, 390", "/alerts, 1280", "/rules, 390", "/rules, 1280", "/rule?rule_id=1, 1280", "/alert?alert_id=" + ALERT + ", 390", "/alert?alert_id=" + ALERT + ", 1280", "/channels, 390", "/channels, 1280", "/operations, 1280"})
    void nothingMovesWhileAPageLoads(String path, int width) {
        try (BrowserContext browser = trial.context(width, ColorScheme.LIGHT)) {
            browser.addInitScript("window.moved = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => { moved += entry.value; }))"
                    + ".observe({ type: 'layout-shift', buffered: true })");
            Page page = trial.open(browser, path).page();
            assertShowsData(page);
            String before = page.locator("#as-of").textContent();
            assertThat(page.locator("#as-of")).not().hasText(before, new LocatorAssertions.HasTextOptions().setTimeout(MILLISECONDS));
            double moved = ((Number) page.evaluate("moved")).doubleValue();
            assertTrue(moved < 0.05, path + " moves by " + moved);
        }
    }

    /** Makes the page poll at once, as when its window comes to the front, and returns when it shows a later response. */
    private static void awaitRefresh(Page page) {
        String before = page.locator("#as-of").textContent();
        Awaitility.await().pollInSameThread().atMost(SOON).pollInterval(Duration.ofMillis(300)).until(() -> {
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
            return !page.locator("#as-of").textContent().equals(before);
        });
    }

    @Test
    void aRefreshWithNewReadingsKeepsTheFocusSelectedTextOpenDetailsAndThePlace() {
        try (Look look = trial.open("/explore")) {
            Page page = look.page();
            assertShowsData(page);
            page.locator("#locations summary").click();
            assertThat(page.locator("#locations li")).not().hasCount(0);
            page.evaluate("""
                    (() => {
                      const rows = document.querySelectorAll('#readings tbody tr');
                      getSelection().selectAllChildren(rows[20].querySelector('.sensor a'));
                      document.querySelector('#readings .scroll').scrollTop = rows[12].offsetTop;
                      document.querySelector('#readings th button').focus({ preventScroll: true });
                      window.before = { row: rows[15], top: rows[15].getBoundingClientRect().top, selected: getSelection().toString() };
                    })()""");
            trial.send(List.of(Readings.json("newest", Instant.now().toString(), 20)));
            assertThat(page.locator("#readings tbody tr").first()).containsText("newest", new LocatorAssertions.ContainsTextOptions().setTimeout(MILLISECONDS));
            assertEquals("Time", page.evaluate("document.activeElement.textContent"));
            assertEquals(Boolean.TRUE, page.evaluate("getSelection().toString() === before.selected && before.selected.length > 0"));
            assertEquals(Boolean.TRUE, page.evaluate("Math.abs(before.row.getBoundingClientRect().top - before.top) < 2"), "what was read is where it was");
            assertThat(page.locator("#locations")).hasAttribute("open", "");
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void aLinkThatHasTheFocusStaysWhileNewReadingsPushItOut() {
        try (Look look = trial.open("/")) {
            Page page = look.page();
            assertShowsData(page);
            Locator last = page.locator("#latest-readings tbody tr:last-child a");
            last.focus();
            String name = last.textContent();
            trial.send(IntStream.range(0, 50).mapToObj(i -> Readings.json("push-" + i, Instant.now().toString(), 20)).toList());
            assertThat(page.locator("#latest-readings tbody tr.gone")).hasCount(1, new LocatorAssertions.HasCountOptions().setTimeout(MILLISECONDS));
            assertThat(page.locator("#latest-readings tbody tr.gone a")).isFocused();
            look.assertSound();
            page.keyboard().press("Enter");
            assertThat(page.locator("h1")).hasText(name);
        }
    }

    @Test
    void metricsWithNamesOfColumnsOrOfJavaScriptAreMetricsLikeOthers() {
        trial.send(IntStream.range(0, 3).mapToObj(i -> """
                {"sensor_id":"odd","temperature":%d,"Temperature":%d,"time":%d,"constructor":%d,"__proto__":%d,"toString":1,"timestamp":"%s"}"""
                .formatted(20 + i, 90 + i, 3 - i, i, 50 + i, Instant.now().minusSeconds(i))).toList());
        try (Look look = trial.open("/sensor?sensor_id=odd")) {
            Page page = look.page();
            assertShowsData(page);
            assertThat(page.locator("#values .card h2")).hasText(new String[] {"Temperature", "Proto", "Constructor", "temperature", "Time", "ToString"});
            assertThat(page.locator("#charts figure[data-content=filled]")).hasCount(6);
            assertThat(page.locator("#readings thead th")).hasText(new String[] {"Time", "Sensor", "Location", "Temperature", "Proto", "Constructor", "temperature", "time",
                "ToString", "Arrived"});
            page.locator("#readings th button").getByText("time", new Locator.GetByTextOptions().setExact(true)).click();
            assertThat(page.locator("#readings tbody tr td:nth-child(8)")).hasText(new String[] {"1", "2", "3"});
            assertThat(page.locator("#readings th[aria-sort=ascending]")).hasText("time");
            look.assertSound();
        }
        try (Look look = trial.open("/?metric=constructor&metric=__proto__")) {
            Page page = look.page();
            assertShowsData(page);
            assertThat(page.locator("#card-first-metric .value")).hasText("1");
            assertThat(page.locator("#card-second-metric .value")).hasText("51");
            assertThat(page.locator("#latest-readings")).not().containsText("function");
            assertThat(page.locator("#latest-readings")).not().containsText("[object");
            List<String> offered = page.locator("#metrics select[name=first] option").allTextContents();
            assertEquals(offered.size(), offered.stream().distinct().count(), offered.toString());
            assertTrue(offered.containsAll(List.of("temperature", "Temperature")), offered.toString());
            assertEquals(List.of(), look.problems());
        }
    }
}
