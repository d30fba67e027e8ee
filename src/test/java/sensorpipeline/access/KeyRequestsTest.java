package sensorpipeline.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.camel.support.DefaultExchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Servers;
import sensorpipeline.support.TestKeys;

/** Administrators make, list and revoke the keys of their tenant over the REST API. */
class KeyRequestsTest {

    private static final Settings SETTINGS = Servers.settings().with("access", "restricted");
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.API));
    private static final Database DATABASE = new Database(SETTINGS);
    private static String administrator;
    private static String ofOther;
    private static String installation;
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        TestKeys keys = new TestKeys(DATABASE);
        administrator = keys.make("administrator", "default");
        ofOther = keys.make("administrator", "other");
        installation = keys.make("installation", null);
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        Awaitility.await("keys are loaded").until(() -> call("GET", "/keys", administrator).statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static HttpResponse<String> call(String method, String path, String key) {
        return api.call(method, path, "Authorization", "Bearer " + key);
    }

    private static HttpResponse<String> make(String query, String key, String json) {
        return api.call("POST", "/keys" + query, HttpRequest.BodyPublishers.ofString(json), "Authorization", "Bearer " + key, "Content-Type", "application/json");
    }

    private static JsonNode made(String query, String key, String json) {
        HttpResponse<String> answer = make(query, key, json);
        assertEquals(201, answer.statusCode(), answer.body());
        return contract.valid(answer, "MadeKey").path("data");
    }

    @Test
    void aNewKeyIsShownOnceWorksAtOnceAndIsStoredAsAHash() {
        JsonNode made = made("", administrator, "{\"role\":\"reader\",\"name\":\"wall screen\",\"expires\":\"90d\"}");
        String key = made.path("key").asText();
        assertEquals("reader default wall screen", made.path("role").asText() + " " + made.path("tenant").asText() + " " + made.path("name").asText());
        assertEquals(90, Duration.between(Instant.now().minusSeconds(60), Instant.parse(made.path("expires_at").asText())).toDays());
        assertEquals(200, call("GET", "/data/latest", key).statusCode());
        assertEquals(403, call("GET", "/keys", key).statusCode());
        assertFalse(call("GET", "/keys", administrator).body().contains(key));
        assertEquals("t", DATABASE.ask("SELECT hash = sha256('%s') FROM access_key WHERE key_id = %d".formatted(key, made.path("id").asLong())));
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM access_key WHERE access_key::text LIKE '%" + key + "%'"));
    }

    @Test
    void aRevokedKeyIsRefusedAtOnceAndStaysListed() {
        JsonNode made = made("", administrator, "{\"role\":\"operator\"}");
        String path = "/keys/" + made.path("id").asText();
        JsonNode revoked = contract.valid(call("DELETE", path, administrator), "RevokedKey").path("data");
        assertEquals("revoked", revoked.path("status").asText());
        assertEquals(401, call("GET", "/data/latest", made.path("key").asText()).statusCode());
        assertEquals(revoked, contract.valid(call("DELETE", path, administrator), "RevokedKey").path("data"));
        assertTrue(call("GET", "/keys", administrator).body().contains(revoked.path("revoked_at").asText()));
    }

    @Test
    void aTenantHasItsOwnKeysOnly() {
        String id = made("", administrator, "{\"role\":\"reader\",\"name\":\"of default\"}").path("id").asText();
        JsonNode keys = contract.valid(call("GET", "/keys", ofOther), "Keys").path("data");
        keys.forEach(key -> assertEquals("other", key.path("tenant").asText()));
        HttpResponse<String> ofDefault = call("DELETE", "/keys/" + id, ofOther);
        HttpResponse<String> ofNobody = call("DELETE", "/keys/999999", ofOther);
        assertEquals(contract.error(ofNobody, 404).path("message").asText().replace("999999", id), contract.error(ofDefault, 404).path("message").asText());
        assertEquals("valid", DATABASE.ask("SELECT CASE WHEN revoked_at IS NULL THEN 'valid' END FROM access_key WHERE key_id = " + id));
    }

    @Test
    void anInstallationMakesTheFirstKeyOfATenant() {
        JsonNode made = made("?tenant=acme", installation, "{\"role\":\"administrator\"}");
        assertEquals("acme", made.path("tenant").asText());
        JsonNode keys = contract.valid(call("GET", "/keys", made.path("key").asText()), "Keys");
        assertEquals(1, keys.path("count").asInt());
        assertTrue(keys.path("data").path(0).path("made_by").asText().matches("key:\\d+"));
        assertEquals("tenant_required", contract.error(make("", installation, "{\"role\":\"reader\"}"), 400).path("code").asText());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"role\":\"installation\"} | 403 | forbidden",
        "{\"role\":\"boss\"} | 400 | invalid_role",
        "{} | 400 | missing_role",
        "{\"role\":\"reader\",\"expires\":\"yesterday\"} | 400 | invalid_expires",
        "{\"role\":\"reader\",\"expires\":\"2020-01-15T00:00:00Z\"} | 400 | invalid_expires",
        "{\"role\":\"reader\",\"name\":\" \"} | 400 | invalid_name",
        "{\"role\":\"reader\",\"tenant\":\"other\"} | 400 | unknown_field",
    })
    void whatIsNotAllowedIsTold(String body, int status, String code) {
        assertEquals(code, contract.error(make("", administrator, body), status).path("code").asText());
        assertEquals(status == 403 ? 403 : 400, make("?tenant=default", installation, body).statusCode());
    }

    @Test
    void pagesListEveryKeyOnce() {
        for (int i = 0; i < 4; i++) {
            made("?tenant=paged", installation, "{\"role\":\"device\"}");
        }
        List<Long> ids = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = contract.valid(call("GET", "/keys?tenant=paged&limit=2" + cursor, installation), "Keys");
            assertEquals(2, page.path("count").asInt());
            page.path("data").forEach(key -> ids.add(key.path("id").asLong()));
            cursor = page.path("next").isNull() ? null : "&cursor=" + page.path("next").asText();
        } while (cursor != null);
        assertEquals(4, Set.copyOf(ids).size());
        assertEquals(4, ids.size());
    }

    @Test
    void whenAKeyWasLastUsedIsStored() throws Exception {
        JsonNode made = made("", administrator, "{\"role\":\"reader\"}");
        call("GET", "/data/latest", made.path("key").asText());
        PIPELINE.camel().getRoute("store-last-uses").getProcessor().process(new DefaultExchange(PIPELINE.camel()));
        assertNotEquals(null, DATABASE.ask("SELECT last_used_at FROM access_key WHERE key_id = " + made.path("id").asText()));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "SELECT hash FROM access_key",
        "INSERT INTO access_key (hash, tenant, role, made_by) VALUES (sha256('x'), 'other', 'reader', 'x')",
        "INSERT INTO access_key (hash, tenant, role, made_by) VALUES (sha256('x'), NULL, 'installation', 'x')",
        "INSERT INTO access_key (hash, tenant, role, made_by) VALUES (sha256('x'), 'default', 'installation', 'x')",
        "UPDATE access_key SET revoked_at = NULL",
        "UPDATE access_key SET role = 'installation'",
        "DELETE FROM access_key",
        "UPDATE key_version SET version = 0",
    })
    void evenWithoutACheckAnAdministratorOfATenantCannot(String statement) {
        assertThrows(SQLException.class, () -> asRole("sensor_pipeline_administrator", statement));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sensor_pipeline_reader", "sensor_pipeline_operator"})
    void otherRolesSeeNoKeys(String role) {
        assertThrows(SQLException.class, () -> asRole(role, "SELECT key_id FROM access_key"));
    }

    @Test
    void anAdministratorSeesTheKeysOfItsTenantOnly() throws SQLException {
        made("?tenant=other", installation, "{\"role\":\"reader\"}");
        assertEquals("default", asRole("sensor_pipeline_administrator", "SELECT string_agg(DISTINCT tenant, ' ') FROM access_key"));
    }

    /** @return the first column of the first row, or null if the statement has no rows */
    private static String asRole(String role, String sql) throws SQLException {
        try (Connection connection = Servers.connect(SETTINGS); Statement statement = connection.createStatement()) {
            statement.execute("SET ROLE %s; SET pipeline.tenant = 'default'".formatted(role));
            if (!statement.execute(sql)) {
                return null;
            }
            ResultSet rows = statement.getResultSet();
            return rows.next() ? rows.getString(1) : null;
        }
    }
}
