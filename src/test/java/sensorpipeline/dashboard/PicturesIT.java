package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.Readings;

/**
 * The pages with the readings of samples/motes.csv, as in the README. The pictures in docs/images are copies of its screenshots in
 * target/screenshots/docs.
 */
class PicturesIT {

    private static final int READINGS = 18_914;
    private static final double MILLISECONDS = 40_000;

    private static BrowserTrial trial;

    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial();
        Settings replay = trial.settings().with("producer.file", "samples/motes.csv").with("producer.speed", 0).with("producer.shift", "now");
        try (Pipeline producer = new Pipeline(replay, Set.of(Services.PRODUCER))) {
            producer.start();
            trial.database().awaitReadings(READINGS);
        }
        // A logger whose clock is not set, and one that sends text.
        try (Readings devices = new Readings(trial.settings())) {
            devices.sendTo(trial.settings().text("topic.name"), List.of(
                    "{\"sensor_id\":\"mote-5\",\"location\":\"outdoor\",\"temperature\":24.1,\"humidity\":51.2,\"timestamp\":\"1970-01-01T00:03:10Z\"}",
                    "{\"sensor_id\":\"mote-5\",\"location\":\"outdoor\",\"temperature\":24.1,\"humidity\":51.3,\"timestamp\":\"1970-01-01T00:03:15Z\"}",
                    "mote-6;24.0;50.9"));
        }
        Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM dead_letter").equals("3"));
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            trial.close();
        }
    }

    private static void photograph(Look look, String name) {
        Page page = look.page();
        assertThat(page.locator("[data-content=loading]")).hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(MILLISECONDS));
        page.evaluate("dispatchEvent(new Event('beforeprint'))");
        page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target/screenshots/docs/" + name + ".png")));
    }

    @Test
    void theOverviewShowsAllReadingsOfTheSample() {
        try (Look look = trial.open("/", 1920, ColorScheme.LIGHT)) {
            assertThat(look.page().locator("#card-total-events .value")).hasText(Pattern.compile("18.914"), new LocatorAssertions.HasTextOptions().setTimeout(MILLISECONDS));
            assertThat(look.page().locator("#card-events-per-second")).hasAttribute("data-content", "filled", new LocatorAssertions.HasAttributeOptions().setTimeout(MILLISECONDS));
            photograph(look, "dashboard");
        }
    }

    @Test
    void exploreComparesThreeSensorsWithoutLooseDots() {
        try (Look look = trial.open("/explore?from=-6h&sensor_id=mote-1&sensor_id=mote-3&sensor_id=mote-4")) {
            assertThat(look.page().locator(".lines li")).hasText(new String[] {"mote-1", "mote-3", "mote-4"});
            photograph(look, "explore");
            look.page().waitForFunction("Chart.getChart('chart-series')?.data.datasets.filter((one) => one.line !== undefined).every((one) => one.pointRadius === 0)");
        }
    }

    @Test
    void aSensorShowsItsValuesAndCharts() {
        try (Look look = trial.open("/sensor?sensor_id=mote-4")) {
            assertThat(look.page().locator("#charts figure[data-content=filled]")).hasCount(2, new LocatorAssertions.HasCountOptions().setTimeout(MILLISECONDS));
            photograph(look, "sensor");
        }
    }

    @Test
    void operationsShowsTheHealthAndTheRefusedRecords() {
        try (Look look = trial.open("/operations")) {
            assertThat(look.page().locator("#dead-letters tbody tr")).hasCount(3, new LocatorAssertions.HasCountOptions().setTimeout(MILLISECONDS));
            assertThat(look.page().locator("#card-events-per-second")).hasAttribute("data-content", "filled", new LocatorAssertions.HasAttributeOptions().setTimeout(MILLISECONDS));
            photograph(look, "operations");
        }
    }
}
