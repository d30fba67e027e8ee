package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.Readings;

/** The sensor list and the sensor page in a real browser. */
class SensorsIT {

    private static final Instant NOW = Instant.now();
    private static final String PUMP = "pump Ω/7 & co";
    private static final String PUMP_PAGE = "/sensor?sensor_id=pump+%CE%A9%2F7+%26+co";

    private static BrowserTrial trial;

    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial();
        List<String> readings = new ArrayList<>();
        for (int i = 0; i < 149; i++) {
            readings.add("""
                    {"sensor_id":"sensor-%03d","location":"hall %d","temperature":20,"timestamp":"%s"}""".formatted(i, i % 3, NOW.minusSeconds(i < 10 ? 3600 : 0)));
        }
        readings.add(Readings.json("sensor-ahead", NOW.plus(Duration.ofMinutes(121)).toString(), 20));
        // A pump with a gap of three hours, whose readings all arrived late.
        for (int minute = 10; minute < 600; minute += 10) {
            if (minute < 200 || minute > 380) {
                readings.add("""
                        {"sensor_id":"%s","location":"Hanoi Tây Hồ","pressure":%.1f,"vibration":%d,"maker":"Müller <GmbH>","timestamp":"%s"}""".formatted(
                        PUMP, 990 + minute / 10.0, minute % 7, NOW.minusSeconds(60L * minute)));
            }
        }
        trial.send(readings);
        trial.database().silence(Duration.ofMinutes(9));
        trial.send(List.of(Readings.json("sensor-slow", NOW.minus(Duration.ofDays(400)).toString(), 20)));
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            trial.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "390, DARK", "1280, LIGHT", "1280, DARK", "2560, LIGHT", "2560, DARK"})
    void everyScreenShowsAllSensorsAndOne(int width, ColorScheme scheme) {
        try (Look look = trial.open("/sensors", width, scheme)) {
            assertThat(look.page().locator("#sensors tbody tr")).hasCount(100);
            look.assertSound();
            look.photograph("sensors", scheme);
        }
        try (Look look = trial.open(PUMP_PAGE, width, scheme)) {
            Page page = look.page();
            assertThat(page.locator("h1")).hasText(PUMP);
            assertThat(page.locator("#values .card h2")).hasText(new String[] {"Pressure", "Vibration"});
            assertThat(page.locator("#charts figure[data-content=filled]")).hasCount(2);
            assertThat(page.locator("#readings tbody tr.late")).hasCount(40);
            look.assertSound();
            look.photograph("sensor", scheme);
        }
    }

    @Test
    void sensorsAreFoundTurnedAndOpened() {
        try (Look look = trial.open("/sensors")) {
            Page page = look.page();
            assertThat(page.locator("#sensors tbody tr")).hasCount(100);
            page.locator("#sensors .next-page").click();
            assertThat(page.locator("#sensors tbody tr")).hasCount(52);
            page.goBack();
            assertThat(page.locator("#sensors tbody tr")).hasCount(100);
            page.locator("select[name=status]").selectOption("silent");
            assertThat(page.locator("#sensors tbody tr")).hasCount(11);
            assertThat(page.locator("#sensors tbody tr").first()).containsText(Pattern.compile("silent for \\d+ min"));
            page.locator("input[name=search]").fill("HANOI");
            assertThat(page.locator("#sensors tbody tr")).hasCount(1);
            assertThat(page).hasURL(Pattern.compile(".*search=HANOI&status=silent"));
            page.locator("#sensors tbody a").click();
            assertThat(page.locator("h1")).hasText(PUMP);
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void aSensorTellsWhatItIsWhenItWasSilentAndWhatCameLate() {
        try (Look look = trial.open(PUMP_PAGE)) {
            Page page = look.page();
            assertThat(page.locator("#facts")).containsText("silent for");
            assertThat(page.locator("#facts")).containsText("Müller <GmbH>");
            assertThat(page.locator("#charts .note").first()).containsText("1 gap of 3 h");
            assertThat(page.locator("#readings .note")).containsText("40 arrived late");
            page.locator("select[name=range]").selectOption("-1h");
            assertThat(page).hasURL(Pattern.compile(".*from=-1h.*"));
            page.locator("#explore").click();
            assertThat(page).hasURL(Pattern.compile(".*/explore\\?from=-1h&metric=pressure&sensor_id=pump.*"));
            assertThat(page.locator("figure h2")).hasText("Pressure over time");
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void aSensorWithAWrongClockIsToldAndItsStateDoesNotDependOnIt() {
        try (Look look = trial.open("/sensors?search=ahead")) {
            Page page = look.page();
            assertThat(page.locator("#sensors tbody .badge")).hasText(new String[] {"online", "Clock 2 h fast"});
            page.locator("#sensors tbody a").click();
            assertThat(page.locator("#facts")).containsText("UnusualClock 2 h fast");
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void onAPhoneASensorKeepsItsNameBesideWhatIsUnusual() {
        try (Look look = trial.open("/sensors?search=sensor-slow", 390, ColorScheme.LIGHT)) {
            Locator name = look.page().locator("#sensors tbody a");
            assertThat(look.page().locator("#sensors tbody .badge")).hasCount(2);
            assertEquals(true, name.evaluate("link => link.closest('td').scrollWidth <= link.closest('td').clientWidth"), "the name is cut off");
        }
    }

    @ParameterizedTest
    @CsvSource({"/sensor, Choose a sensor from the list of sensors.", "/sensor?sensor_id=nobody, No readings of this sensor are stored. Choose a sensor from the list of sensors."})
    void aSensorThatIsNotThereIsToldSo(String path, String problem) {
        try (Look look = trial.open(path)) {
            assertThat(look.page().locator("#problem")).hasText(problem);
            assertThat(look.page().locator("#readings")).isHidden();
            look.page().locator("#problem a").click();
            assertThat(look.page()).hasURL(Pattern.compile(".*/sensors"));
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void aWrongTimeInTheAddressOfASensorIsTold() {
        try (Look look = trial.open(PUMP_PAGE + "&from=garbage")) {
            assertThat(look.page().locator("#problem")).containsText("from must be a time");
            assertThat(look.page().locator("#status")).hasAttribute("data-state", "live");
            assertThat(look.page().locator("#main")).hasAttribute("aria-busy", "false");
        }
    }
}
