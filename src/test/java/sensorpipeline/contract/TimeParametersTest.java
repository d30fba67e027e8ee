package sensorpipeline.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.http.RequestError;

class TimeParametersTest {

    private final Parameters parameters = new Parameters();

    @ParameterizedTest
    @CsvSource({
        "2026-11-26T16:00:00.1234569Z, 2026-11-26T16:00:00.123456Z",
        "2026-11-26T16:00:00.123456999Z, 2026-11-26T16:00:00.123456Z",
        "2026-11-26T16:00:00.9999999Z, 2026-11-26T16:00:00.999999Z",
        "2026-11-26T23:00:00+07:00, 2026-11-26T16:00:00Z",
        "2026-11-26T23:00:00+07, 2026-11-26T16:00:00Z",
        "2026-11-26 16:00Z, 2026-11-26T16:00:00Z",
        "0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z",
        "9998-12-31T23:59:59.999999Z, 9998-12-31T23:59:59.999999Z",
    })
    void cutsATimeToTheMicrosecondAsTheStoreDoes(String given, String expected) {
        for (String name : new String[] {"from", "to"}) {
            String encoded = name + "=" + URLEncoder.encode(given, StandardCharsets.UTF_8);
            assertEquals(expected, parameters.read("/data/readings", encoded, null).get(name));
            // An unescaped "+" is decoded as a space.
            assertEquals(expected, parameters.read("/data/readings", name + "=" + given, null).get(name));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-11-26", "2026-11-26T16:00:00", "1764151200", "-4713-01-01T00:00:00Z", "yesterday"})
    void refusesATimeWithoutOffset(String given) {
        RequestError error = assertThrows(RequestError.class, () -> parameters.read("/data/readings", "from=" + given, null));
        assertEquals("invalid_from", error.getCode());
        assertEquals("from must be a time such as 2025-01-15T10:30:00Z, or a time ago such as -24h or -7d; got '" + given + "'", error.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "9999-01-01T00:00:00Z, 9999-01-01T00:00:00Z",
        "9998-12-31T23:59:59-01:00, 9998-12-31T23:59:59-01:00",
        "0000-12-31T23:59:59Z, 0000-12-31T23:59:59Z",
        "0001-01-01T00:00:00%2B01:00, 0001-01-01T00:00:00+01:00",
        "-999999w, -999999w",
    })
    void saysTheRangeOfATimeThatIsOutOfRange(String sent, String given) {
        RequestError error = assertThrows(RequestError.class, () -> parameters.read("/data/readings", "to=" + sent, null));
        assertEquals("invalid_to", error.getCode());
        assertEquals("to must be within the years 1 to 9998 in UTC; got '" + given + "'", error.getMessage());
    }

    @Test
    void refusesARangeThatIsEmptyOnceCut() {
        assertThrows(RequestError.class, () -> parameters.read("/data/readings", "from=2026-11-26T16:00:00.1234561Z&to=2026-11-26T16:00:00.1234569Z", null));
    }
}
