-- Inserts a dead letter that is known to be good, with an id that no other has.
INSERT INTO dead_letter (id, tenant, topic, "partition", "offset", received_at, record_time, refused_at, reason, key, value, headers) OVERRIDING SYSTEM VALUE
VALUES (0, 'probe', 'probe', 0, 0, now(), 0, now(), 'probe', 'probe', 'probe', '[]')
