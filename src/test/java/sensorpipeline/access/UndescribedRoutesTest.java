package sensorpipeline.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.support.Http;
import sensorpipeline.support.RouteFolder;
import sensorpipeline.support.Servers;

/** A route that the contract does not describe would answer to everybody, so it does not start. */
class UndescribedRoutesTest {

    private RouteFolder files;

    @BeforeEach
    void copy(@TempDir Path folder) {
        files = new RouteFolder(folder);
    }

    @AfterEach
    void delete() {
        files.close();
    }

    private String refusal(String from, String to) {
        files.change("api/open-alerts.camel.yaml", from, to);
        try (Pipeline pipeline = new Pipeline(Servers.settings().with("routes.dir", files.path()), Set.of(Services.API))) {
            return assertThrows(CannotStart.class, pipeline::start).getMessage();
        }
    }

    @Test
    void aPathThatIsNotInTheContractDoesNotStart() {
        assertEquals("Route open-alerts serves GET and HEAD /closed-alerts, which is not in openapi.json: describe it there, and in its \"security\" who may call it", refusal("/open-alerts", "/closed-alerts"));
    }

    @Test
    void aMethodThatIsNotInTheContractDoesNotStart() {
        assertEquals("Route open-alerts serves DELETE /open-alerts, which is not in openapi.json: describe it there, and in its \"security\" who may call it", refusal("GET,HEAD", "GET,DELETE"));
    }

    @Test
    void aRouteWithoutMethodsDoesNotStart() {
        assertEquals("Route open-alerts must name its methods, such as httpMethodRestrict: GET,HEAD", refusal("        httpMethodRestrict: GET,HEAD\n", "        matchOnUriPrefix: false\n"));
    }

    @Test
    void pathsBelowOneOfTheContractDoNotStart() {
        assertEquals("Route open-alerts serves GET and HEAD /open-alerts/any, which is not in openapi.json: describe it there, and in its \"security\" who may call it",
                refusal("httpMethodRestrict: GET,HEAD", "httpMethodRestrict: GET,HEAD\n        matchOnUriPrefix: true"));
    }

    @Test
    void oneThatIsAddedWhileTheProgramRunsDoesNotStartEither() throws Exception {
        try (Pipeline pipeline = new Pipeline(Servers.settings().with("routes.dir", files.path()), Set.of(Services.API))) {
            pipeline.start();
            files.write("api/secrets.camel.yaml", files.read("api/open-alerts.camel.yaml").replace("id: open-alerts\n", "id: secrets\n").replace("/open-alerts", "/secrets").replace("open-alerts-from-postgres", "secrets-from-postgres"));
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> files.hasLogged("api/secrets.camel.yaml is rejected and not loaded: Route secrets serves GET and HEAD /secrets, which is not in openapi.json"));
            assertEquals(404, new Http(pipeline.port("api.port")).get("/secrets").statusCode());
        }
    }
}
