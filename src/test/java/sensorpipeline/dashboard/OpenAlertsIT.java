package sensorpipeline.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.EmptyPage;

/** Which open alerts are news, whoever tells of them: the module alone, in a real browser on an empty page. */
class OpenAlertsIT {

    /**
     * A step is an answer of the REST API, such as "c1@5 w2@3 of 9", or an alert from the stream, such as "~c1@5": severity, id, and when it fired. "-c1@5" is
     * acknowledged. Without "of", an answer has all open alerts.
     */
    private static final String STEPS = """
            (async () => {
              const alertOf = (text) => {
                const [, mark, severity, id, at] = /^(-?)([cwi])(\\w+)@(\\d+)$/.exec(text);
                return { id, severity: { c: 'critical', w: 'warning', i: 'info' }[severity], state: 'firing', late: false, acknowledged: mark ? { by: 'Ana' } : null,
                         shelved_until: null, fired_at: `2025-01-15T10:30:0${at}.000000Z`, message: id };
              };
              const told = [];
              let news = [];
              let state;
              const open = new m.OpenAlerts({ onChange(now) { state = now; }, onNews(alerts) { news = alerts; } });
              for (const step of given.split(' | ')) {
                news = [];
                if (step.startsWith('~')) {
                  open.hear(alertOf(step.slice(1)));
                } else {
                  const [listed, total] = step.split(' of ');
                  const data = listed === 'none' ? [] : listed.split(' ').map(alertOf);
                  const count = Number(total ?? data.length);
                  const counts = { critical: count, warning: 0, info: 0 };
                  window.fetch = async () => new Response(JSON.stringify({ status: 'success', count, ...counts, newest: data.toSorted((a, b) => b.fired_at.localeCompare(a.fired_at))[0] ?? null, data }));
                  await open.ask();
                }
                told.push(`${state.count}${news.length > 0 ? ` new ${news.map(({ id }) => id).join(' ')}` : ''}`);
              }
              return told.join(' | ');
            })()""";

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

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "what was open before                        ! c1@1 w2@1                                ! 2",
        "one that fires                              ! none | c1@1 | c1@1                       ! 0 | 1 new 1 | 1",
        "the stream first, and an answer before it   ! none | ~c1@1 | none | c1@1               ! 0 | 1 new 1 | 1 | 1",
        "the same event again                        ! none | ~c1@1 | ~c1@1                     ! 0 | 1 new 1 | 1",
        "several at once, the most severe first      ! none | i1@1 c2@1 w3@1                    ! 0 | 3 new 2 3 1",
        "one that becomes more severe, then less     ! w1@1 | ~c1@1 | ~w1@1                     ! 1 | 1 new 1 | 1",
        "one that is acknowledged                    ! c1@1 | ~-c1@1 | none                     ! 1 | 0 | 0",
        "of many, one that is listed as others clear ! c1@9 c2@8 of 4 | c1@9 c3@2 of 3          ! 4 | 3",
        "of many, one that fires                     ! c1@5 c2@4 of 4 | c3@6 c1@5 of 5          ! 4 | 5 new 3",
        "of many, one that the stream tells          ! c1@5 c2@4 of 4 | ~c3@6                   ! 4 | 4 new 3",
        "many that become few                        ! c1@5 of 3 | c1@5 w2@1 | c1@5 w2@1 i3@1   ! 3 | 2 | 3 new 3",
    })
    void newsAreAlertsThatFireOrBecomeMoreSevereOnce(String what, String steps, String told) throws Exception {
        assertEquals(told, empty.page().evaluate("async (given) => { const m = await import('/frame/open-alerts.js'); return " + STEPS + "; }", steps), what);
    }
}
