-- Deletes the next readings that match all filters, or the values of a metric in them, or counts them in a dry run, until a time; "next" is the cursor to go on from.
SELECT deleted, next
FROM delete_some_readings(:?sensor_id::text[], :?location::text[], :?metric::text, :?below::float8, :?above::float8, :?from::timestamptz, :?to::timestamptz, :?cursor::text, 10000,
    clock_timestamp() + :?milliseconds::integer * interval '1 millisecond', :?dry_run::boolean)
