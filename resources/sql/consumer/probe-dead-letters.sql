-- Inserts a dead letter that is known to be good.
INSERT INTO dead_letter (tenant, topic, "partition", "offset", received_at, refused_at, reason, key, value, headers)
VALUES ('probe', 'probe', 0, 0, now(), now(), 'probe', 'probe', 'probe', '[]')
