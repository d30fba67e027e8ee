package sensorpipeline.support;

import java.util.HexFormat;
import sensorpipeline.access.AccessKey;

/** Makes keys for the REST API in the database of a test. */
public final class TestKeys {

    private final Database database;

    /** @param database in which the keys are stored */
    public TestKeys(Database database) {
        this.database = database;
    }

    /** @return a key with this role for this tenant, null for the role installation */
    public String make(String role, String tenant) {
        return make(role, tenant, "NULL");
    }

    /** @return a key that expires at a time, an expression of SQL */
    public String make(String role, String tenant, String expires) {
        AccessKey key = AccessKey.create();
        database.ask("SELECT make_access_key('\\x%s', %s, '%s', 'of a test', 'test', %s)".formatted(HexFormat.of().formatHex(key.hash()), tenant == null ? "NULL" : "'" + tenant + "'", role, expires));
        return key.text();
    }

    /** Revokes a key. */
    public void revoke(String key) {
        database.ask("SELECT revoke_access_key((SELECT key_id FROM access_key WHERE hash = sha256('%s')))".formatted(key));
    }
}
