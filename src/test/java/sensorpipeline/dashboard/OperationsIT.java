package sensorpipeline.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.BrowserTrial.Look;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.Readings;

/** The Operations page in a real browser. */
class OperationsIT {

    /** Faults of the records that are sent first. */
    private static final String UNTIMED = "timestamp is missing";

    private static BrowserTrial trial;

    @BeforeAll
    static void start() throws Exception {
        trial = new BrowserTrial();
        trial.send(List.of(Readings.json("s1", Instant.now().toString(), 20)));
        try (Readings devices = new Readings(trial.settings())) {
            devices.sendTo(trial.settings().text("topic.name"), IntStream.range(0, 60)
                    .mapToObj(i -> "{\"sensor_id\":\"<img src=x onerror=alert(1)>\",\"temperature\":\"hot " + i + "\"}").toList());
        }
        Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM dead_letter").equals("60"));
    }

    @AfterAll
    static void stop() {
        if (trial != null) {
            trial.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "390, DARK", "1280, LIGHT", "1280, DARK", "2560, LIGHT", "2560, DARK"})
    void tellsOnEveryScreenWhatWaitsAndWhatIsWrong(int width, ColorScheme scheme) {
        try (Look look = trial.open("/operations", width, scheme)) {
            Page page = look.page();
            assertThat(page.locator("#card-lag .value")).hasText("0", new LocatorAssertions.HasTextOptions().setTimeout(20_000));
            assertThat(page.locator("#card-rollups .value")).hasText(Pattern.compile("up to date|\\d+"));
            assertThat(page.locator("#card-retention .value")).hasText("forever");
            assertThat(page.locator("#card-dead-letters .value")).hasText(Pattern.compile("\\d+"));
            assertThat(page.locator("#card-texts .value")).hasText(Pattern.compile("\\d+"));
            assertThat(page.locator("#health tbody tr")).not().hasCount(0);
            // The card shows it.
            assertThat(page.locator("#health")).not().containsText("lag");
            assertThat(page.locator("#dead-letters tbody tr")).hasCount(50);
            look.assertSound();
            look.photograph("operations", scheme);
        }
    }

    @ParameterizedTest
    @CsvSource({"390, LIGHT", "1280, DARK"})
    void lostRecordsAreShownUntilTheyAreAcknowledged(int width, ColorScheme scheme) {
        trial.database().run("""
                INSERT INTO lost_records (tenant, topic, "partition", first_offset, last_offset, stored_at)
                VALUES ('default', 'sensor-data', 3, 1000, 1999, now() - interval '8 days'), ('default', 'sensor-data', 4, 0, 233, now() - interval '8 days')""");
        try (Look look = trial.open("/operations", width, scheme)) {
            Page page = look.page();
            Locator lost = page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Lost records"));
            assertThat(lost.locator(".note")).hasText("Kafka deleted up to 1,234 records before they were stored");
            assertThat(lost.locator("tbody tr").first()).containsText("sensor-data/4");
            assertThat(lost.locator("tbody tr").last()).containsText("1000 to 1999");
            look.assertSound();
            lost.getByRole(AriaRole.BUTTON).focus();
            page.keyboard().press("Enter");
            assertThat(lost).isHidden();
            assertEquals("0", trial.database().ask("SELECT count(*) FROM lost_records WHERE acknowledged_at IS NULL"));
            assertEquals(List.of(), look.problems());
        }
    }

    @Test
    void deadLettersAreInspectedAndReplayed() {
        try (Look look = trial.open("/operations")) {
            Page page = look.page();
            find(page, UNTIMED);
            assertThat(page.locator("#dead-letters .reason").first()).containsText(UNTIMED);
            assertThat(page.locator("#dead-letters tbody tr")).hasCount(50);
            page.locator("#dead-letters tbody button").first().click();
            assertThat(page.locator("#letter pre")).containsText("<img src=x onerror=alert(1)>");
            assertThat(page.locator("#letter")).containsText(trial.settings().text("topic.name"));
            page.keyboard().press("Escape");
            assertThat(page.locator("#letter")).isHidden();
            page.locator("#dead-letters .next-page").click();
            assertThat(page.locator("#dead-letters tbody tr")).hasCount(10);
            page.locator("#choose-all").check();
            assertThat(page.locator("button[name=replay]")).hasText("Replay 10");
            page.locator("button[name=replay]").click();
            assertThat(page.locator("#dead-letters .note")).hasText("10 will be sent to Kafka again");
            Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM dead_letter WHERE status = 'replayed' AND reason LIKE '%" + UNTIMED + "%'").equals("10"));
            page.locator("select[name=status]").selectOption("replayed");
            assertThat(page.locator("#dead-letters tbody tr")).hasCount(10);
            assertEquals(List.of(), look.problems());
        }
    }

    private static void find(Page page, String reason) {
        page.locator("input[name=reason]").fill(reason);
        page.keyboard().press("Enter");
    }

    @Test
    void deadLettersWithOneReasonAreFoundAndReplayedTogether() {
        try (Readings devices = new Readings(trial.settings()); Look look = trial.open("/operations")) {
            long before = Long.parseLong(trial.database().ask("SELECT count(*) FROM dead_letter"));
            devices.sendTo(trial.settings().text("topic.name"), IntStream.range(0, 70).mapToObj(i -> "no JSON " + i).toList());
            Awaitility.await().until(() -> trial.database().ask("SELECT count(*) FROM dead_letter").equals(String.valueOf(before + 70)));
            Page page = look.page();
            Locator all = page.locator("button[name=replay-all]");
            assertThat(all).isDisabled();
            String reason = trial.database().ask("SELECT reason FROM dead_letter ORDER BY id DESC LIMIT 1");
            find(page, reason);
            assertThat(all).isEnabled();
            assertThat(page.locator("#dead-letters .reason").first()).hasText(reason);
            all.click();
            assertThat(page.locator("#dead-letters .note")).hasText("70 will be sent to Kafka again");
            assertEquals(List.of(), look.problems());
        }
    }

    @ParameterizedTest
    @CsvSource({"390", "1280"})
    void allThatMatchAreDiscardedAfterADialogThatNamesTheirNumber(int width) {
        String reason = "flood of " + width;
        trial.database().run("""
                INSERT INTO dead_letter (tenant, topic, "partition", "offset", received_at, record_time, refused_at, reason, headers)
                SELECT 'default', '%1$s', 0, n, now(), 0, now() - interval '1 day' + n * interval '1 millisecond', '%1$s', '[]' FROM generate_series(1, 12345) AS n""".formatted(reason));
        try (Look look = trial.open("/operations", width, ColorScheme.LIGHT)) {
            Page page = look.page();
            Locator all = page.locator("button[name=discard-all]");
            Locator dialog = page.locator("#discard");
            Locator note = page.getByRole(AriaRole.STATUS).and(page.locator("#dead-letters .note"));
            page.locator("select[name=status]").selectOption("replaying");
            assertThat(all).isDisabled();
            page.locator("select[name=status]").selectOption("");
            assertThat(all).isDisabled();
            page.locator("select[name=status]").selectOption("waiting");
            find(page, reason);
            assertThat(page.locator("#dead-letters .reason").first()).hasText(reason);
            all.focus();
            page.keyboard().press("Enter");
            assertThat(page.getByRole(AriaRole.DIALOG, new Page.GetByRoleOptions().setName("Discard 12,345 dead letters?"))).isVisible();
            assertThat(dialog).containsText("All whose reason contains “" + reason + "” and that are waiting will be deleted");
            assertThat(dialog.getByText("Cancel")).isFocused();
            look.assertSound();
            page.keyboard().press("Escape");
            assertThat(note).hasText("Nothing discarded");
            assertThat(all).isFocused();
            assertEquals("12345", trial.database().ask("SELECT count(*) FROM dead_letter WHERE reason = '%s'".formatted(reason)));
            page.keyboard().press("Enter");
            assertThat(dialog).isVisible();
            page.keyboard().press("Tab");
            assertThat(dialog.getByText("Discard 12,345", new Locator.GetByTextOptions().setExact(true))).isFocused();
            page.keyboard().press("Enter");
            assertThat(note).hasText("12,345 discarded");
            assertThat(dialog).isHidden();
            assertThat(page.locator("#dead-letters tbody tr")).hasCount(0);
            assertThat(page.locator("#dead-letters .message")).hasText("No matching dead letters");
            assertEquals("0", trial.database().ask("SELECT count(*) FROM dead_letter WHERE reason = '%s'".formatted(reason)));
            assertEquals(List.of(), look.problems());
        }
    }
}
