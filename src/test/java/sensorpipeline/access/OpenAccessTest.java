package sensorpipeline.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Http;
import sensorpipeline.support.Logged;
import sensorpipeline.support.Servers;

/** With ACCESS=open, whoever reaches the REST API is administrator of one tenant. */
class OpenAccessTest {

    private static List<String> logged(Settings settings) throws Exception {
        try (Logged log = new Logged("sensorpipeline.api.ApiBeans"); Pipeline pipeline = new Pipeline(settings, Set.of(Services.API))) {
            pipeline.start();
            return log.messages();
        }
    }

    @Test
    void itIsToldAtTheStartIfOtherMachinesCanReachIt() throws Exception {
        Settings settings = Servers.settings();
        assertEquals(List.of(), logged(settings));
        assertEquals(List.of(), logged(settings.with("listen.host", "0.0.0.0").with("access", "restricted")));
        assertEquals(List.of("WARN ACCESS=open: whoever reaches the REST API on 0.0.0.0 reads, changes and deletes the data of tenant default; ACCESS=restricted asks for keys"), logged(settings.with("listen.host", "0.0.0.0")));
    }

    @Test
    void anybodyIsAdministratorOfOneTenantAndOfNoOther() throws Exception {
        try (Pipeline pipeline = new Pipeline(Servers.settings().with("api.tenant", "ward-3"), Set.of(Services.API))) {
            pipeline.start();
            Http api = new Http(pipeline.port("api.port"));
            Contract contract = new Contract(api);
            assertEquals(200, api.get("/data/latest?tenant=ward-3").statusCode());
            assertEquals("other_tenant", contract.error(api.get("/data/latest?tenant=default"), 403).path("code").asText());
            HttpResponse<String> made = api.post("/keys", "{\"role\":\"reader\"}");
            assertEquals("ward-3", contract.valid(made, "MadeKey").path("data").path("tenant").asText());
            assertTrue(api.get("/keys").body().contains("\"made_by\":\"open\""), api.get("/keys").body());
        }
    }
}
