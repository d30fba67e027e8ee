package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.Readings;

/** Retiring a sensor in a real browser. */
class RetiringIT {

    private static BrowserTrial trial;

    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial();
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            trial.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "1280, DARK"})
    void aRetiredSensorLeavesTheListAndIsBroughtBackByHandOrByAReading(int width, ColorScheme scheme) {
        String gone = "gone-" + width;
        trial.send(List.of(Readings.json("kept-" + width, Instant.now().toString(), 20), Readings.json(gone, Instant.now().toString(), 20)));
        try (Look look = trial.open("/sensor?sensor_id=" + gone, width, scheme)) {
            Page page = look.page();
            Locator button = page.locator("#retire");
            assertThat(button).isVisible();
            assertThat(button).hasText("Retire");
            button.focus();
            page.keyboard().press("Enter");
            assertThat(button).hasText("Reactivate");
            assertThat(button).isFocused();
            assertThat(page.locator("#facts .badge")).hasText("retired");
            assertThat(page.locator("#retire-status")).hasText("Retired: lists and counts omit it until it sends again");
            look.assertSound();
            look.photograph("retired", scheme);
            page.navigate(page.url().replaceAll("/sensor\\?.*", "/sensors?search=" + width));
            assertThat(page.locator("#sensors tbody tr")).hasCount(1);
            page.locator("select[name=status]").selectOption("retired");
            assertThat(page.locator("#sensors tbody .badge")).hasText("retired");
            look.assertSound();
            look.photograph("retired-list", scheme);
            page.locator("#sensors tbody a").click();
            button.click();
            assertThat(button).hasText("Retire");
            assertThat(page.locator("#facts .badge")).hasText("online");
            button.click();
            assertThat(page.locator("#facts .badge")).hasText("retired");
            trial.send(List.of(Readings.json(gone, Instant.now().toString(), 21)));
            assertThat(page.locator("#facts .badge")).hasText("online");
            assertThat(button).hasText("Retire");
            assertThat(page.locator("#retire-status")).isEmpty();
            assertEquals(List.of(), look.problems());
        }
    }
}
