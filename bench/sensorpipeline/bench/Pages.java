import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Measures the pages of a running dashboard in a real browser: when they show something, when they show their data, how soon they
 * answer to a hand, what moves, and what memory the overview takes while it is live. README.md in this folder tells what each figure means.
 */
public final class Pages {

    private static final String USAGE = "Usage: bench/pages http://127.0.0.1:3000 [seconds that the overview is watched, 60]";
    private static final List<String> ARGUMENTS = List.of("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage");
    /** Looks at what the browser tells of itself, from the first moment on. */
    private static final String OBSERVER = """
            window.seen = { moved: 0, slowest: 0 };
            new PerformanceObserver((list) => list.getEntries().forEach((entry) => { seen.moved += entry.hadRecentInput ? 0 : entry.value; }))
              .observe({ type: "layout-shift", buffered: true });
            new PerformanceObserver((list) => list.getEntries().forEach((entry) => { seen.slowest = Math.max(seen.slowest, entry.interactionId ? entry.duration : 0); }))
              .observe({ type: "event", durationThreshold: 16 });
            (function look() {
              const isThere = document.querySelector("main[aria-busy=false]") && !document.querySelector("main [data-content=loading]");
              if (isThere) { seen.data = performance.now(); } else { requestAnimationFrame(look); }
            })();
            """;
    private static final Pattern PRIVATE_DIRTY = Pattern.compile("Private_Dirty:\\s+(\\d+) kB");

    private final String address;
    private final Browser browser;
    private final Map<String, Object> result = new LinkedHashMap<>();

    private Pages(String address, Browser browser) {
        this.address = address;
        this.browser = browser;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0 || !arguments[0].startsWith("http")) {
            System.err.println(USAGE);
            System.exit(2);
        }
        String chromium = System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium");
        try (Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
                Browser browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(Path.of(chromium)).setArgs(ARGUMENTS))) {
            Pages bench = new Pages(arguments[0], browser);
            bench.run(arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60);
            System.out.println(new ObjectMapper().writeValueAsString(bench.result));
        }
    }

    private void run(int seconds) throws IOException {
        // The first page of a browser pays for its start.
        look("/", page -> { });
        measure("overview", "/", page -> choose(page, "#metrics select"));
        measure("explore", "/explore", page -> {
            page.locator("button[name=zoom-in]").click();
            page.locator("button[name=earlier]").click();
            page.locator("#sensors summary").click();
            page.keyboard().type("sensor");
        });
        measure("sensors", "/sensors", page -> {
            page.locator("input[type=search]").click();
            page.keyboard().type("01");
        });
        String sensor = find("/sensors");
        measure("sensor", sensor, page -> choose(page, "#view select"));
        measure("operations", "/operations", page -> choose(page, "#dead-letters select"));
        watch(seconds);
    }

    /** As with the keyboard. */
    private static void choose(Page page, String select) {
        page.locator(select).first().focus();
        page.keyboard().press("ArrowDown");
    }

    private String find(String list) {
        try (BrowserContext context = browser.newContext()) {
            Page page = context.newPage();
            page.navigate(address + list);
            return page.locator("main tbody a").first().getAttribute("href");
        }
    }

    private Map<String, Object> look(String path, Consumer<Page> act) {
        try (BrowserContext context = browser.newContext(new Browser.NewContextOptions().setViewportSize(1280, 900).setBypassCSP(true))) {
            context.addInitScript(OBSERVER);
            Page page = context.newPage();
            page.navigate(address + path);
            page.waitForFunction("seen.data !== undefined", null, new Page.WaitForFunctionOptions().setTimeout(60_000));
            act.accept(page);
            page.waitForTimeout(2_000);
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("first_paint_ms", page.evaluate("Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)"));
            figures.put("data_ms", page.evaluate("Math.round(seen.data)"));
            figures.put("slowest_interaction_ms", page.evaluate("seen.slowest"));
            figures.put("layout_shift", page.evaluate("Math.round(seen.moved * 1000) / 1000"));
            return figures;
        }
    }

    private void measure(String name, String path, Consumer<Page> act) {
        Map<String, Object> figures = look(path, act);
        result.put(name, figures);
        System.err.println(name + ": " + figures);
    }

    /** The overview, live, for a while. */
    private void watch(int seconds) throws IOException {
        try (BrowserContext context = browser.newContext(new Browser.NewContextOptions().setViewportSize(1280, 900).setBypassCSP(true))) {
            context.addInitScript(OBSERVER);
            Page page = context.newPage();
            page.navigate(address);
            page.waitForFunction("seen.data !== undefined", null, new Page.WaitForFunctionOptions().setTimeout(60_000));
            page.waitForTimeout(5_000);
            CDPSession session = context.newCDPSession(page);
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("heap_mb_first", heap(session));
            figures.put("tab_mb_first", memory());
            page.waitForTimeout(seconds * 1_000.0);
            figures.put("heap_mb_last", heap(session));
            figures.put("tab_mb_last", memory());
            result.put("watched_s", seconds);
            result.put("watched", figures);
            System.err.println("watched: " + figures);
        }
    }

    /** What scripts hold after a collection. */
    private static double heap(CDPSession session) {
        session.send("HeapProfiler.collectGarbage");
        return Math.round(session.send("Runtime.getHeapUsage").get("usedSize").getAsDouble() / 1e5) / 10.0;
    }

    /** What the largest tab has for itself, as the browser's own task manager tells it. */
    private double memory() throws IOException {
        double most = 0;
        for (JsonElement process : browser.newBrowserCDPSession().send("SystemInfo.getProcessInfo").getAsJsonArray("processInfo")) {
            JsonObject one = process.getAsJsonObject();
            if ("renderer".equals(one.get("type").getAsString())) {
                String text = Files.readString(Path.of("/proc", one.get("id").getAsString(), "smaps_rollup"));
                most = Math.max(most, PRIVATE_DIRTY.matcher(text).results().mapToDouble(found -> Double.parseDouble(found.group(1))).findFirst().orElse(0));
            }
        }
        return Math.round(most / 102.4) / 10.0;
    }
}
