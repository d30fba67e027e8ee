-- Discards the next dead letters that match all filters, or counts them in a dry run; "next" is the cursor to go on from.
SELECT discarded, replaying, next
FROM discard_some_dead_letters(:?reason::text, :?key::text, :?status::text, :?from::timestamptz, :?to::timestamptz, :?cursor::text, :?dry_run::boolean)
