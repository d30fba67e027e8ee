package sensorpipeline.bench;

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
 * Measures the pages of a running dashboard in Chromium: first paint, time until the data are shown, slowest interaction, layout
 * shift, and the memory of the live overview. bench/README.md explains the figures.
 */
public final class Pages {

    private static final String USAGE = "Usage: bench/pages http://127.0.0.1:3000 [seconds to watch the overview, 60] [phone]\n";
    private static final List<String> ARGUMENTS = List.of("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage");
    /** Collects the browser's own measurements from the start of the page. */
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
    /** How many times slower a phone computes than the machine that runs this: Lighthouse's factor for a mid-range one. */
    private static final int SLOWER = 4;
    private static final Pattern PRIVATE_DIRTY = Pattern.compile("Private_Dirty:\\s+(\\d+) kB");

    private final String address;
    private final Browser browser;
    private final boolean isPhone;
    private final Map<String, Object> result = new LinkedHashMap<>();

    private Pages(String address, Browser browser, boolean isPhone) {
        this.address = address;
        this.browser = browser;
        this.isPhone = isPhone;
    }

    /** Prints the figures as one line of JSON. Exits with 0, 1 if the run failed, 2 for a wrong command line. */
    public static void main(String[] arguments) {
        System.exit(Benchmark.run(USAGE, arguments, Resources.closedOnExit(), (given, resources) -> measure(given)));
    }

    private static Map<String, Object> measure(String[] arguments) throws IOException {
        if (arguments.length == 0 || arguments.length > 3 || !arguments[0].matches("https?://.+") || arguments.length == 3 && !"phone".equals(arguments[2])) {
            throw new Misuse(USAGE.strip());
        }
        String seconds = arguments.length > 1 ? arguments[1] : "60";
        if (!seconds.matches("[1-9]\\d{0,5}")) {
            throw new Misuse("seconds must be a whole number from 1 to 999999; got '" + seconds + "'");
        }
        String chromium = System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium");
        try (Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
                Browser browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(Path.of(chromium)).setArgs(ARGUMENTS))) {
            Pages bench = new Pages(arguments[0].replaceFirst("/$", ""), browser, arguments.length == 3);
            bench.measureAll(Integer.parseInt(seconds));
            return bench.result;
        }
    }

    private void measureAll(int seconds) throws IOException {
        // The first page of a browser is slower, so it is not measured.
        visit("/", page -> { });
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
        String sensor = firstLink("/sensors");
        measure("sensor", sensor, page -> choose(page, "#view select"));
        measure("alerts", "/alerts", page -> choose(page, "#view select"));
        measure("operations", "/operations", page -> choose(page, "#dead-letters select"));
        watch(seconds);
    }

    /** Selects the next option by keyboard. */
    private static void choose(Page page, String select) {
        page.locator(select).first().focus();
        page.keyboard().press("ArrowDown");
    }

    private String firstLink(String list) {
        try (BrowserContext context = browser.newContext()) {
            Page page = context.newPage();
            page.navigate(address + list);
            return page.locator("main tbody a").first().getAttribute("href");
        }
    }

    private Map<String, Object> visit(String path, Consumer<Page> act) {
        try (BrowserContext context = context()) {
            Page page = page(context);
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

    private BrowserContext context() {
        Browser.NewContextOptions options = new Browser.NewContextOptions().setBypassCSP(true);
        BrowserContext context = browser.newContext(isPhone ? options.setViewportSize(390, 844).setDeviceScaleFactor(3).setIsMobile(true).setHasTouch(true)
                : options.setViewportSize(1280, 900));
        context.addInitScript(OBSERVER);
        return context;
    }

    private Page page(BrowserContext context) {
        Page page = context.newPage();
        if (isPhone) {
            JsonObject rate = new JsonObject();
            rate.addProperty("rate", SLOWER);
            context.newCDPSession(page).send("Emulation.setCPUThrottlingRate", rate);
        }
        return page;
    }

    private void measure(String name, String path, Consumer<Page> act) {
        Map<String, Object> figures = visit(path, act);
        result.put(name, figures);
        Output.say("%s: %s", name, figures);
    }

    /** Measures memory of the live overview at the start and after this time. */
    private void watch(int seconds) throws IOException {
        try (BrowserContext context = context()) {
            Page page = page(context);
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
            Output.say("watched: %s", figures);
        }
    }

    /** @return memory of scripts after a garbage collection, in MB */
    private static double heap(CDPSession session) {
        session.send("HeapProfiler.collectGarbage");
        return Math.round(session.send("Runtime.getHeapUsage").get("usedSize").getAsDouble() / 1e5) / 10.0;
    }

    /** @return private memory of the largest tab, in MiB */
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
