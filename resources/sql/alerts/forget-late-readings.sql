-- Deletes a span of late readings whose alerts are published; if more have come meanwhile, those are evaluated next.
WITH gone AS (
    DELETE FROM alert_late WHERE tenant = :?tenant AND sensor_id = :?sensor_id AND topic = :?topic AND "partition" = :?partition AND changed_at = :?changed_at::timestamptz
)
UPDATE alert_late SET from_at = greatest(from_at, as_time(:?until_at) - interval '1 hour'), first_at = now(), claimed_at = NULL
WHERE tenant = :?tenant AND sensor_id = :?sensor_id AND topic = :?topic AND "partition" = :?partition AND changed_at <> :?changed_at::timestamptz
