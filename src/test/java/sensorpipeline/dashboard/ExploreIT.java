package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.BrowserTrial;

/** The Explore page in a real browser: select, compare, zoom, go back, share, download. */
class ExploreIT {

    private static final int SENSORS = 120;
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private static BrowserTrial trial;

    /** Two days of hourly readings of 120 sensors; the last ones have non-Latin names. */
    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial();
        List<String> readings = new ArrayList<>();
        for (int hour = 0; hour < 48; hour++) {
            for (int sensor = 0; sensor < SENSORS; sensor++) {
                readings.add("""
                        {"sensor_id":"%s","location":"%s","temperature":%.2f,"co2":%d,"timestamp":"%s"}""".formatted(
                        name(sensor), sensor % 2 == 0 ? "Hanoi Tây Hồ" : "Münster Süd", 20 + Math.sin(hour / 4.0) + sensor / 100.0, 400 + sensor,
                        NOW.minusSeconds(3600L * hour + sensor)));
            }
        }
        trial.send(readings);
    }

    private static String name(int sensor) {
        return sensor == 118 ? "حساس-118" : sensor == 119 ? "<b>bold</b>" : "sensor-%03d".formatted(sensor);
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            trial.close();
        }
    }

    private static void assertShows(Page page, String note) {
        assertThat(page.locator("figure .note")).containsText(Pattern.compile(note));
        assertThat(page.locator("#main")).hasAttribute("aria-busy", "false");
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "390, DARK", "1280, LIGHT", "1280, DARK", "2560, LIGHT", "2560, DARK"})
    void comparesSensorsOnEveryScreen(int width, ColorScheme scheme) {
        try (Look look = trial.open("/explore?sensor_id=sensor-001&sensor_id=%D8%AD%D8%B3%D8%A7%D8%B3-118&sensor_id=%3Cb%3Ebold%3C%2Fb%3E", width, scheme)) {
            Page page = look.page();
            // At most as many points as the screen can show.
            assertShows(page, width < 500 ? "Every 15 min" : "Every 5 min");
            assertThat(page.locator(".lines li")).hasText(new String[] {"<b>bold</b>", "sensor-001", "حساس-118"});
            assertThat(page.locator("#sensors summary")).hasText("3 sensors");
            assertThat(page.locator("#readings tbody tr")).hasCount(50);
            look.assertSound();
            look.photograph("explore", scheme);
        }
    }

    @Test
    void theAddressIsTheView() {
        try (Look look = trial.open("/explore")) {
            Page page = look.page();
            assertShows(page, "Every");
            page.locator("select[name=range]").selectOption("-7d");
            assertThat(page).hasURL(Pattern.compile(".*/explore\\?from=-7d"));
            page.locator("select[name=metric]").selectOption("co2");
            assertThat(page).hasURL(Pattern.compile(".*from=-7d&metric=co2"));
            assertThat(page.locator("figure h2")).hasText("Co2 over time");
            page.reload();
            assertThat(page.locator("figure h2")).hasText("Co2 over time");
            assertThat(page.locator("select[name=range]")).hasValue("-7d");
            page.goBack();
            assertThat(page.locator("figure h2")).hasText("Temperature over time");
            page.goBack();
            assertThat(page.locator("select[name=range]")).hasValue("-24h");
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void sensorsAreSearchedAndChosen() {
        try (Look look = trial.open("/explore")) {
            Page page = look.page();
            assertShows(page, "Every");
            page.locator("#sensors summary").click();
            assertThat(page.locator("#sensors li")).hasCount(50);
            assertThat(page.locator("#sensors .note")).hasText("Search to find more");
            page.locator("#sensors input[type=search]").fill("R-07");
            assertThat(page.locator("#sensors li")).hasCount(10);
            page.locator("#sensors li").getByText("sensor-071").click();
            page.locator("#sensors li").getByText("sensor-072").click();
            assertThat(page.locator("#sensors summary")).hasText("2 sensors");
            assertThat(page.locator(".lines li")).hasText(new String[] {"sensor-071", "sensor-072"});
            page.keyboard().press("Escape");
            assertThat(page.locator("#sensors summary")).isFocused();
            page.locator("#locations summary").click();
            page.locator("#locations li").getByText("Münster Süd").click();
            assertThat(page.locator(".lines")).isHidden();
            assertThat(page).hasURL(Pattern.compile(".*sensor_id=sensor-071&sensor_id=sensor-072&location=M%C3%BCnster\\+S%C3%BCd"));
            page.locator("button[name=reset]").click();
            assertThat(page).hasURL(Pattern.compile(".*/explore\\?"));
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void draggingInTheChartZoomsAndGoingBackIsBack() {
        try (Look look = trial.open("/explore")) {
            Page page = look.page();
            assertShows(page, "Every");
            Locator canvas = page.locator("#chart-series");
            BoundingBox box = canvas.boundingBox();
            page.mouse().move(box.x + box.width * 0.5, box.y + 50);
            page.mouse().down();
            page.mouse().move(box.x + box.width * 0.6, box.y + 60);
            page.mouse().move(box.x + box.width * 0.75, box.y + 60);
            assertThat(page.locator(".drag-selection")).isVisible();
            page.mouse().up();
            assertThat(page).hasURL(Pattern.compile(".*from=\\d{4}-.*to=\\d{4}-.*"));
            assertThat(page.locator("select[name=range]")).hasValue("custom");
            long hours = (long) (double) Double.valueOf(page.evaluate("(() => { const q = new URLSearchParams(location.search);"
                    + " return (Date.parse(q.get('to')) - Date.parse(q.get('from'))) / 3600000; })()").toString());
            assertTrue(hours >= 4 && hours <= 8, "a quarter of a day: " + hours);
            page.locator("button[name=zoom-out]").click();
            page.locator("button[name=earlier]").click();
            assertShows(page, "Every");
            page.goBack();
            page.goBack();
            page.goBack();
            assertThat(page.locator("select[name=range]")).hasValue("-24h");
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void downloadsWhatIsShown() throws Exception {
        try (Look look = trial.open("/explore?sensor_id=sensor-003&metric=co2&from=-30d")) {
            Page page = look.page();
            assertShows(page, "Every");
            Download chart = page.waitForDownload(() -> page.locator("figure .download").click());
            List<String> points = Files.readAllLines(chart.path());
            assertEquals("sensor_id,location,time,avg,min,max,count", points.get(0));
            assertEquals(48, points.stream().skip(1).mapToInt(line -> Integer.parseInt(line.substring(line.lastIndexOf(',') + 1))).sum());
            Download readings = page.waitForDownload(() -> page.locator("#readings .download").click());
            List<String> rows = Files.readAllLines(readings.path());
            assertEquals(49, rows.size());
            assertTrue(rows.stream().skip(1).allMatch(row -> row.startsWith("sensor-003,Münster Süd,")), rows.get(1));
        }
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT, median", "1280, DARK, median", "1280, LIGHT, rate"})
    void mediansAndRatesAreDrawnAndStayInTheAddress(int width, ColorScheme scheme, String figure) throws Exception {
        try (Look look = trial.open("/explore?from=-7d&metric=co2&sensor_id=sensor-003", width, scheme)) {
            Page page = look.page();
            assertShows(page, "Every");
            page.getByLabel("Show").selectOption(figure);
            assertThat(page).hasURL(Pattern.compile(".*figure=" + figure));
            assertThat(page.locator(".values th[scope=col]").nth(1)).hasText("median".equals(figure) ? "Median" : "Rate per second");
            assertThat(page.locator(".values tbody tr").first()).containsText("median".equals(figure) ? "403" : "0");
            look.assertSound();
            look.photograph("explore-" + figure, scheme);
            Download chart = page.waitForDownload(() -> page.locator("figure .download").click());
            assertTrue(Files.readAllLines(chart.path()).get(0).endsWith("median".equals(figure) ? "count,p05,median,p95" : "count,rate"));
            page.goBack();
            assertThat(page.getByLabel("Show")).hasValue("average");
            assertThat(page.locator(".values th[scope=col]").nth(1)).hasText("Average");
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void readingsAreTurnedAndSorted() {
        try (Look look = trial.open("/explore?from=-7d&location=Hanoi+T%C3%A2y+H%E1%BB%93")) {
            Page page = look.page();
            Locator rows = page.locator("#readings tbody tr");
            assertThat(rows).hasCount(50);
            assertThat(page.locator("#readings th")).hasText(new String[] {"Time", "Sensor", "Temperature", "Location", "Co2", "Arrived"});
            assertThat(page.locator("#readings th[aria-sort=descending]")).hasText("Time");
            String newest = rows.first().textContent();
            page.locator("#readings .next-page").click();
            assertThat(rows.first()).not().hasText(newest);
            assertThat(page.locator("#readings .first-page")).isEnabled();
            page.locator("#readings .first-page").click();
            assertThat(rows.first()).hasText(newest);
            page.locator("#readings th").getByText("Co2").click();
            assertThat(page.locator("#readings th[aria-sort=ascending]")).hasText("Co2");
            page.locator("#readings th").getByText("Co2").click();
            assertThat(page.locator("#readings th[aria-sort=descending]")).hasText("Co2");
            assertThat(rows.first()).containsText("498");
            assertThat(page.locator("#readings .note")).containsText("this page is sorted by Co2");
            page.locator("#readings th").getByText("Time").click();
            page.locator("#readings th").getByText("Time").click();
            assertThat(page.locator("#readings th[aria-sort=ascending]")).hasText("Time");
            assertThat(page).hasURL(Pattern.compile(".*order=asc"));
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void aWrongAddressIsToldAndANewChoiceMendsIt() {
        try (Look look = trial.open("/explore?from=yesterday")) {
            Page page = look.page();
            assertThat(page.locator("#problem")).containsText("from must be a time such as");
            page.locator("select[name=range]").selectOption("-1h");
            assertShows(page, "Every");
            assertThat(page.locator("#problem")).isHidden();
        }
        try (Look look = trial.open("/explore?from=-99999999999d")) {
            assertThat(look.page().locator("#problem")).containsText("from must be a time such as");
            look.page().locator("button[name=earlier]").click();
            assertThat(look.page().locator("#problem")).isVisible();
        }
        try (Look look = trial.open("/explore?sensor_id=nobody")) {
            assertThat(look.page().locator("figure .message")).hasText("No readings yet");
            assertThat(look.page().locator("#readings .message")).hasText("No readings in this period");
            look.assertSound();
        }
    }
}
