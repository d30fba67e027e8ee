package sensorpipeline.access;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Keys in memory. */
class KeysTest {

    private static final Instant NOW = Instant.parse("2026-01-15T10:00:00Z");
    private final Keys keys = new Keys();
    private final AccessKey key = AccessKey.create();

    private static Map<String, Object> row(long version, Long id, AccessKey key, String role, Instant expiry) {
        Map<String, Object> row = new HashMap<>();
        row.put("version", version);
        row.put("key_id", id);
        row.put("hash", key == null ? null : key.hash());
        row.put("tenant", "default");
        row.put("role", role);
        row.put("name", "");
        row.put("expires_at", expiry == null ? null : expiry.toEpochMilli());
        return row;
    }

    @Test
    void aKeyThatExpiresBetweenTwoReloadsIsRefused() {
        keys.remember(List.of(row(1, 7L, key, "reader", NOW)));
        Optional<ValidKey> found = keys.find(key, NOW.minusMillis(1));
        assertEquals("key:7", found.orElseThrow().callerId());
        assertTrue(keys.isValid(found.get(), NOW.minusMillis(1)));
        assertEquals(Optional.empty(), keys.find(key, NOW));
        assertFalse(keys.isValid(found.get(), NOW));
    }

    @Test
    void withoutAChangeTheKeysLoadedLastStayAndWithOneOnlyTheNewOnes() {
        assertFalse(keys.areLoaded());
        assertNull(keys.question().get("version"));
        keys.remember(List.of(row(3, 7L, key, "reader", null)));
        keys.remember(List.of());
        assertTrue(keys.find(key, NOW).isPresent());
        assertEquals(3L, keys.question().get("version"));
        keys.remember(List.of(row(4, null, null, null, null)));
        assertTrue(keys.areLoaded());
        assertEquals(Optional.empty(), keys.find(key, NOW));
    }

    @Test
    void whatIsMadeOrRevokedWhileKeysAreLoadedIsNotUndoneByThem() {
        AccessKey made = AccessKey.create();
        keys.question();
        keys.remember(List.of(row(1, 7L, key, "reader", null)));
        keys.question();
        keys.made(made, new ValidKey(8, "default", Role.READER, "", null));
        keys.revoked(7);
        // Read before both.
        keys.remember(List.of(row(2, 7L, key, "reader", null)));
        assertTrue(keys.find(made, NOW).isPresent());
        assertEquals(Optional.empty(), keys.find(key, NOW));
        // Read after both, and after somebody else has revoked the one that was made.
        keys.question();
        keys.remember(List.of(row(5, null, null, null, null)));
        assertEquals(Optional.empty(), keys.find(made, NOW));
    }

    @Test
    void aKeyWithARoleOfANewerProgramIsNotAccepted() {
        keys.remember(List.of(row(1, 7L, key, "auditor", null)));
        assertEquals(Optional.empty(), keys.find(key, NOW));
    }

    @Test
    void theLastUseIsKeptUntilItIsStored() {
        keys.remember(List.of(row(1, 7L, key, "reader", null)));
        assertNull(keys.lastUses());
        keys.find(key, NOW);
        Map<String, Object> uses = keys.lastUses();
        assertArrayEquals(new Long[] {7L}, (Long[]) uses.get("ids"));
        keys.find(key, NOW.plusSeconds(1));
        keys.stored(uses);
        assertArrayEquals(new String[] {NOW.plusSeconds(1).toString()}, (String[]) keys.lastUses().get("times"));
        keys.stored(keys.lastUses());
        assertNull(keys.lastUses());
    }

    @Test
    void whatThisProgramMakesAndRevokesHoldsAtOnce() {
        ValidKey made = new ValidKey(8, "default", Role.READER, "", null);
        keys.made(key, made);
        keys.revoked(8);
        assertFalse(keys.areLoaded());
        keys.remember(List.of(row(1, null, null, null, null)));
        keys.made(key, made);
        assertEquals(made, keys.find(key, NOW).orElseThrow());
        keys.revoked(8);
        assertEquals(Optional.empty(), keys.find(key, NOW));
        assertFalse(keys.isValid(made, NOW));
    }
}
