package sensorpipeline.access;

import java.time.Instant;

/**
 * A key that was not revoked when keys were last loaded.
 *
 * @param id of the key
 * @param tenant whose data it is for; null for the role {@code installation}
 * @param role of who has it
 * @param name for people, empty if it has none
 * @param expiresAt when it expires; null: never
 */
record ValidKey(long id, String tenant, Role role, String name, Instant expiresAt) {

    /** @return the id of its callers */
    String callerId() {
        return "key:" + id;
    }

    boolean isExpired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }
}
