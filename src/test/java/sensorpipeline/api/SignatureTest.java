package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.JdbcConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.access.Caller;
import sensorpipeline.access.CallerScope;
import sensorpipeline.access.Role;

/** What is recorded of an alert says who did it. */
class SignatureTest {

    private static Object signature(Caller caller, String given) throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            Exchange exchange = new DefaultExchange(camel);
            exchange.setVariable(CallerScope.CALLER, caller);
            Map<String, Object> parameters = new HashMap<>();
            parameters.put("by", given);
            exchange.getMessage().setHeader(JdbcConstants.JDBC_PARAMETERS, parameters);
            return AlertRequests.signed(exchange).get("by");
        }
    }

    @ParameterizedTest
    @CsvSource({"ward 7, , ward 7", "ward 7, nurse 12, nurse 12 (ward 7)", "'', , key:3", "'', nurse 12, nurse 12 (key:3)"})
    void whoHasAKeyCannotActUnderTheNameOfAnother(String name, String given, String expected) throws Exception {
        assertEquals(expected, signature(new Caller("default", Role.OPERATOR, "key:3", name), given));
    }

    @Test
    void whereEverybodyMayActPeopleAreWhoTheySayTheyAre() throws Exception {
        assertEquals("nurse 12", signature(Caller.anybody("default"), "nurse 12"));
        assertEquals("unknown", signature(Caller.anybody("default"), null));
    }

    @Test
    void nobodyActsWithoutACaller() {
        assertThrows(IllegalStateException.class, () -> signature(null, "nurse 12"));
    }
}
