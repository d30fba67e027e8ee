package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;

/** Deleting readings on the sensor page in a real browser. */
class DeletingIT {

    private static final Instant NOW = Instant.now();
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
    void wrongValuesOfASensorAreDeletedAfterTheyWereCounted(int width, ColorScheme scheme) {
        String sensor = "cellar-" + width;
        trial.send(IntStream.range(0, 30).mapToObj(i -> """
                {"sensor_id":"%s","temperature":%d,"humidity":40,"timestamp":"%s"}""".formatted(sensor, i < 5 ? -999 : 20, NOW.minusSeconds(600 - i))).toList());
        try (Look look = trial.open("/sensor?sensor_id=" + sensor, width, scheme)) {
            Page page = look.page();
            Locator dialog = page.getByRole(AriaRole.DIALOG, new Page.GetByRoleOptions().setName("Delete readings"));
            Locator confirm = dialog.locator("button[name=delete]");
            Locator status = dialog.getByRole(AriaRole.STATUS);
            assertThat(page.locator("#delete-readings")).isEnabled();
            page.locator("#delete-readings").focus();
            page.keyboard().press("Enter");
            assertThat(dialog).isVisible();
            assertThat(confirm).isDisabled();
            dialog.getByLabel("What").selectOption("temperature");
            dialog.getByLabel("To").fill(LocalDateTime.ofInstant(NOW.minusSeconds(595), ZoneId.of((String) page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")))
                    .truncatedTo(ChronoUnit.SECONDS).format(DateTimeFormatter.ISO_LOCAL_DATE_TIME));
            dialog.locator("button[name=count]").click();
            assertThat(status).containsText("readings match");
            look.assertSound();
            look.photograph("delete-readings-" + width, scheme);
            dialog.getByLabel("What").selectOption("humidity");
            assertThat(confirm).isDisabled();
            dialog.getByLabel("What").selectOption("temperature");
            dialog.locator("button[name=count]").click();
            assertThat(confirm).isEnabled();
            assertEquals("30", trial.database().ask("SELECT count(value) FROM measurements WHERE sensor_id = '%s' AND metric = 'temperature'".formatted(sensor)));
            confirm.click();
            assertThat(status).containsText("deleted");
            page.keyboard().press("Escape");
            assertThat(dialog).isHidden();
            assertThat(page.locator("#delete-readings")).isFocused();
            assertEquals("0", trial.database().ask("SELECT count(value) FROM measurements WHERE sensor_id = '%s' AND metric = 'temperature' AND value < -900 AND at < '%s'"
                    .formatted(sensor, NOW.minusSeconds(595).truncatedTo(ChronoUnit.SECONDS))));
            assertEquals("30", trial.database().ask("SELECT count(value) FROM measurements WHERE sensor_id = '%s' AND metric = 'humidity'".formatted(sensor)));
            assertEquals(List.of(), look.problems());
        }
    }
}
