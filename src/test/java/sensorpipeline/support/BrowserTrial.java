package sensorpipeline.support;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.embedded.Ports;
import sensorpipeline.settings.Settings;

/**
 * A store, a REST API and the dashboard on an empty database, and a real browser (Chromium) that looks at it. Skips the test where none is
 * installed; with BROWSER_REQUIRED=true that is a failure.
 */
public final class BrowserTrial implements AutoCloseable {

    private static final List<Path> BROWSERS = List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"),
            Path.of("/usr/bin/google-chrome"), Path.of("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"));

    private final Settings settings;
    private final Playwright playwright;
    private final Browser browser;
    private final Pipeline dashboard;
    private final String address;
    private Pipeline store;

    /** Starts all of it. */
    public BrowserTrial() throws Exception {
        Path program = BROWSERS.stream().filter(Files::isExecutable).findFirst().orElse(null);
        if (!"true".equals(System.getenv("BROWSER_REQUIRED"))) {
            Assumptions.assumeTrue(program != null, "no Chromium or Chrome is installed, so the page is not tested");
        }
        int port = Ports.anyFree();
        settings = Servers.settings().with("api.port", port).with("api.base.url", "http://127.0.0.1:" + port);
        startStore();
        dashboard = new Pipeline(settings, Set.of(Services.DASHBOARD));
        dashboard.start();
        address = "http://127.0.0.1:" + dashboard.port("dashboard.port");
        playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(program).setArgs(List.of(
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage")));
    }

    /** @return those of the store and the dashboard */
    public Settings settings() {
        return settings;
    }

    /** @return for what the store has */
    public Database database() {
        return new Database(settings);
    }

    /** Takes the store and the REST API away. */
    public void stopStore() {
        store.close();
    }

    /** Brings the store and the REST API, on the same port and database. */
    public void startStore() throws Exception {
        store = new Pipeline(settings, Set.of(Services.CONSUMER, Services.API));
        store.start();
    }

    /** Sends readings as JSON, and returns when they are stored. */
    public void send(List<String> readings) {
        long before = database().readings();
        try (Readings devices = new Readings(settings)) {
            devices.sendTo(settings.text("topic.name"), readings);
        }
        database().awaitReadings(before + readings.size());
    }

    /** A page, and what went wrong in it. */
    public record Look(Page page, List<String> problems) implements AutoCloseable {

        /** Fails if the page logged an error, asked somebody else, or has a barrier for people that axe knows. */
        public void assertSound() {
            Assertions.assertEquals(List.of(), new AxeBuilder(page).analyze().getViolations());
            Assertions.assertEquals(Boolean.TRUE, page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out");
            Assertions.assertEquals(List.of(), problems);
        }

        /** Takes a picture: target/screenshots/name-width-scheme.png. */
        public void photograph(String name, ColorScheme scheme) {
            int width = page.viewportSize().width;
            // As for print, what nobody has scrolled to is drawn as well.
            page.evaluate("scrollTo(0, 0); dispatchEvent(new Event('beforeprint'))");
            page.screenshot(new Page.ScreenshotOptions().setFullPage(width < 600)
                    .setPath(Path.of("target/screenshots/%s-%d-%s.png".formatted(name, width, scheme.name().toLowerCase(Locale.ROOT)))));
        }

        @Override
        public void close() {
            page.context().close();
        }
    }

    /**
     * @param path with its query, such as /explore?from=-7d
     * @param width of the screen in CSS pixels; below 600 it is a phone's, upright
     * @param scheme that the viewer prefers
     */
    public Look open(String path, int width, ColorScheme scheme) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions().setViewportSize(width, width < 600 ? 844 : width * 9 / 16)
                .setColorScheme(scheme).setReducedMotion(ReducedMotion.REDUCE).setAcceptDownloads(true));
        Page page = context.newPage();
        List<String> problems = new ArrayList<>();
        page.onConsoleMessage(message -> {
            // Unhealthy is an answer, of which the browser makes an error.
            if (Set.of("error", "warning").contains(message.type()) && !message.location().contains("/api/health")) {
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
        page.navigate(address + path);
        return new Look(page, problems);
    }

    /** @return on a screen of 1280 pixels, light */
    public Look open(String path) {
        return open(path, 1280, ColorScheme.LIGHT);
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
        dashboard.close();
        store.close();
    }
}
