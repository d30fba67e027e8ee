-- Deletes the readings that match all filters, or the values of a metric in them, or counts them in a dry run; "next" goes on where the time was up.
CALL delete_readings(:?sensor_id::text[], :?location::text[], :?metric::text, :?below::float8, :?above::float8, :?from::timestamptz, :?to::timestamptz, :?cursor::text, :?dry_run::boolean, NULL)
