package sensorpipeline.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.EmptyPage;

/** Unit tests of the pages' modules, in a real browser on an empty page. */
class ComponentsIT {

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

    @BeforeEach
    void clear() {
        empty.page().evaluate("document.body.replaceChildren()");
    }

    private static String evaluate(String module, String script, String given) {
        return empty.evaluate(module, script, given);
    }

    private static String evaluate(String module, String script) {
        return evaluate(module, script, "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "heart_rate co2 | Heart rate, Co2",
        "temperature Temperature | temperature, Temperature",
        "co2 CO2 humidity | co2, CO2, Humidity",
        "heart_rate heart-rate | Heart rate, Heart-rate",
        "time Time arrived | time, \"Time\", arrived",
        "constructor __proto__ toString | Constructor, Proto, ToString",
        "caf\u00e9 cafe\u0301 | \"caf\\u00e9\", \"cafe\\u0301\"",
    })
    void metricsThatLookAlikeAreToldApart(String metrics, String labels) {
        assertEquals("\"" + labels.replace("\\", "\\\\").replace("\"", "\\\"") + "\"", evaluate("components/metrics",
                "(() => { const all = given.split(' '); const names = m.namesOf(all, ['Time', 'Sensor', 'Location', 'Arrived']); return all.map(names.label).join(', '); })()",
                metrics));
    }

    @Test
    void declaredMetricsHaveTheirNameAndUnitEverywhere() {
        assertEquals("[\"Energy\",\"Energy\",\"7 kWh\",\"7 kWh\",\"20.0 °F\",\"Heart rate\",\"7\"]", evaluate("components/metrics", """
                (() => {
                  m.declare([{ metric: 'e_total', display_name: 'Energy', unit: 'kWh', kind: 'counter' }, { metric: 'temperature', display_name: null, unit: '°F', kind: 'gauge' },
                             { metric: 'heart_rate', display_name: null, unit: null, kind: 'gauge' }]);
                  const names = m.namesOf(['e_total', 'heart_rate']);
                  return [names.label('e_total'), names.words('e_total'), m.formatValue('e_total', 7), m.formatTick('e_total', 7), m.formatValue('temperature', 20),
                          names.label('heart_rate'), m.formatValue('heart_rate', 7)].map((text) => text.replaceAll('\\u00a0', ' '));
                })()"""));
    }

    @ParameterizedTest
    @CsvSource({"constructor", "__proto__", "toString", "hasOwnProperty"})
    void aMetricThatAReadingLacksHasNoValueWhateverItsName(String metric) {
        assertEquals("[null,\"–\",7,[[\"" + metric + "\",7]]]", evaluate("components/metrics", """
                (() => {
                  const without = JSON.parse('{"sensor_id":"s","temperature":1}');
                  const having = JSON.parse(`{"sensor_id":"s","${given}":7}`);
                  return [m.valueOf(without, given) ?? null, m.formatValue(given, m.valueOf(without, given)), m.valueOf(having, given), m.valuesOf(having)];
                })()""", metric));
    }

    /** Numbers of sensors and locations of an answer, and whether it was truncated. */
    @ParameterizedTest
    @CsvSource({"10, 3, false, location", "1000, 3, true, location", "700, 1000, true, location 1000", "1000, 1, true, sensor 1000", "400, 1, false, sensor"})
    void whatIsComparedIsToldWhereItIsNotAll(int sensors, int locations, boolean isTruncated, String told) {
        assertEquals("\"" + told + "\"", evaluate("components/figures", """
                (() => {
                  const [sensors, locations, truncated] = JSON.parse(given);
                  const stats = {
                    overall: { total_events: 100000 },
                    truncated,
                    by_sensor: Array.from({ length: sensors }, (_, number) => ({ sensor_id: `s-${number}`, event_count: 1 })),
                    by_location: Array.from({ length: locations }, (_, number) => ({ location: `l-${number}`, event_count: 1 })),
                  };
                  const { by, compared } = m.distribution(stats, 8);
                  return compared === undefined ? by : `${by} ${compared}`;
                })()""", "[%d,%d,%s]".formatted(sensors, locations, isTruncated)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "icu-1 icu-2 ward-1 ward-2 ward-3                 | icu-* 2, ward-* 3",
        "a/1/x a/1/y a/2/x b/1/x                          | a/1/* 2, a/2/x 1, b/1/x 1",
        "h1/a/1 h1/a/2 h1/b/1 h1/c/1 h1/d/1               | ",
        "h1/a/1 h1/a/2 h2/b/1 h2/c/1 h2/d/1 h2/e/1        | h1/* 2, h2/* 4",
        "room-1 room-2 room-3                             | ",
        "constructor __proto__.1 __proto__.2              | constructor 1, __proto__.* 2",
        "-1 -2 x-                                         | ",
    })
    void locationsAreGroupedByHowTheirNamesBegin(String names, String groups) {
        assertEquals(groups == null ? "null" : "\"" + groups + "\"", evaluate("components/figures",
                "(() => { const groups = m.groupsOf(given.trim().split(' '), 3); return groups ? [...groups].map(([name, members]) => `${name} ${members.length}`).join(', ') : null; })()", names));
    }

    @Test
    void ofManySensorsTheHighestAndTheLowestAveragesAreCompared() {
        assertEquals("[[\"s-9\",\"s-8\",\"s-1\",\"s-0\"],10,[\"s-0\",\"s-1\",\"s-2\"]]", evaluate("components/figures", """
                (() => {
                  const sensors = Array.from({ length: 10 }, (_, number) => ({ sensor_id: `s-${number}`, count_t: 1, avg_t: number, min_t: number, max_t: number }));
                  const { shown, total } = m.averagesBySensor([...sensors, { sensor_id: 'vane', count_t: 1, avg_t: null }], 't', 4);
                  return [shown.map((one) => one.name), total, m.averagesBySensor(sensors.slice(0, 3).reverse(), 't', 4).shown.map((one) => one.name)];
                })()"""));
    }

    @Test
    void manyLocationsShareASliceAndNoEventIsLeftOut() {
        assertEquals("[\"group\",[\"icu-* 10 of 10\",\"No location 5 of 1\",\"ward-* 20 of 20\",\"All others 65\"]]", evaluate("components/figures", """
                (() => {
                  const stats = {
                    overall: { total_events: 100 }, truncated: false, by_sensor: [],
                    by_location: Array.from({ length: 30 }, (_, number) => ({ location: `${number < 10 ? 'icu' : 'ward'}-${number}`, event_count: 1 })).concat({ location: null, event_count: 5 }),
                  };
                  const { by, slices } = m.distribution(stats, 8);
                  return [by, slices.map((slice) => `${slice.name} ${slice.events}${slice.isOther ? '' : ` of ${slice.locations}`}`)];
                })()"""));
    }

    /** Numbers of readings in five-minute intervals; "-" is a gap. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "every hour | 1 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 1 | 1 1 1",
        "every hour, one missing | 1 0 0 0 0 0 1 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 1 | 1 1 1 - 1",
        "every minute | 5 5 5 0 5 5 | 5 5 5 - 5 5",
        "every five minutes, once just after the interval | 1 1 1 0 2 1 | 1 1 1 2 1",
        "every five minutes, twice missing | 1 1 1 0 0 1 1 | 1 1 1 - 1 1",
        "many at once every half hour | 90 0 0 0 0 0 90 0 0 0 0 0 90 | 90 90 90",
        "twice at all | 0 1 0 0 0 0 1 | 1 1",
        "once | 0 0 3 0 | 3",
        "never | 0 0 | ''",
    })
    void aGapIsLongerThanTheSensorsOwnPace(String pace, String counts, String drawn) {
        assertEquals("\"" + drawn + "\"", evaluate("components/gaps", """
                (() => {
                  const points = given.split(' ').map((count, place) => ({ time: new Date(place * 300000).toISOString(), count: Number(count) }));
                  return m.withGaps(points, new Date(points.length * 300000).toISOString()).map((point) => point?.count ?? '-').join(' ');
                })()""", counts), pace);
    }

    @Test
    void aGapIsAsLongAsTheTimeWithoutReadings() {
        assertEquals("[180000]", evaluate("components/gaps", """
                m.gapsOf([5, 5, 0, 0, 0, 5].map((count, place) => ({ time: new Date(place * 60000).toISOString(), count })), new Date(360000).toISOString())"""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "free_bytes  | 19712345678     | 19.71 G  | 19,712,345,678",
        "free_bytes  | 19700000000     | 19.7 G   | 19,700,000,000",
        "free_bytes  | -999999999      | -1 G     | -999,999,999",
        "free_bytes  | 9999999         | 9,999,999 | 9,999,999",
        "free_bytes  | 12345678        | 12.35 M  | 12,345,678",
        "free_bytes  | 512e12          | 512 T    | 512,000,000,000,000",
        "free_bytes  | 999999999999999 | 1E15     | 999,999,999,999,999",
        "free_bytes  | 1e15            | 1E15     | 1E15",
        "free_bytes  | -1.7e308        | -1.7E308 | -1.7E308",
        "free_bytes  | 1e-9            | 1E-9     | 1E-9",
        "free_bytes  | 0.012345        | 0.01235  | 0.01235",
        "free_bytes  | true            | true     | true",
        "free_bytes  | null            | –        | –",
        "temperature | 21.437          | 21.4 °C  | 21.4 °C",
        "temperature | 19712345678     | 19.71 G °C | 19,712,345,678 °C",
    })
    void largeNumbersAreShortOnCardsAndCompleteInTables(String metric, String value, String shortText, String full) {
        assertEquals("[\"" + shortText + "\",\"" + full + "\"]", evaluate("components/metrics",
                "[m.formatShortValue, m.formatValue].map((format) => format('%s', %s).replaceAll('\\u00a0', ' '))".formatted(metric, value)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"free_bytes | 19700000000 | 19.7 G", "free_bytes | 0 | 0", "temperature | 20 | 20 °C", "huge | 1.7e308 | 1.7E308"})
    void anAxisHasShortNumbers(String metric, String value, String text) {
        assertEquals("\"" + text + "\"", evaluate("components/metrics", "m.formatTick('%s', %s).replaceAll('\\u00a0', ' ')".formatted(metric, value)));
    }

    /** In the browser's time zone. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "2026-02-01T00:00 2026-03-01T00:00 | Feb 1 to Feb 28",
        "2026-03-01T00:00 2026-04-01T00:00 | Mar 1 to Mar 31",
        "2024-01-01T00:00 2025-01-01T00:00 | Jan 1, 2024 to Dec 31, 2024",
        "2026-03-05T00:00 2026-03-06T00:00 | Mar 5",
        "2026-03-05T23:00 2026-03-06T00:00 | Mar 5, 23:00 to 00:00",
        "2026-03-05T23:30 2026-03-06T00:30 | Mar 5, 23:30 to Mar 6, 00:30",
        "2026-03-05T11:00:10 2026-03-05T11:00:20 | Mar 5, 11:00:10 to 11:00:20",
    })
    void anIntervalIsToldWithItsOwnLength(String interval, String text) {
        assertEquals("\"" + text + "\"", evaluate("components/formatting",
                "m.describeSpan(...given.split(' ').map((time) => new Date(time).getTime()), new Date('2026-06-01T00:00').getTime())", interval));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", value = {
        "none | none | Offline | offline | false | the server does not respond",
        "502 | api_unreachable | Offline | offline | false | the server does not respond",
        "504 | none | Offline | offline | false | the server does not respond",
        "401 | none | Logged out | refused | true | log in to see current readings",
        "403 | forbidden | No access | refused | true | your account has no access to this; ask an administrator",
        "429 | too_many_requests | Paused | delayed | false | too many requests from this account or address",
        "503 | database_unavailable | Unavailable | offline | false | the database is not available",
        "404 | unknown_rule | Not found | stale | false | the rule has been deleted in the meantime",
        "404 | not_found | Error | offline | false | the server reports an error (404 not_found)",
        "503 | any | Unavailable | offline | false | the service is temporarily unavailable",
        "500 | internal_error | Error | offline | false | the server reports an error (500 internal_error)",
    })
    void failuresAreToldApart(Integer status, String code, String word, String state, boolean isRefused, String reason) {
        assertEquals("\"%s %s %s %s\"".formatted(word, state, isRefused, reason), evaluate("frame/failures", """
                (() => {
                  const { status, code } = JSON.parse(given);
                  const { word, state, isRefused, reason } = m.describeFailure({ status, code, message: m.reasonOf(status, code) });
                  return [word, state, isRefused, reason].join(' ');
                })()""", (status == null ? "{" : "{\"status\":" + status) + (code == null ? "}" : (status == null ? "" : ",") + "\"code\":\"" + code + "\"}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "added | {\"message\":\"why\"} | It is not known whether it was added: why. Look for it in the list before you add it again.",
        "deleted | {\"status\":502,\"message\":\"why\"} | It is not known whether it was deleted: why.",
        "added | {\"status\":503,\"message\":\"why\"} | Could not be added: why",
    })
    void aChangeWhoseResponseIsLostMayHaveBeenMade(String done, String error, String text) {
        assertEquals("\"" + text + "\"", evaluate("frame/failures", "m.describeUndone('" + done + "', JSON.parse(given))", error));
    }

    @Test
    void whatStandsByItselfIsASentence() {
        assertEquals("\"It is not known whether they were replayed: why.\"", evaluate("frame/failures", "m.describeUndone('replayed', { message: 'why' }, 'they were')"));
        assertEquals("\"No rule has this id.\"", evaluate("frame/failures", "m.asSentence('no rule has this id')"));
    }

    @ParameterizedTest
    @CsvSource(nullValues = "none", value = {"none, 0", "7, 7000", "0, 0", "-5, 0", "soon, 0", "'Fri, 27 Nov 2026 10:00:30 GMT', 30000",
        "'Fri, 27 Nov 2026 09:00:00 GMT', 0", "999999999, 86400000"})
    void theWaitThatTheServerAsksForIsRead(String header, String milliseconds) {
        assertEquals(milliseconds, evaluate("frame/failures", "m.waitOf(given, Date.parse('2026-11-27T10:00:00Z'))", header));
    }

    /** Times in seconds; now is 1000. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "isLoading: true | loading | Loading",
        "asOf: 999 | live | Live, waiting for the first reading",
        "asOf: 999, newestArrival: 997 | live | Live, newest reading 3 s ago",
        "asOf: 999, newestArrival: null | live | Up to date",
        "asOf: 999, newestArrival: 900 | stale | Stale since",
        "asOf: 980, newestArrival: 979 | delayed | Delayed: data is 20 s old",
        "asOf: 999, newestArrival: 940, delay: 59 | delayed | Delayed: readings appear 59 s after they arrive",
        "asOf: 999, newestArrival: 800, delay: 59 | stale | Stale since",
        "asOf: 999, newestArrival: 1297, clockDifference: 300 | live | Live, newest reading 3 s ago",
        "asOf: 990, newestArrival: 990, failure: true | offline | Offline since",
    })
    void theStatusSaysWhetherThePageIsCurrent(String facts, String state, String text) {
        String told = evaluate("frame/connection-status", """
                (() => {
                  const given2 = Object.fromEntries(given.split(', ').map((fact) => fact.split(': ')).map(([name, value]) =>
                    [name, name === 'failure' ? { word: 'Offline', state: 'offline', since: 990000, until: 0, reason: 'why' } : value === 'null' ? null : value === 'true' ? true : value * 1000]));
                  const { state, text } = m.describeConnection({ clockDifference: 0, ...given2 }, 1000000);
                  return `${state} | ${text}`;
                })()""", facts);
        assertEquals("\"" + state + " | " + text, told.substring(0, Math.min(told.length(), state.length() + text.length() + 4)));
    }

    @Test
    void whoIsLoggedInStandsInTheHeader() {
        assertEquals("[\"<Ana> operator, acme\",\"\"]", evaluate("frame/account", """
                (() => {
                  document.body.innerHTML = '<p id="account"></p>';
                  m.showAccount({ name: '<Ana>', tenant: 'acme', role: 'operator' });
                  const shown = [...document.querySelector('#account').children].map((part) => part.textContent).join(' ');
                  m.showAccount(undefined);
                  return [shown, document.querySelector('#account').textContent];
                })()"""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "[]                          | -300.5  | []",
        "['clock_fast']              | 71984.1 | ['Clock 19 h fast']",
        "['clock_slow']              | -3600   | ['Clock 1 h slow, or late data']",
        "['text_for_number']         | 0       | ['Text for t in 1 reading; Text for h in 1,200 readings']",
        "['implausible_value']       | 0       | ['Implausible t in 2 readings']",
        "['of_a_later_version']      | 0       | ['of a later version']",
    })
    void whatIsOddAboutASensorIsToldInWords(String odd, String offset, String told) {
        assertEquals(told.replace('\'', '"'), evaluate("components/sensor-state",
                "m.oddities({ odd: %s, clock_offset_seconds: %s, texts_for_numbers: [{ metric: 't', readings: 1 }, { metric: 'h', readings: 1200 }], implausible_values: [{ metric: 't', readings: 2 }] })".formatted(odd, offset)));
    }

    @ParameterizedTest
    @CsvSource({"30s, 30 s", "60s, 1 min", "90s, 90 s", "90m, 90 min", "120m, 2 h", "24h, 1 day", "36h, 36 h", "14d, 14 days", "0s, 0 s", "1w, 1 week", "3mo, 3 months", "1000y, '1,000 years'"})
    void durationsHaveOneNotation(String duration, String told) {
        assertEquals("\"" + told + "\"", evaluate("components/alert-spans", "m.formatDuration('%s')".formatted(duration)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{ message: 'heart_rate is 152, above 140', metric: 'heart_rate', value: 152 } | Heart rate is 152\u00a0bpm, above 140\u00a0bpm",
        "{ message: 'temperature is 18.02, above 18', metric: 'temperature', value: 18.02 } | Temperature is 18.02\u00a0°C, above 18\u00a0°C",
        "{ message: 'temperature is -1.0E-5, below 0', metric: 'temperature', value: -0.00001 } | Temperature is -1E-5\u00a0°C, below 0\u00a0°C",
        "{ message: 't_2 is 21.5, below 22', metric: 't_2', value: 21.5 } | T 2 is 21.5, below 22",
        "{ message: 'heart_rate rises by 24 per minute, above 20', metric: 'heart_rate', value: 24 } | Heart rate rises by 24\u00a0bpm per minute, above 20\u00a0bpm",
        "{ message: 'heart_rate falls by 2.5 per minute, below -2', metric: 'heart_rate', value: -2.5 } | Heart rate falls by 2.5\u00a0bpm per minute, below -2\u00a0bpm",
        "{ message: 'heart_rate does not change, above -1', metric: 'heart_rate', value: 0 } | Heart rate does not change, above -1\u00a0bpm",
        "{ message: 'heart_rate is 152, above everything', metric: 'heart_rate', value: 152 } | heart_rate is 152, above everything",
        "{ message: 'heart_rate is 152.5, above 140', metric: 'heart_rate', value: 152 } | heart_rate is 152.5, above 140",
        "{ message: 'Call Dr. Weiss', metric: 'heart_rate', value: 152 } | Call Dr. Weiss",
        "{ message: 'no reading for 1 min', metric: null, value: null } | No reading for 1 min",
        "{ message: 'no heart_rate for 2 h', metric: 'heart_rate', value: null } | No heart rate for 2 h",
        "{ message: 'no reading for the family', metric: null, value: null } | no reading for the family",
    })
    void aMessageHasTheNameAndTheUnitOfItsMetric(String alert, String told) {
        assertEquals("\"" + told + "\"", evaluate("components/alert-message", """
                await (async () => {
                  const { declare } = await import('/components/metrics.js');
                  declare([{ metric: 'heart_rate', display_name: null, unit: 'bpm' }]);
                  const told = m.messageOf(%s);
                  declare([]);
                  return told;
                })()""".formatted(alert)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{} | All alerts, and when they clear.",
        "{ severity: 'warning', cleared: false } | Warning and critical alerts, but not when they clear.",
        "{ rules: ['Warm'], sensors: ['bed-*', 'chair-1'], locations: ['icu-*'] } | All alerts of the rule Warm for bed-* or chair-1 in icu-*, and when they clear.",
        "{ sensors: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] } | All alerts for a, b, c, d, e or 2 more, and when they clear.",
        "{ severity: 'critical', after: '90m', repeat: '1d' } | Critical alerts that nobody has acknowledged for 90 min, and when they clear. Repeated every 1 day until acknowledged.",
        "{ fallback_for: ['pager', 'mail'] } | All alerts that pager or mail cannot deliver, if it has been failing for 30 s, and when they clear.",
        "{ fallback_for: ['pager'], fallback_after: '2h' } | All alerts that pager cannot deliver, if it has been failing for 2 h, and when they clear.",
        "{ quiet: { days: 'mon-fri,sun', from: '22:00', to: '06:00', tz: 'Europe/Berlin' } } | All alerts, and when they clear. Quiet hours: Mon-Fri, Sun, from 22:00 to 06:00 (Europe/Berlin).",
        "{ quiet: { from: '00:00', to: '00:00' } } | All alerts, and when they clear. Quiet hours: every day, the whole day (UTC).",
    })
    void whatAChannelTellsOfIsSaidInSentences(String channel, String told) {
        assertEquals("\"" + told + "\"", evaluate("components/channel-words", "m.describeScope(%s)".formatted(channel)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{ webhook: { url: 'https://pager.example.org:8443/secret?key=1' } } | Webhook at pager.example.org:8443",
        "{ email: { to: ['a@example.org', 'b@example.org'] } } | E-mail to a@example.org, b@example.org",
        "{ route: { name: 'chat', settings: { key: 'secret' } } } | Route notify-chat",
    })
    void whereAChannelSendsIsSaidWithoutItsSecrets(String channel, String told) {
        assertEquals("\"" + told + "\"", evaluate("components/channel-words", "m.describeKind(%s)".formatted(channel)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{ metric: 'heart_rate', severity: 'critical', above: 140, for: '10s', clear_below: 130, clear_for: '0s', sensors: ['bed-*'] } | critical: heart_rate above 140 for 10 s, clears below 130, sensors bed-*",
        "{ metric: 't', severity: 'info', outside: [2, 8.25], clear_above: 3, clear_below: 7, clear_for: '1d' } | info: t outside 2 to 8.25, clears below 7 and above 3, clears after 1 day",
        "{ metric: 't', levels: [{ severity: 'warning', above: 25 }, { severity: 'critical', above: 30, clear_below: 29 }] } | t above 30 (critical) or above 25 (warning)",
        "{ when: 'a > 1 && b < 2', severity: 'warning', locations: ['icu-1', 'icu-2'] } | warning: a > 1 && b < 2, in icu-1 or icu-2",
        "{ silent_for: '10m', severity: 'warning' } | warning: no reading for 10 min",
        "{ silent_for: '1h', metric: 'spo2', severity: 'warning' } | warning: no spo2 for 1 h",
        "{ metric: 't', severity: 'info', below: -0.0000001, limits: { 'bed-7': 1.5 }, schedule: { days: 'mon-fri', from: '08:00', to: '18:00' } } | info: t below -1E-7, limit for bed-7: 1.5, Mon-Fri, from 08:00 to 18:00 (UTC)",
        "{ metric: 't', severity: 'info', above: 1, limits: { a: 1, b: 2 } } | info: t above 1, 2 sensors have their own limits",
        "{ metric: 't', rate: '5m', severity: 'info', above: 2, for: '10s', latched: true } | info: t rises by more than 2 per minute (over 5 min) for 10 s, stays open until acknowledged",
        "{ metric: 'temperature', rate: '1h', severity: 'info', outside: [-2, 2], clear_below: 1 } | info: temperature changes by more than 2\u00a0°C per minute (over 1 h), clears below 1\u00a0°C per minute",
        "{ metric: 't', rate: '1h', levels: [{ severity: 'info', below: -2 }, { severity: 'critical', outside: [-4, 3] }] } | t rises by more than 3 or falls by more than 4 (critical) or falls by more than 2 (info) per minute (over 1 h)",
        "{ metric: 't', rate: '1h', severity: 'info', below: 1, limits: { a: 2 } } | info: rate of change of t below 1 per minute (over 1 h), limit for a: 2 per minute",
        "{ metric: 'temperature', severity: 'info', outside: [2, 8], clear_below: 7.5 } | info: temperature outside 2 to 8\u00a0°C, clears below 7.5\u00a0°C",
        "{ severity: 'info' } | info: a value below a limit",
    })
    void whatARuleSaysIsASentence(String rule, String told) {
        assertEquals("\"" + told + "\"", evaluate("components/rule-words", "m.describeRule(%s, { hasSeverity: true })".formatted(rule)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "clear_below must be less than above | “Clears below” must be less than above",
        "levels[1]: above must be a number | Above must be a number",
        "when, character 3: a name | Condition, character 3: a name",
        "silent_for must be shorter than clear_below or other_name | “Nothing received for” must be shorter than “Clears below” or other_name",
        "ask for less time: there is too much | ask for less time: there is too much",
    })
    void whatTheApiSaysIsToldWithTheLabelsOfTheForm(String message, String told) {
        assertEquals("\"" + told + "\"", evaluate("components/form-problems",
                "m.inWordsOfForm(given, new Map(Object.entries({ levels: 'Limit', above: 'Above', clear_below: 'Clears below', when: 'Condition', silent_for: 'Nothing received for' })))", message));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "bed-*, chair-1 | [\"bed-*\",\"chair-1\"] | bed-*, chair-1",
        " a ,, b\\nc | [\"a\",\"b\",\"c\"] | a, b, c",
        "\"a, b\", c | [\"a, b\",\"c\"] | \"a, b\", c",
        "\"\"\"q\"\", x\", 5\" wide | [\"\\\"q\\\", x\",\"5\\\" wide\"] | \"\"\"q\"\", x\", 5\" wide",
        "~~ | [] | ~~",
    })
    void namesAreReadAsTheyAreWritten(String written, String names, String again) {
        assertEquals(names, evaluate("components/form-controls", "m.namesOf(given)", written.replace("\\n", "\n")));
        assertEquals("\"" + again.replace("\"", "\\\"") + "\"", evaluate("components/form-controls", "m.textOfNames(JSON.parse(given))", names));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "mon-sun | mon,tue,wed,thu,fri,sat,sun | mon-sun",
        "fri-mon | mon,fri,sat,sun | mon,fri-sun",
        "sat,sun | sat,sun | sat,sun",
        "wed | wed | wed",
        "mon-wed,tue,fri | mon,tue,wed,fri | mon-wed,fri",
    })
    void daysAreChosenSingly(String written, String days, String again) {
        assertEquals("\"" + days + "\"", evaluate("components/alert-spans", "m.daysOf(given).join()", written));
        assertEquals("\"" + again + "\"", evaluate("components/alert-spans", "m.textOfDays(given.split(','))", days));
    }
}
