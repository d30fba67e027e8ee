package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.ProgramProcess;

/** A database that rejects the REST API's queries: responses and /health report that, and not that it is unreachable. */
class RefusedRequestsIT {

    @Test
    void aMissingRightIsToldAsThatUntilItIsGranted() {
        Map<String, String> environment = ProgramProcess.embedded(ProgramProcess.usedFolder("refused"));
        try (ProgramProcess program = ProgramProcess.start(environment, "consumer", "api")) {
            program.awaitOutput("Running");
            Http api = new Http(Integer.parseInt(environment.get("API_PORT")));
            Database database = new Database(Settings.load(Map.of()).with("db.host", "127.0.0.1").with("db.port", environment.get("EMBEDDED_DB_PORT")));
            Awaitility.await().until(() -> api.get("/data/stats").statusCode() == 200);
            database.run("REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM sensor_pipeline_reader");

            HttpResponse<String> answer = Awaitility.await().until(() -> api.get("/data/readings"), found -> found.statusCode() != 200);
            JsonNode error = Http.json(answer).path("error");
            assertEquals(500, answer.statusCode(), answer.body());
            assertEquals("database_permission_missing", error.path("code").asText());
            assertFalse(error.path("message").asText().contains("does not answer"), answer.body());
            Awaitility.await().until(() -> Http.json(api.get("/health")).path("checks").path("api-database").path("message").asText()
                    .contains("does not permit this to sensor_pipeline_api (API_DB_USER): ERROR: permission denied"));

            database.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO sensor_pipeline_reader");
            Awaitility.await().until(() -> api.get("/data/readings").statusCode() == 200);
        }
    }
}
