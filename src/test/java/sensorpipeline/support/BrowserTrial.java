package sensorpipeline.support;

import com.deque.html.axecore.args.AxeRunOptions;
import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.access.Caller;
import sensorpipeline.access.CallerScope;
import sensorpipeline.service.Service;
import sensorpipeline.settings.Settings;

/**
 * A consumer, a REST API and the dashboard on an empty database, and a real browser (Chromium). Skips the test if no browser is
 * installed; with BROWSER_REQUIRED=true, fails instead.
 */
public final class BrowserTrial implements AutoCloseable {

    private static final List<Path> BROWSERS = List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"),
            Path.of("/usr/bin/google-chrome"), Path.of("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"));
    /** The same browser without what surrounds a page, which needs a third less processor time. */
    private static final Path HEADLESS_SHELL = Path.of("/usr/bin/chromium-headless-shell");

    /** A page asks every five seconds: what it shows by itself may take longer than the five seconds that Playwright waits by default. */
    private static final double LONGEST_WAIT = 15_000;

    static {
        PlaywrightAssertions.setDefaultAssertionTimeout(LONGEST_WAIT);
    }

    private final Settings settings;
    private final Playwright playwright;
    private final Browser browser;
    private final Pipeline dashboard;
    private final String address;
    private final Set<Service> services = new HashSet<>();
    private Pipeline store;

    /**
     * Starts the services and the browser.
     *
     * @param others that run beside the consumer and the REST API
     */
    public BrowserTrial(Service... others) throws Exception {
        Path program = program();
        Stream.concat(Stream.of(Services.CONSUMER, Services.API), Stream.of(others)).forEach(services::add);
        int port = SteadyPorts.anyFree();
        settings = Servers.settings().with("api.port", port).with("api.base.url", "http://127.0.0.1:" + port);
        startStore();
        dashboard = new Pipeline(settings, Set.of(Services.DASHBOARD));
        dashboard.start();
        address = "http://127.0.0.1:" + dashboard.port("dashboard.port");
        playwright = playwright();
        browser = launch(playwright, program, List.of());
    }

    private static Path program() {
        return Files.isExecutable(HEADLESS_SHELL) ? HEADLESS_SHELL : wholeProgram();
    }

    private static Path wholeProgram() {
        Path program = BROWSERS.stream().filter(Files::isExecutable).findFirst().orElse(null);
        if (!"true".equals(System.getenv("BROWSER_REQUIRED"))) {
            Assumptions.assumeTrue(program != null, "no Chromium or Chrome is installed, so the pages are not tested");
        }
        return program;
    }

    private static Playwright playwright() {
        return Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    }

    private static Browser launch(Playwright playwright, Path program, List<String> ignored) {
        return playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(program).setIgnoreDefaultArgs(ignored)
                .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage")));
    }

    /** @return another browser, with the back/forward cache enabled; to be closed */
    public Browser browserWithBackForwardCache() {
        return launch(playwright, wholeProgram(), List.of("--disable-back-forward-cache"));
    }

    /**
     * An empty page of a site that serves the folder web/ without a server, for unit tests of modules.
     *
     * @return the page; its browser must be closed
     */
    public static EmptyPage emptyPage() {
        return emptyPage(Path.of("web"));
    }

    /**
     * Like {@link #emptyPage()}, with another folder.
     *
     * @param folder with the files of the site
     * @return the page; its browser must be closed
     */
    public static EmptyPage emptyPage(Path folder) {
        Path program = program();
        Playwright playwright = playwright();
        Page page = launch(playwright, program, List.of()).newPage();
        page.route("**/*", route -> {
            String path = URI.create(route.request().url()).getPath();
            if ("/".equals(path)) {
                route.fulfill(new Route.FulfillOptions().setContentType("text/html").setBody("<!doctype html><title>Empty</title>"));
            } else {
                route.fulfill(new Route.FulfillOptions().setPath(folder.resolve(path.substring(1))));
            }
        });
        page.navigate("http://localhost/");
        return new EmptyPage(playwright, page);
    }

    /** A page without content, see {@link #emptyPage}. */
    public record EmptyPage(Playwright playwright, Page page) implements AutoCloseable {

        /**
         * @param module without its extension, such as components/gaps
         * @param script an expression in which m is the module and given is the argument
         * @return its value as JSON
         */
        public String evaluate(String module, String script, String given) {
            return (String) page.evaluate("async (given) => { const m = await import('/" + module + ".js'); return JSON.stringify(" + script + "); }", given);
        }

        @Override
        public void close() {
            playwright.close();
        }
    }

    /** @return number of connections to the live stream */
    public int listeners() {
        return ofLiveStream("listeners", Integer.class);
    }

    /** @return whether the live stream has seen what was stored before, so that it sends whatever is stored from now on */
    public boolean isStreaming() {
        return ofLiveStream("question", Map.class).get("after") != null;
    }

    private <T> T ofLiveStream(String method, Class<T> type) {
        DefaultExchange exchange = new DefaultExchange(store.camel());
        exchange.setVariable(CallerScope.CALLER, Caller.program("default"));
        return store.camel().resolveLanguage("simple").createExpression("${bean:liveStreams?method=" + method + "}").evaluate(exchange, type);
    }

    /** @return settings of the consumer and the dashboard */
    public Settings settings() {
        return settings;
    }

    /** @return URL of the dashboard, without a path */
    public String address() {
        return address;
    }

    /** @return the database of the consumer */
    public Database database() {
        return new Database(settings);
    }

    /** Stops the consumer, the REST API and what runs beside them. */
    public void stopStore() {
        store.close();
    }

    /** Starts the consumer, the REST API and what runs beside them, on the same port and database. */
    public void startStore() throws Exception {
        store = new Pipeline(settings, services);
        store.start();
    }

    /** Sends readings as JSON, and waits until they are stored. */
    public void send(List<String> readings) {
        long before = database().readings();
        try (Readings devices = new Readings(settings)) {
            devices.sendTo(settings.text("topic.name"), readings);
        }
        database().awaitReadings(before + readings.size());
    }

    /** A page and its errors. */
    public record Look(Page page, List<String> problems) implements AutoCloseable {

        private static final AxeRunOptions VIOLATIONS = new AxeRunOptions();

        static {
            VIOLATIONS.setResultTypes(List.of("violations"));
        }

        /** Fails if the page logged an error, sent a request to another site, or violates an accessibility rule of axe. */
        public void assertSound() {
            // What axe's other mode does in addition, for frames of other sites, takes three times as long.
            Assertions.assertEquals(List.of(), new AxeBuilder(page).setLegacyMode(true).options(VIOLATIONS).analyze().getViolations());
            Assertions.assertEquals(Boolean.TRUE, page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out");
            Assertions.assertEquals(List.of(), problems);
        }

        /** Takes a screenshot: target/screenshots/name-width-scheme.png. */
        public void photograph(String name, ColorScheme scheme) {
            int width = page.viewportSize().width;
            // Draws charts outside the viewport too, as for printing.
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
     * @param width of the screen in CSS pixels; below 600, a phone in portrait orientation
     * @param scheme preferred color scheme
     */
    public Look open(String path, int width, ColorScheme scheme) {
        return open(context(width, scheme), path);
    }

    /**
     * @param width of the screen in CSS pixels; below 600, a phone in portrait orientation
     * @param scheme preferred color scheme
     * @return a separate browser context, with its own storage, workers and connections
     */
    public BrowserContext context(int width, ColorScheme scheme) {
        return browser.newContext(new Browser.NewContextOptions().setViewportSize(width, width < 600 ? 844 : width * 9 / 16)
                .setColorScheme(scheme).setReducedMotion(ReducedMotion.REDUCE).setAcceptDownloads(true));
    }

    /**
     * @param context in which to open another window
     * @param path with its query, such as /explore?from=-7d
     */
    public Look open(BrowserContext context, String path) {
        Page page = context.newPage();
        List<String> problems = new ArrayList<>();
        page.onConsoleMessage(message -> {
            // The browser logs an error if the health report has status 503.
            if (Set.of("error", "warning").contains(message.type()) && !message.location().contains("/api/health")) {
                problems.add(message.text());
            }
        });
        page.onPageError(problems::add);
        page.onDialog(dialog -> problems.add("dialog: " + dialog.message()));
        page.onRequest(request -> {
            if (!request.url().startsWith(address)) {
                problems.add("request to another site: " + request.url());
            }
        });
        page.navigate(address + path);
        return new Look(page, problems);
    }

    /** @return the page on a screen of 1280 pixels, in light mode */
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
