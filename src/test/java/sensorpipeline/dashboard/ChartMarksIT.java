package sensorpipeline.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.EmptyPage;

/** Which limits and alerts a chart shows, and in which words: the modules alone, in a real browser on an empty page. */
class ChartMarksIT {

    private static EmptyPage empty;

    @BeforeAll
    static void start() {
        empty = BrowserTrial.emptyPage();
    }

    @AfterAll
    static void stop() {
        if (empty != null) {
            empty.close();
        }
    }

    /** Limits of a chart whose values are from 60 to 120, or as given. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "60 120     | 100             | 100        | ",
        "60 120     | 140 400         | 140        | 400",
        "60 120     | 180             | 180        | ",
        "60 120     | 180.1           |            | 180.1",
        "94.5 97.5 | 80             |            | 80",
        "60 120     | 0 180           | 0          | 180",
        "60 120     | 40 140          | 40 140     | ",
        "60 120     | 90 91 92 93 94 95 96 | 90 91 92 93 94 95 | 96",
        "20 20      | 21 30           | 21         | 30",
        "0 0        | 1               |            | 1",
        "-1e300 1e300 | 5             | 5          | ",
    })
    void valuesKeepHalfOfTheHeightWhereverLimitsAre(String values, String limits, String drawn, String far) {
        assertEquals("\"%s | %s\"".formatted(drawn == null ? "" : drawn, far == null ? "" : far), empty.evaluate("components/chart-marks", """
                (() => {
                  const [values, limits] = JSON.parse(given).map((text) => text.split(' ').map(Number));
                  const { drawn, far } = m.limitsInSight(limits.map((value) => ({ value, text: `above ${value}` })), ...values);
                  return [drawn, far].map((some) => some.map(({ value }) => value).join(' ')).join(' | ');
                })()""", "[\"%s\",\"%s\"]".formatted(values, limits)));
    }

    @Test
    void whereLimitsMatterMoreValuesMayHaveLess() {
        assertEquals("[1,0]", empty.evaluate("components/chart-marks", "[0.15, 0.5].map((share) => m.limitsInSight([{ value: 400, text: 'above 400' }], 60, 120, share).drawn.length)", ""));
    }

    @Test
    void theSameLimitOfTwoRulesIsOneLine() {
        assertEquals("1", empty.evaluate("components/chart-marks",
                "m.limitsInSight([{ value: 5, text: 'critical above 5' }, { value: 5, text: 'critical above 5' }], 1, 9).drawn.length", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{ severity: 'critical', above: 140 } | critical above 140",
        "{ severity: 'critical', below: 0.05 } | critical below 0.05",
        "{ severity: 'info', outside: [1013.25, 1234567] } | info below 1,013.25, info above 1,234,567",
        "{ levels: [{ severity: 'warning', above: 120 }, { severity: 'critical', above: 140 }] } | warning above 120, critical above 140",
        "{ severity: 'critical', above: 140, limits: { 'bed-3': 150 } } | critical above 150",
        "{ severity: 'critical', below: 140, limits: { 'bed-3': 0 } } | critical below 0",
        "{ severity: 'critical', above: 140, limits: { 'bed-4': 150 } } | critical above 140",
        "{ severity: 'critical', above: 140, sensors: ['bed-*'], locations: ['icu*'] } | critical above 140",
        "{ severity: 'critical', above: 140, sensors: ['bed-4', 'chair-*'] } | ",
        "{ severity: 'critical', above: 140, locations: ['ward-*'] } | ",
        "{ severity: 'critical', above: 140, schedule: { from: '22:00', to: '06:00' } } | critical above 140 at certain hours",
        "{ severity: 'critical', silent_for: '10m' } | ",
        "{ severity: 'critical', rate: '5m', above: 2 } | ",
        "{ severity: 'critical', metric: 'spo2', below: 90 } | ",
        "{ severity: 'critical', metric: undefined, when: 'heart_rate > 120' } | ",
    })
    void limitsAreThoseOfTheRulesThatApplyToTheSensorAndMetric(String rule, String told) {
        assertEquals("\"" + (told == null ? "" : told) + "\"", empty.evaluate("components/thresholds", """
                m.thresholdsOf([{ metric: 'heart_rate', ...%s }], { metric: 'heart_rate', sensor_id: 'bed-3', location: 'icu-1' }).map(({ text }) => text).join(', ')""".formatted(rule), ""));
    }

    @Test
    void aRuleThatIsBeingWrittenHasItsLimitsWhateverTheSensor() {
        assertEquals("[140]", empty.evaluate("components/thresholds", """
                m.thresholdsOf([{ metric: 't', severity: 'info', above: 140, sensors: ['bed-*'], limits: { 'bed-3': 150 } }], { metric: 't' }).map(({ value }) => value)""", ""));
    }

    /** As in rules/NamePatterns. */
    @ParameterizedTest
    @CsvSource({"bed-*, bed-3, true", "bed-*, bed-, true", "bed-*, a bed-3, false", "*, x, true", "*bed*3, my bed-23, true", "*bed*3, my bed-24, false", "bed-3, bed-3, true", "bed-3, bed-33, false",
        "a*b*a, aba, true", "a*b*a, ab, false", "**, x, true", "bed.3, bed-3, false"})
    void patternsMatchAsInTheServer(String pattern, String name, boolean isMatch) {
        assertEquals(String.valueOf(isMatch), empty.evaluate("components/thresholds", "m.isMatch(['%s'], '%s')".formatted(pattern, name), ""));
    }

    @Test
    void aSensorWithoutALocationMatchesNoPatternOfLocations() {
        assertEquals("[false,true]", empty.evaluate("components/thresholds", "[m.isMatch(['*'], null), m.isMatch(undefined, null)]", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "heart_rate | 1 3 4 5",
        "flow-rate  | 2 4 5",
        "rate       | 4 5",
    })
    void alertsAreInTheChartsOfTheMetricsThatTheyConcern(String metric, String rules) {
        assertEquals("\"" + rules + "\"", empty.evaluate("components/thresholds", """
                m.spansOf([[1, 'heart_rate'], [2, 'flow-rate'], [3, null], [2, null], [4, null], [5, null]].filter(([id, metric]) => id !== 2 || metric === null)
                  .map(([rule_id, metric]) => ({ rule_id, metric, severity: 'info', fired_at: '2025-01-15T10:30:00Z', cleared_at: null, message: String(rule_id) })),
                  { metric: given, rules: [{ id: 3, when: 'heart_rate > 120 && spo2 < 90' }, { id: 2, when: 'metric["flow-rate"] > 1' }, { id: 4, silent_for: '10m' }] }).map(({ text }) => text).join(' ')""", metric));
    }

    @Test
    void alertsAreCountedBySeverityInWords() {
        assertEquals("\"Alerts: ▲ 2 critical, 1 firing; ! 1 warning, firing; Not shown on this chart: info below 5\"", empty.evaluate("components/chart-marks", """
                m.describeMarks({ far: [{ text: 'info below 5' }], alerts: [{ severity: 'warning' }, { severity: 'critical' }, { severity: 'critical', to: 7 }] })
                  .map((part) => part.textContent).join('; ').replace(':;', ':')""", ""));
    }

    @Test
    void alertsOfAnIntervalAreThoseThatWereFiringInIt() {
        assertEquals("\"c a b\"", empty.evaluate("components/chart-marks", """
                m.alertsAt([{ from: 0, to: 10, severity: 'warning', text: 'a' }, { from: 15, severity: 'warning', text: 'b' }, { from: 0, severity: 'critical', text: 'c' },
                            { from: 0, to: 9, severity: 'critical', text: 'over' }, { from: 20, severity: 'critical', text: 'later' }], 10, 20).map(({ text }) => text).join(' ')""", ""));
    }

    @Test
    void tablesForScreenReadersHaveLimitsAndAlerts() {
        assertEquals("[{\"caption\":\"Limits\",\"columns\":[\"Limit\"],\"rows\":[[\"critical above 140\"]]},{\"caption\":\"Alerts\",\"columns\":[\"From\",\"To\",\"Severity\",\"Alert\"],"
                + "\"rows\":[[\"10:00:00\",\"still firing\",\"critical\",\"heart_rate is 152\"]]}]", empty.evaluate("components/chart-marks", """
                (() => {
                  const from = new Date('2026-03-05T10:00').getTime();
                  return m.marksTables({ thresholds: [{ text: 'critical above 140' }], alerts: [{ from, severity: 'critical', text: 'heart_rate is 152' }] }, from + 1);
                })()""", ""));
    }
}
