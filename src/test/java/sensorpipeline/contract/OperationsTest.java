package sensorpipeline.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract says who may call each operation. */
class OperationsTest {

    private static final Operations OPERATIONS = new Operations();

    private static Contract contract(String operation) {
        try {
            return new Contract(new ObjectMapper().readTree("{\"paths\":{\"/secrets\":{\"get\":%s}}}".formatted(operation)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"security\":{}}", "{\"security\":[{}]}", "{\"security\":[{\"key\":[]}]}", "{\"security\":[{\"key\":[\"reader\"]},{}]}", "{\"security\":[{\"password\":[\"reader\"]}]}",
        "{\"security\":[{\"key\":[\"reader\",\"operator\"]}]}"})
    void anOperationThatDoesNotSayWhoMayCallItIsRefused(String operation) {
        assertEquals("openapi.json must say who may call get /secrets: \"security\": [{\"key\": [\"reader\"]}] names the role, and [] stands for everybody",
                assertThrows(IllegalStateException.class, () -> new Operations(contract(operation))).getMessage());
    }

    @Test
    void anOperationForEverybodyAndOneForARoleAreTold() {
        assertTrue(new Operations(contract("{\"security\":[]}")).find("GET", "/secrets").orElseThrow().isPublic());
        assertEquals("reader", new Operations(contract("{\"security\":[{\"key\":[\"reader\"]}]}")).find("HEAD", "/secrets/").orElseThrow().role());
    }

    @ParameterizedTest
    @CsvSource({"GET, /alert-rules/7, reader", "PUT, /alert-rules/7, administrator", "POST, /alert-rules/try, reader", "POST, /alerts/x/acknowledge, operator", "GET, /health/ready, ''", "GET, /docs/a/b, ''"})
    void aRequestIsThatOfItsOperation(String method, String path, String role) {
        assertEquals(role, OPERATIONS.find(method, path).orElseThrow().role());
    }

    @ParameterizedTest
    @CsvSource({"GET, /healthy", "GET, /docsx", "GET, /data/latest/x", "POST, /data/latest", "SERVERS, /observe/retention", "GET, /observe/retention", "GET, /", "TRACE, /data/latest"})
    void whatIsNoOperationOfTheListenerIsNone(String method, String path) {
        assertEquals(Optional.empty(), OPERATIONS.find(method, path));
    }
}
