-- Makes the rules those of a file, or tells what that would change.
SELECT "full", change, row_to_json(answer)::text AS answer
FROM import_alert_rules(:?definitions::json, :?delete_others::boolean, :?dry_run::boolean) AS result,
    LATERAL (SELECT 'success' AS status, :?dry_run::boolean AS dry_run, added, changed, deleted, unchanged, changes AS data) AS answer
