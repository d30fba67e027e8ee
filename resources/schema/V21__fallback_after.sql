-- For how long other channels must have failed before a fallback tells their alerts has a field of its own, which was "after".

UPDATE alert_channel SET definition = (SELECT json_object_agg(CASE name WHEN 'after' THEN 'fallback_after' ELSE name END, value ORDER BY place) FROM json_each(definition) WITH ORDINALITY AS field (name, value, place))
WHERE fallback_for IS NOT NULL AND definition ->> 'after' IS NOT NULL;
COMMENT ON COLUMN alert_channel.delay IS 'For how long an alert must be open and not acknowledged (after), or null: it is told at once. Of a fallback: for how long the other channel must have failed (fallback_after)';
