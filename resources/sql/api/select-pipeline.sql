-- Selects the state of the pipeline: lag, rollup backlog, retention, limits, dead letters, text where a number usually is, values that were not plausible, and lost records.
SELECT '{"status":"success","data":' || row_to_json(state) || '}' AS answer
FROM (SELECT
    (SELECT row_to_json(shown) FROM (SELECT lag AS readings, iso_8601(seen_at) AS seen_at FROM progress) AS shown) AS lag,
    (SELECT row_to_json(shown) FROM (SELECT count(*) AS batches_waiting, iso_8601(min(stored_at)) AS oldest_waiting FROM batch WHERE NOT rolled_up) AS shown) AS rollups,
    (SELECT row_to_json(shown) FROM (SELECT kept_for(readings_kept) AS readings_kept, kept_for(statistics_kept) AS statistics_kept FROM progress) AS shown) AS retention,
    (SELECT row_to_json(shown) FROM (SELECT coalesce(series, 0) AS sensors, most_sensors, most_metrics FROM progress LEFT JOIN tenant USING (tenant)) AS shown) AS limits,
    (SELECT row_to_json(shown) FROM (SELECT coalesce(sum(letters) FILTER (WHERE status = 'waiting'), 0) AS waiting,
                                            coalesce(sum(letters) FILTER (WHERE status = 'replaying'), 0) AS replaying,
                                            coalesce(sum(letters) FILTER (WHERE status = 'replayed'), 0) AS replayed,
                                            iso_8601((SELECT max(refused_at) FROM dead_letter)) AS newest FROM dead_letter_count) AS shown) AS dead_letters,
    unusual_attributes(false) AS texts_for_numbers,
    unusual_attributes(true) AS implausible_values,
    (SELECT row_to_json(shown) FROM (SELECT coalesce(sum(most_records), 0) AS most_records, max(id) AS through, iso_8601(max(noticed_at)) AS newest
                                     FROM lost_records WHERE acknowledged_at IS NULL) AS shown) AS lost_records
) AS state
