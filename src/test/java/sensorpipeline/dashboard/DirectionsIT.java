package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;

/** A metric that is declared a direction is shown by its mean direction in a real browser, never by an arithmetic mean. */
class DirectionsIT {

    private static BrowserTrial trial;

    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial();
        trial.database().run("INSERT INTO metric_declaration (tenant, metric, display_name, unit, kind) VALUES ('default', 'wind', 'Wind from', '°', 'direction')");
        Instant now = Instant.now();
        // At the same times, so that each interval has as many of one direction as of the other.
        trial.send(IntStream.range(0, 120).mapToObj(i -> "{\"sensor_id\":\"%s\",\"wind\":%d,\"timestamp\":\"%s\"}"
                .formatted(i % 2 == 0 ? "vane" : "mast", i % 2 == 0 ? 350 : 20, now.minusSeconds(10L * (i / 2)))).toList());
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            trial.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"390, DARK", "1280, LIGHT"})
    void thePagesShowTheMeanOfAllVectors(int width, ColorScheme scheme) {
        try (Look look = trial.open("/explore?from=-24h&metric=wind", width, scheme)) {
            Page page = look.page();
            assertThat(page.locator(".values th[scope=col]").nth(1)).hasText("Mean direction");
            assertThat(page.locator(".values tbody td").nth(1)).hasText("5 °".replace(' ', '\u00a0'));
            look.assertSound();
            look.photograph("explore-direction", scheme);
            assertEquals(List.of(), look.problems());
        }
        try (Look look = trial.open("/sensor?sensor_id=vane", width, scheme)) {
            assertThat(look.page().locator("#charts figure[data-content=filled] th[scope=col]").nth(1)).hasText("Mean direction");
            assertEquals(List.of(), look.problems());
        }
        try (Look look = trial.open("/?metric=wind", width, scheme)) {
            Page page = look.page();
            assertThat(page.locator("#card-first-metric")).containsText("Directions have no average");
            assertThat(page.locator("figure.trend .values th[scope=col]").nth(1)).hasText("Mean direction");
            assertThat(page.locator("figure:has(#chart-first-metric) .message")).hasText("Directions have no average");
            look.assertSound();
            look.photograph("overview-direction", scheme);
            assertEquals(List.of(), look.problems());
        }
    }
}
