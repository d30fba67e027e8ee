package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Services;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;

/** What pages other than that of alerts show of them: in charts, in the list of sensors, on the overview and in the header. */
class AlertStateIT {

    private static BrowserTrial trial;
    private static Readings devices;
    private static Http api;

    /** Half a day of two metrics of a bed, and another bed. */
    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial(Services.ALERTS);
        devices = new Readings(trial.settings());
        api = new Http(trial.settings().port("api.port"));
        List<String> readings = new ArrayList<>();
        for (int minute = 720; minute > 0; minute -= 5) {
            readings.add("""
                    {"sensor_id":"bed-1","location":"icu-1","heart_rate":%.1f,"spo2":%.1f,"timestamp":"%s"}""".formatted(
                    95 + 25 * Math.sin(minute / 90.0), 96 + 1.5 * Math.cos(minute / 70.0), Instant.now().minusSeconds(60L * minute)));
        }
        readings.add("{\"sensor_id\":\"bed-2\",\"location\":\"icu-1\",\"heart_rate\":80,\"timestamp\":\"%s\"}".formatted(Instant.now()));
        trial.send(readings);
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            devices.close();
            trial.close();
        }
    }

    @AfterEach
    void deleteAll() {
        for (JsonNode rule : Http.json(api.get("/alert-rules")).path("data")) {
            assertEquals(200, api.call("DELETE", "/alert-rules/" + rule.path("id").asText()).statusCode());
        }
        Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM alert WHERE state = 'firing' AND rule_id < 1000").equals("0"));
        trial.database().run("DELETE FROM alert");
    }

    private static void addRule(String fields) {
        HttpResponse<String> answer = api.post("/alert-rules", "{" + fields + "}");
        assertEquals(201, answer.statusCode(), answer.body());
    }

    private static void addLevels() {
        addRule("\"name\":\"Tachycardia\",\"metric\":\"heart_rate\",\"levels\":[{\"severity\":\"warning\",\"above\":120},{\"severity\":\"critical\",\"above\":140}]");
    }

    private static void send(String sensor, double heartRate) {
        devices.send("{\"sensor_id\":\"%s\",\"location\":\"icu-1\",\"heart_rate\":%s,\"timestamp\":\"%s\"}".formatted(sensor, heartRate, Instant.now()));
    }

    /** Sends a reading that fires an alert, and waits until the REST API has it. */
    private static void fire(String sensor, double heartRate) {
        send(sensor, heartRate);
        Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM alert WHERE state = 'firing' AND sensor_id = '%s'".formatted(sensor)).equals("1"));
    }

    /** An alert of the past, or one that fires since: minutes ago. */
    private static void insert(String sensor, String severity, String metric, int fired, Integer cleared) {
        trial.database().run("""
                INSERT INTO alert (alert_id, tenant, rule_id, rule, severity, sensor_id, location, metric, value, state, late, flapping, started_at, fired_at, cleared_at, message, revision)
                VALUES (gen_random_uuid(), 'default', 1000, 'Old', '%1$s', '%2$s', 'icu-1', %3$s, 1, '%4$s', false, false, now() - interval '%5$d minutes', now() - interval '%5$d minutes',
                    %6$s, 'old %1$s', 1)""".formatted(severity, sensor, metric == null ? "NULL" : "'" + metric + "'", cleared == null ? "firing" : "cleared", fired,
                cleared == null ? "NULL" : "now() - interval '" + cleared + " minutes'"));
    }

    private static void assertShowsData(Page page) {
        assertThat(page.locator("#main")).hasAttribute("aria-busy", "false");
    }

    private static Locator chart(Page page, String metric) {
        return page.locator("#charts figure").filter(new Locator.FilterOptions().setHas(page.locator("h2:text-is('" + metric + "')")));
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "390, DARK", "1280, LIGHT", "1280, DARK", "2560, LIGHT", "2560, DARK"})
    void theChartsOfASensorShowLimitsAndAlerts(int width, ColorScheme scheme) {
        addLevels();
        addRule("\"name\":\"Ward only\",\"metric\":\"heart_rate\",\"severity\":\"info\",\"above\":130,\"locations\":[\"ward-*\"]");
        addRule("\"name\":\"Hypoxia\",\"metric\":\"spo2\",\"severity\":\"critical\",\"below\":80");
        insert("bed-1", "warning", "heart_rate", 500, 460);
        insert("bed-1", "critical", "heart_rate", 490, 470);
        insert("bed-1", "info", null, 200, 170);
        insert("bed-1", "critical", "heart_rate", 3000, 2000);
        fire("bed-1", 152);
        try (Look look = trial.open("/sensor?sensor_id=bed-1&from=-24h", width, scheme)) {
            Page page = look.page();
            assertShowsData(page);
            Locator heart = chart(page, "Heart rate");
            assertThat(heart.locator(".below")).hasText(Pattern.compile("Alerts: ?▲ 2 critical, 1 firing ?! 1 warning ?● 1 info"));
            assertThat(chart(page, "Spo2").locator(".below")).hasText(Pattern.compile("Alert: ?● 1 info ?Not shown on this chart: critical below 80"));
            assertThat(heart.locator("caption")).hasText(new String[] {"Heart rate", "Heart rate: Limits", "Heart rate: Alerts"});
            assertThat(heart.locator("table").nth(1).locator("tbody tr")).hasText(new String[] {"warning above 120", "critical above 140"});
            assertThat(heart.locator("table").nth(2).locator("tbody tr").first()).hasText(Pattern.compile(".*still firing.*critical.*Heart rate is 152, above 140"));
            assertThat(page.locator("#open-alerts li")).hasText(new Pattern[] {Pattern.compile("critical ?Tachycardia Heart rate is 152, above 140 ?fired .* ago")});
            look.assertSound();
            look.photograph("sensor-alerts", scheme);
            assertTrue((Boolean) page.evaluate("Chart.getChart([...document.querySelectorAll('#charts figure')].find((one) => one.textContent.includes('Spo2')).querySelector('canvas')).scales.y.min > 85"),
                    "the limit at 80 does not squeeze values above 94");
        }
    }

    /** What each page asks every five seconds: one request for the number in the header, and one for the alerts of its sensor. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/                             | data/latest data/series data/stats open-alerts",
        "/explore                      | data/readings data/series open-alerts",
        "/explore?sensor_id=bed-1      | alerts data/readings data/series open-alerts",
        "/sensors                      | open-alerts sensors",
        "/sensor?sensor_id=bed-1       | alerts data/latest data/readings data/series data/series open-alerts sensors",
        "/operations                   | data/stats dead-letters health lost-records open-alerts pipeline",
    })
    void alertsCostAPageOneOrTwoRequestsARound(String path, String requests) {
        try (BrowserContext browser = trial.context(1280, ColorScheme.LIGHT)) {
            List<String> asked = new ArrayList<>();
            browser.onRequest(request -> {
                if (request.url().contains("/api/") && !request.url().endsWith("/stream")) {
                    asked.add(request.url().replaceFirst(".*/api/([^?]*).*", "$1"));
                }
            });
            Page page = trial.open(browser, path).page();
            assertShowsData(page);
            page.waitForCondition(() -> Collections.frequency(asked, "open-alerts") >= 3);
            // From the second round on, nothing is asked that is asked once a minute.
            List<String> later = asked.subList(asked.indexOf("open-alerts") + 1, asked.size());
            List<String> round = later.subList(later.indexOf("open-alerts") + 1, later.size());
            assertEquals(requests, String.join(" ", round.subList(0, round.indexOf("open-alerts") + 1).stream().sorted().toList()));
        }
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "1280, DARK"})
    void theListOfSensorsShowsOpenAlertsAndFindsThoseThatHaveSome(int width, ColorScheme scheme) {
        insert("bed-1", "warning", "spo2", 30, null);
        insert("bed-1", "critical", "heart_rate", 20, null);
        try (Look look = trial.open("/sensors", width, scheme)) {
            Page page = look.page();
            Locator rows = page.locator("#sensors tbody tr");
            assertThat(rows).hasCount(2);
            assertThat(rows.first().locator(".alerts")).hasText(Pattern.compile("critical ?2 open"));
            assertThat(rows.nth(1).locator(".alerts")).isEmpty();
            look.assertSound();
            look.photograph("sensors-alerts", scheme);
            page.locator("select[name=alerts]").selectOption("open");
            assertThat(rows).hasCount(1);
            assertThat(page).hasURL(Pattern.compile(".*/sensors\\?alerts=open"));
            page.locator("#sensors .alerts a").click();
            assertThat(page).hasURL(Pattern.compile(".*/alerts\\?sensor_id=bed-1"));
            assertThat(page.locator("#alerts tbody tr")).hasCount(2);
            look.assertSound();
        }
    }

    @Test
    void thePageOfAlertsShowsThoseOfOneSensorUntilAllAreWanted() {
        addLevels();
        insert("bed-1", "warning", "spo2", 30, null);
        try (Look look = trial.open("/alerts?sensor_id=bed-1")) {
            Page page = look.page();
            assertThat(page.locator("#alerts tbody tr")).hasCount(1);
            assertThat(page.locator("#chosen-sensor")).containsText("Sensor bed-1");
            Awaitility.await().until(() -> trial.listeners() == 1);
            // The stream tells of all sensors.
            fire("bed-2", 150);
            assertThat(page.locator("#alert-count")).containsText("2 open, the most severe is critical");
            assertThat(page.locator("#alerts tbody tr")).hasCount(1);
            page.locator("button[name=all]").press("Enter");
            assertThat(page.locator("#alerts tbody tr")).hasCount(2);
            assertThat(page.locator("#chosen-sensor")).isHidden();
            assertThat(page.locator("#news")).isEmpty();
            page.goBack();
            assertThat(page.locator("#alerts tbody tr")).hasCount(1);
            assertThat(page.locator("#chosen-sensor")).isVisible();
            assertEquals(List.of(), look.problems());
        }
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "390, DARK", "1280, LIGHT", "1280, DARK", "2560, LIGHT", "2560, DARK"})
    void theOverviewCountsOpenAlertsAndTellsTheNewest(int width, ColorScheme scheme) {
        insert("bed-1", "warning", "spo2", 30, null);
        insert("bed-1", "critical", "heart_rate", 40, null);
        insert("bed-2", "warning", "heart_rate", 20, null);
        try (Look look = trial.open("/", width, scheme)) {
            Page page = look.page();
            assertThat(page.locator("#open-alerts .counts li")).hasText(new String[] {"1 critical", "2 warning"});
            assertThat(page.locator("#open-alerts .newest")).hasText(Pattern.compile("Newest: bed-2, icu-1: old warning \\(.*"));
            assertShowsData(page);
            look.assertSound();
            look.photograph("overview-alerts", scheme);
        }
    }

    @Test
    void theOverviewIsToldByTheStream() {
        addLevels();
        try (Look look = trial.open("/")) {
            Page page = look.page();
            assertThat(page.locator("#open-alerts .message")).hasText("No open alerts.");
            assertThat(page.locator("#alert-count")).containsText("none open");
            Awaitility.await().until(() -> trial.listeners() == 1);
            page.route("**/api/open-alerts*", route -> { });
            send("bed-2", 150);
            assertThat(page.locator("#open-alerts .newest")).containsText("bed-2, icu-1: Heart rate is 150, above 140");
            assertThat(page.locator("#alert-count")).containsText("1 open, the most severe is critical");
            send("bed-2", 80);
            assertThat(page.locator("#open-alerts .message")).hasText("No open alerts.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/explore", "/sensors", "/sensor?sensor_id=bed-1", "/operations"})
    void pagesThatAreNotOnTheStreamAskForTheNumber(String path) {
        insert("bed-1", "warning", "spo2", 30, null);
        try (Look look = trial.open(path)) {
            Page page = look.page();
            assertThat(page.locator("#alert-count")).containsText("1 open, the most severe is warning");
            insert("bed-2", "critical", "heart_rate", 1, null);
            assertThat(page.locator("#alert-count")).containsText("2 open, the most severe is critical");
            assertEquals(0, trial.listeners());
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void exploreShowsTheAlertsOfTheOnlySensor() {
        insert("bed-1", "warning", "heart_rate", 500, 460);
        try (Look look = trial.open("/explore?metric=heart_rate&sensor_id=bed-1")) {
            Page page = look.page();
            assertThat(page.locator("figure .below")).hasText(Pattern.compile("Alert: ?! 1 warning"));
            assertEquals(List.of(), look.problems());
        }
    }
}
