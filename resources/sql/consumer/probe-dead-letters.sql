-- Inserts a dead letter that is known to be good, with an id that no other has.
INSERT INTO dead_letter (id, tenant, topic, "partition", "offset", received_at, refused_at, reason, key, value, headers) OVERRIDING SYSTEM VALUE
VALUES (0, 'probe', 'probe', 0, 0, now(), now(), 'probe', 'probe', 'probe', '[]')
