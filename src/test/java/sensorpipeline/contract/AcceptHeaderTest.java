package sensorpipeline.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.http.RequestError;

/** Content negotiation by RFC 9110, section 12.5.1. */
class AcceptHeaderTest {

    private static final List<String> OFFERED = List.of("application/json", "text/csv", "application/x-ndjson");

    private static String choose(Object header) {
        return AcceptHeader.of(header).choose(OFFERED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "text/csv | text/csv", "TEXT/CSV | text/csv", "*/* | application/json", "text/* | text/csv", "application/* | application/json",
        "text/html, application/xhtml+xml, */*;q=0.8 | application/json",
        // Weights take precedence over the order.
        "text/csv;q=0.2, application/json | application/json", "application/json;q=0.2, text/csv;q=0.9 | text/csv", "text/csv ; Q=0.2 , application/x-ndjson;q=0.21 | application/x-ndjson",
        "*/*;q=0.1, text/csv;q=0.2 | text/csv", "text/csv;q=0.2, */*;q=0.9 | application/json", "application/*;q=0.5, text/*;q=0.6 | text/csv",
        // The most specific range decides, and q=0 excludes.
        "*/*, application/json;q=0 | text/csv", "*/*, application/*;q=0.000 | text/csv", "application/*;q=0, application/x-ndjson | application/x-ndjson",
        "application/json;q=0.1, application/*;q=0.9 | application/x-ndjson", "*/*;q=0, text/csv;q=0.001 | text/csv",
        // With equal weights, the more specific range wins, then the first.
        "text/csv, application/json | text/csv", "*/*, text/csv | text/csv", "application/x-ndjson, text/csv | application/x-ndjson",
        // A range with parameters matches only if the response has them.
        "text/csv;charset=utf-8 | text/csv", "text/csv; header=present; charset=\"UTF-8\"; q=1 | text/csv", "application/json;charset=utf-8 | application/json",
        "text/csv;header=absent, application/json;q=0.1 | application/json", "text/csv;q=0.1, text/csv;header=present;q=0.5, application/json;q=0.3 | text/csv",
        // Malformed and empty elements are ignored.
        ", ,text/csv,, | text/csv", "json, text/csv | text/csv", "text/csv;q=high, application/json;q=0.1 | application/json", "text/csv;q=2, application/x-ndjson | application/x-ndjson",
        "a/b;x=\"text/csv, \\\" \", application/x-ndjson | application/x-ndjson", "text/html, image/gif, *; q=.2, */*; q=.2 | application/json",
    })
    void aCallerGetsTheFormatThatItPrefers(String header, String type) {
        assertEquals(type, choose(header));
    }

    @Test
    void aCallerThatStatesNothingGetsTheFirstFormat() {
        assertEquals("application/json", choose(null));
        assertEquals("application/json", choose(""));
        assertEquals("application/json", choose(List.of()));
    }

    @Test
    void severalHeadersMeanTheSameAsOne() {
        assertEquals("application/json", choose(List.of("text/csv;q=0.2", "application/json")));
        assertEquals("text/csv", choose(List.of("application/json;q=0.2", "image/png, text/csv;q=0.5")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"image/png", "application/json;q=0, text/*;q=0, application/x-ndjson;q=0.0", "*/*;q=0", "json", "text/csv;q=-1", "text/csv;version=2", "text/", "*/csv/x", "\""})
    void aCallerThatAcceptsNoneIsToldWhichThereAre(String header) {
        RequestError refusal = assertThrows(RequestError.class, () -> choose(header));
        assertEquals(406, refusal.getStatus());
        assertTrue(refusal.getMessage().startsWith("this call answers application/json, text/csv, application/x-ndjson; the header Accept was '"), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"; ", ";a=b ", "\"", "\\\"", " ", "a/b;", ";q=", "a/*,", "\"\\"})
    void noHeaderTakesLongToRead(String part) {
        String header = "a/b" + part.repeat(32_000 / part.length()) + "x";
        assertTimeout(Duration.ofSeconds(1), () -> assertThrows(RequestError.class, () -> choose(header)));
    }
}
