package sensorpipeline.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.net.http.HttpResponse;
import java.util.Set;

/** The contract that the REST API serves; validates responses against it. */
public final class Contract {

    private final JsonNode contract;

    /** @param api that serves the contract */
    public Contract(Http api) {
        contract = Http.json(api.get("/openapi.json"));
    }

    /** @return the contract itself */
    public JsonNode json() {
        return contract;
    }

    /** @return the JSON of a response, validated against the contract's schema of this name */
    public JsonNode valid(HttpResponse<String> response, String schema) {
        assertEquals("application/json", response.headers().firstValue("content-type").orElse(""));
        return valid(Http.json(response), schema);
    }

    /** @return the JSON, validated against the contract's schema of this name */
    public JsonNode valid(JsonNode json, String schema) {
        ObjectNode document = contract.deepCopy();
        document.put("$ref", "#/components/schemas/" + schema);
        JsonSchema validator = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(document);
        Set<ValidationMessage> problems = validator.validate(json);
        assertTrue(problems.isEmpty(), () -> problems + "\n" + json);
        return json;
    }

    /** @return code and message of a response with this status, validated against the contract */
    public JsonNode error(HttpResponse<String> response, int status) {
        assertEquals(status, response.statusCode(), response.body());
        return valid(response, "Error").path("error");
    }
}
