-- Discards dead letters that match all filters, or counts them in a dry run; "next" goes on where the time was up.
CALL discard_dead_letters(:?reason::text, :?key::text, :?status::text, :?from::timestamptz, :?to::timestamptz, :?cursor::text, :?dry_run::boolean, NULL)
