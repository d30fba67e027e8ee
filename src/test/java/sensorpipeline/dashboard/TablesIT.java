package sensorpipeline.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.support.BrowserTrial;
import sensorpipeline.support.BrowserTrial.EmptyPage;

/** Unit tests of the modules for tables and their pages, in a real browser on an empty page. */
class TablesIT {

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

    private static String evaluate(String module, String script) {
        return empty.evaluate(module, script, "");
    }

    /** Defines body, a table with rows a, b and c, each with a link, and row(key, text), which creates a row. */
    private static final String TABLE = """
            await (async () => {
              const { element } = await import('/components/elements.js');
              const row = (key, text = key) => element('tr', { key }, element('td', {}, element('a', { href: '#' + key }, text)), element('td', {}, text));
              document.body.innerHTML = '<button>outside</button><table><tbody></tbody></table>';
              const body = document.querySelector('tbody');
              const show = (rows, question) => m.update(body, rows, { question });
              const texts = () => [...body.rows].map((one) => one.textContent).join(' ');
              show([row('a'), row('b'), row('c')], 'q');
              %s
            })()""";

    @Test
    void aRefreshKeepsTheElementsTheFocusAndTheSelectedText() {
        assertEquals("[\"newnew aa b2b2\",true,\"b2\",\"a\"]", evaluate("components/update", TABLE.formatted("""
              const link = body.rows[1].querySelector('a');
              link.focus();
              getSelection().selectAllChildren(body.rows[0].cells[1]);
              show([row('new'), row('a'), row('b', 'b2')], 'q');
              return [texts(), document.activeElement === link, link.textContent, getSelection().toString()];
              """)));
    }

    @Test
    void aRowWithTheFocusStaysUntilItIsLeftOrTheQuestionChanges() {
        assertEquals("[\"bb cc\",\"gone\",true,\"cc\",\"cc\"]", evaluate("components/update", TABLE.formatted("""
              const link = body.rows[1].querySelector('a');
              link.focus();
              show([row('c')], 'q');
              const during = [texts(), body.rows[0].className, document.activeElement === link];
              document.querySelector('button').focus();
              show([row('c')], 'q');
              const after = texts();
              body.rows[0].querySelector('a').focus();
              show([row('b'), row('c')], 'q');
              body.rows[0].querySelector('a').focus();
              show([row('c')], 'another');
              return [...during, after, texts()];
              """)));
    }

    @Test
    void rowsThatAreSortedAnewKeepTheFocus() {
        assertEquals("[\"cc bb aa\",true]", evaluate("components/update", TABLE.formatted("""
              const link = body.rows[0].querySelector('a');
              link.focus();
              show([row('c'), row('b'), row('a')], 'q');
              return [texts(), document.activeElement === link];
              """)));
    }

    @Test
    void anElementTakesOverAllThatItsSuccessorHas() {
        assertEquals("\"<li class=\\\"x\\\" title=\\\"t\\\">one <b>two</b></li>\"", evaluate("components/update", """
                (() => {
                  document.body.innerHTML = '<ul><li id="old" dir="auto"><i>zero</i><b>one</b> more<u>end</u></li></ul>';
                  const fresh = document.createElement('ul');
                  fresh.innerHTML = '<li class="x" title="t">one <b>two</b></li>';
                  m.update(document.querySelector('ul'), [...fresh.children]);
                  return document.querySelector('ul').innerHTML;
                })()"""));
    }

    @Test
    void aMetricNamedLikeAColumnIsSortedAsWhatItIs() {
        assertEquals("[[\"Time\",\"Sensor\",\"Location\",\"constructor\",\"sensor\",\"Arrived\"],[\"b\",\"a\",\"c\"],[\"c\",\"a\",\"b\"]]".replace("\"constructor\"", "\"Constructor\""),
                evaluate("components/readings-table", """
                (() => {
                  document.body.innerHTML = `<section><p class="note"></p><p class="message"></p><a class="download"></a><table><thead><tr></tr></thead><tbody></tbody></table>
                    <nav class="paging"><button class="first-page"></button><button class="next-page"></button></nav></section>`;
                  const table = new m.ReadingsTable(document.querySelector('section'), {});
                  const reading = (sensor_id, second, values) => ({ sensor_id, location: null, timestamp: `2026-01-01T00:00:0${second}Z`, received_at: `2026-01-01T00:00:0${second}Z`, ...values });
                  table.show({ readings: [reading('a', 3, { constructor: 2, sensor: 5 }), reading('b', 2, { sensor: 9, constructor: 1 }), reading('c', 1, { constructor: 3, sensor: 1 })],
                    order: 'desc', next: null, isFirstPage: true, address: '/' });
                  const headings = () => [...document.querySelectorAll('th button')];
                  const sort = (name) => { headings().find((one) => one.textContent === name).click(); return [...document.querySelectorAll('tbody .sensor')].map((cell) => cell.textContent); };
                  return [headings().map((one) => one.textContent), sort('Constructor'), sort('sensor')];
                })()"""));
    }

    @Test
    void theChosenMetricIsTheFirstOfTheMetrics() {
        assertEquals("[[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"],[\"z\",\"a\",\"b\",\"c\",\"d\",\"e\"],[\"c\",\"a\",\"b\",\"d\",\"e\",\"f\"],[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]]",
                evaluate("components/readings-table", """
                (() => {
                  const common = { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 };
                  const readings = [common, common, { ...common, z: 1 }];
                  return [undefined, 'z', 'c', 'missing'].map((chosen) => m.shownMetrics(readings, chosen));
                })()"""));
    }

    @Test
    void buttonsForPagesAreHiddenOnTheOnlyPageUnlessTheyHaveTheFocus() {
        assertEquals("[[true,true,true],[false,true,false],[false,false,false,true],[0],[false,true],[true,true]]", evaluate("components/paging", """
                (() => {
                  document.body.innerHTML = '<section><nav class="paging" hidden><button class="first-page"></button><button class="next-page"></button></nav></section>';
                  const [nav, first, following] = ['nav', '.first-page', '.next-page'].map((one) => document.querySelector(one));
                  let calls = 0;
                  const paging = new m.Paging(document.querySelector('section'), { onFirst: () => { calls += 1; }, onNext: () => { calls += 1; } });
                  const states = () => [nav.hidden, first.disabled, following.disabled];
                  paging.show({ isFirstPage: true, next: null });
                  const only = states();
                  paging.show({ isFirstPage: true, next: 'x' });
                  const several = states();
                  following.focus();
                  paging.show({ isFirstPage: false, next: null });
                  const last = [...states(), document.activeElement === following];
                  following.click();
                  const ignored = [calls];
                  paging.show({ isFirstPage: true, next: null });
                  const focused = [nav.hidden, document.activeElement === following];
                  following.blur();
                  paging.show({ isFirstPage: true, next: null });
                  return [only, several, last, ignored, focused, [nav.hidden, following.disabled]];
                })()"""));
    }
}
