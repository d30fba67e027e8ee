package sensorpipeline.access;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All valid keys of the installation, by their hash, so that a request needs no query: a route reloads them within seconds after a change. While PostgreSQL
 * is away, those loaded last stay valid. Thread-safe.
 */
public final class Keys {

    private static final Logger LOG = LoggerFactory.getLogger(Keys.class);

    /** Null until loaded. */
    private volatile Loaded loaded;
    /** Changes by this program since keys were last asked for, which those may not have yet. */
    private final List<Change> changes = new ArrayList<>();
    /** By id: when each was last used, until that is stored. */
    private final Map<Long, Instant> uses = new ConcurrentHashMap<>();

    /**
     * @param version of the table of keys
     * @param byHash the keys
     * @param byId the same
     */
    private record Loaded(long version, Map<ByteBuffer, Known> byHash, Map<Long, ValidKey> byId) {
    }

    private record Known(byte[] hash, ValidKey key) {
    }

    /**
     * @param id of the key
     * @param made the key; null if it was revoked
     */
    private record Change(long id, Known made) {

        void apply(Map<ByteBuffer, Known> byHash, Map<Long, ValidKey> byId) {
            if (made == null) {
                byHash.values().removeIf(known -> known.key.id() == id);
                byId.remove(id);
            } else {
                byHash.put(ByteBuffer.wrap(made.hash), made);
                byId.put(id, made.key);
            }
        }
    }

    /** @return true once keys are loaded */
    boolean areLoaded() {
        return loaded != null;
    }

    /**
     * @param key of a request
     * @param now the time
     * @return what is known of it; empty if it is unknown, revoked or expired
     */
    Optional<ValidKey> find(AccessKey key, Instant now) {
        Loaded current = loaded;
        byte[] hash = key.hash();
        Known known = current == null ? null : current.byHash.get(ByteBuffer.wrap(hash));
        if (known == null || !MessageDigest.isEqual(known.hash, hash) || known.key.isExpired(now)) {
            return Optional.empty();
        }
        uses.put(known.key.id(), now);
        return Optional.of(known.key);
    }

    /** @return true if a key found earlier is still valid */
    boolean isValid(ValidKey key, Instant now) {
        ValidKey current = loaded.byId.get(key.id());
        return current != null && !current.isExpired(now);
    }

    /** @return the parameters of select-valid-keys.sql */
    public synchronized Map<String, Object> question() {
        changes.clear();
        Map<String, Object> question = new HashMap<>();
        Loaded current = loaded;
        question.put("version", current == null ? null : current.version);
        return question;
    }

    /** @param rows of select-valid-keys.sql: all valid keys, or none if nothing has changed */
    public synchronized void remember(@Body List<Map<String, Object>> rows) {
        if (rows.isEmpty()) {
            return;
        }
        Map<ByteBuffer, Known> byHash = new HashMap<>();
        Map<Long, ValidKey> byId = new HashMap<>();
        for (Map<String, Object> row : rows) {
            Optional<Role> role = Role.named((String) row.get("role"));
            if (row.get("key_id") != null && role.isEmpty()) {
                LOG.warn("Key {} is not accepted: this version of the program does not know its role {}", row.get("key_id"), row.get("role"));
            } else if (row.get("key_id") != null) {
                byte[] hash = (byte[]) row.get("hash");
                Long expires = (Long) row.get("expires_at");
                ValidKey key = new ValidKey((Long) row.get("key_id"), (String) row.get("tenant"), role.get(), (String) row.get("name"), expires == null ? null : Instant.ofEpochMilli(expires));
                byHash.put(ByteBuffer.wrap(hash), new Known(hash, key));
                byId.put(key.id(), key);
            }
        }
        changes.forEach(change -> change.apply(byHash, byId));
        loaded = new Loaded((Long) rows.get(0).get("version"), byHash, byId);
    }

    /**
     * Accepts a key at once that was just stored; other programs do when they load keys.
     *
     * @param key itself
     * @param valid what is stored
     */
    synchronized void made(AccessKey key, ValidKey valid) {
        change(valid.id(), new Known(key.hash(), valid));
    }

    /** Refuses a key at once that was just revoked. */
    synchronized void revoked(long id) {
        change(id, null);
    }

    private void change(long id, Known made) {
        if (loaded != null) {
            Change change = new Change(id, made);
            changes.add(change);
            Loaded next = new Loaded(loaded.version, new HashMap<>(loaded.byHash), new HashMap<>(loaded.byId));
            change.apply(next.byHash, next.byId);
            loaded = next;
        }
    }

    /** @return the parameters of update-last-uses.sql; null if no key was used since {@link #stored} */
    public Map<String, Object> lastUses() {
        List<Long> ids = new ArrayList<>();
        List<String> times = new ArrayList<>();
        uses.forEach((id, time) -> {
            ids.add(id);
            times.add(time.toString());
        });
        return ids.isEmpty() ? null : new HashMap<>(Map.of("ids", ids.toArray(Long[]::new), "times", times.toArray(String[]::new)));
    }

    /** @param lastUses that are stored */
    public void stored(Map<String, Object> lastUses) {
        Long[] ids = (Long[]) lastUses.get("ids");
        String[] times = (String[]) lastUses.get("times");
        for (int i = 0; i < ids.length; i++) {
            uses.remove(ids[i], Instant.parse(times[i]));
        }
    }
}
