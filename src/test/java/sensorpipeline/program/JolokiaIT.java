package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jolokia.jvmagent.JvmAgent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sensorpipeline.support.Http;
import sensorpipeline.support.ProgramProcess;
import sensorpipeline.support.SteadyPorts;

/** JMX over HTTP with Jolokia's agent and a password, as in docs/operations.md. */
class JolokiaIT {

    private static final String STORE = "org.apache.camel:context=sensor-pipeline,name=!%22store-readings!%22,type=routes";

    @Test
    void whoHasThePasswordHoldsARouteUpAndLetsItGoAgain(@TempDir Path folder) throws Exception {
        int port = SteadyPorts.anyFree();
        Path configuration = Files.writeString(folder.resolve("jolokia.properties"), "host=127.0.0.1\nport=" + port + "\nuser=operator\npassword=secret\n");
        Path agent = Path.of(JvmAgent.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Map<String, String> environment = ProgramProcess.embedded(folder.resolve("data"));
        environment.put("JAVA_TOOL_OPTIONS", "-javaagent:" + agent + "=config=" + configuration);
        try (ProgramProcess program = ProgramProcess.start(environment)) {
            Http health = new Http(Integer.parseInt(environment.get("MANAGEMENT_PORT")));
            Awaitility.await("started").atMost(Duration.ofMinutes(1)).ignoreExceptions().failFast(() -> !program.isAlive()).until(() -> health.get("/health").statusCode() == 200);
            String jolokia = "http://127.0.0.1:" + port + "/jolokia/";
            assertEquals(401, call(jolokia + "exec/" + STORE + "/stop()", "operator:guessed").statusCode());
            assertTrue(call(jolokia + "exec/" + STORE + "/stop()", "operator:secret").body().contains("\"status\":200"));
            assertTrue(call(jolokia + "read/" + STORE + "/State", "operator:secret").body().contains("\"value\":\"Stopped\""));
            assertTrue(call(jolokia + "exec/" + STORE + "/start()", "operator:secret").body().contains("\"status\":200"));
            assertTrue(call(jolokia + "read/sensorpipeline:context=sensor-pipeline,type=Store", "operator:secret").body().contains("\"Lag\""));
        }
    }

    private static HttpResponse<String> call(String address, String login) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(address))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes())).build(), HttpResponse.BodyHandlers.ofString());
    }
}
