package sensorpipeline.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.http.RequestError;

/** Unambiguous parameters are accepted, unreadable ones are rejected. */
class ParametersTest {

    private static final Parameters PARAMETERS = new Parameters();

    private static Map<String, Object> read(String path, String query) {
        return PARAMETERS.read(path, query, null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"+07:00", "%2B07:00", "%2b07:00", "%2007:00"})
    void aPlusThatIsNotEscapedIsTakenInATimeZone(String zone) {
        assertEquals("+07:00", read("/data/series", "metric=a&tz=" + zone).get("tz"));
    }

    @ParameterizedTest
    @CsvSource({"2025-01-15T10:30:00+07:00, 2025-01-15T03:30:00Z", "2025-01-15T10:30:00%2B07:00, 2025-01-15T03:30:00Z", "2025-01-15T10:30:00-07:00, 2025-01-15T17:30:00Z",
        "2025-01-15+10:30:00+07:00, 2025-01-15T03:30:00Z", "2025-01-15%2010:30:00Z, 2025-01-15T10:30:00Z", "2025-01-15t10:30z, 2025-01-15T10:30:00Z",
        "2025-01-15T10:30:00.1234569Z, 2025-01-15T10:30:00.123456Z"})
    void aTimeIsTakenHoweverItsBlankOrItsPlusArrivesAndIsCutToTheMicrosecond(String sent, String time) {
        for (String name : new String[] {"from", "to"}) {
            for (String path : new String[] {"/data/readings", "/data/stats", "/data/series", "/dead-letters"}) {
                assertEquals(time, read(path, (path.endsWith("series") ? "metric=a&" : "") + name + "=" + sent).get(name), path + " " + name);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a+b", "a b", "100%", "ü/ö?&=#", "日本"})
    void aCursorOfSensorsComesBackAsItWasWithoutEscapes(String sensor) {
        String cursor = java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(sensor.getBytes(StandardCharsets.UTF_8));
        assertEquals(sensor, read("/sensors", "cursor=" + cursor).get("cursor"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"s0!", "%FF", "_w", "AA"})
    void aCursorThatIsNoneIsRefused(String cursor) {
        RequestError refusal = assertThrows(RequestError.class, () -> read("/sensors", "cursor=" + cursor));
        assertEquals(400, refusal.getStatus());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sensor_id=%ff", "sensor_id=%C3", "sensor_id=%C3%28", "sensor_id=%ED%A0%80", "sensor_id=%F5%80%80%80", "sensor_id=%C0%AF", "%ff=a", "sensor_id=%", "sensor_id=%4",
        "sensor_id=%zz", "sensor_id=\u00ff", "sensor_id=a&location=%e0%80%80"})
    void aQueryThatIsNotUtf8IsRefusedAndNotTakenForSomethingElse(String query) {
        RequestError refusal = assertThrows(RequestError.class, () -> read("/data/latest", query));
        assertEquals(400, refusal.getStatus());
        assertEquals("invalid_query", refusal.getCode());
    }

    @Test
    void charactersAreTakenWhetherTheyAreEscapedOrNot() {
        // The listener passes each byte on as a character from 0 to 255.
        String bytes = new String("MÜNCHEN-7".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertArrayEquals(new String[] {"MÜNCHEN-7", "MÜNCHEN-7", "a;b", "a b"},
                (String[]) read("/data/latest", "sensor_id=M%C3%9CNCHEN-7&sensor_id=" + bytes + "&sensor_id=a;b&&sensor_id=a+b").get("sensor_id"));
    }
}
