package sensorpipeline.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Servers;
import sensorpipeline.support.SteadyPorts;
import sensorpipeline.support.TcpProxy;
import sensorpipeline.support.TestKeys;

/** Keys while PostgreSQL is away, and after a restart. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KeysWithoutDatabaseTest {

    private static final String UNCHECKED = "The database does not answer, so keys cannot be checked; try again in some seconds";

    private final Settings server = Servers.settings().with("access", "restricted");
    private final TcpProxy proxy = new TcpProxy(SteadyPorts.anyFree(), server.port("db.port"));
    private final TestKeys keys = new TestKeys(new Database(server));
    private final String key = keys.make("reader", "default");
    private Pipeline pipeline;

    private Http start() throws Exception {
        pipeline = new Pipeline(server.with("db.port", proxy.port()).with("db.connect.timeout", 500), Set.of(Services.API));
        pipeline.start();
        return new Http(pipeline.port("api.port"));
    }

    @AfterEach
    void stop() {
        pipeline.close();
        proxy.close();
    }

    private static HttpResponse<String> ask(Http api, String key) {
        return api.get("/data/latest", "Authorization", "Bearer " + key);
    }

    @Test
    void untilKeysAreLoadedNobodyIsLetInOrCalledWrong() throws Exception {
        proxy.refuse();
        Http api = start();
        HttpResponse<String> answer = ask(api, key);
        assertEquals(503, answer.statusCode());
        assertEquals("5", answer.headers().firstValue("Retry-After").orElse(""));
        assertTrue(answer.body().contains("\"database_unavailable\"") && answer.body().contains(UNCHECKED), answer.body());
        assertEquals(401, ask(api, key.substring(1)).statusCode());
        assertEquals(401, api.get("/data/latest").statusCode());
        proxy.mend();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ask(api, key).statusCode() == 200);
    }

    @Test
    void loadedKeysGoOnWorkingAndARevokedOneIsRefusedAsSoonAsItIsBack() throws Exception {
        Http api = start();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ask(api, key).statusCode() == 200);
        proxy.refuse();
        keys.revoke(key);
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ask(api, key).statusCode() == 503);
        assertFalse(ask(api, key).body().contains(UNCHECKED));
        assertEquals(401, ask(api, AccessKey.create().text()).statusCode());
        proxy.mend();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ask(api, key).statusCode() == 401);
    }

    @Test
    void keysOutliveARestart() throws Exception {
        Http before = start();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ask(before, key).statusCode() == 200);
        pipeline.close();
        Http after = start();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ask(after, key).statusCode() == 200);
    }
}
