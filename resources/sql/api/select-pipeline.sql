-- How the pipeline does: what waits, how long data are kept, and what was refused.
SELECT json_build_object('status', 'success', 'data', json_build_object(
    'lag', (SELECT json_build_object('readings', lag, 'seen_at', iso_8601(seen_at)) FROM progress),
    'rollups', (SELECT json_build_object('batches_waiting', count(*), 'oldest_waiting', iso_8601(min(stored_at))) FROM batch WHERE NOT rolled_up),
    'retention', (SELECT json_build_object('readings_kept', kept_for(readings_kept), 'statistics_kept', kept_for(statistics_kept)) FROM progress),
    'dead_letters', (SELECT json_build_object('waiting', count(*) FILTER (WHERE status = 'waiting'), 'replaying', count(*) FILTER (WHERE status = 'replaying'),
                            'replayed', count(*) FILTER (WHERE status = 'replayed'), 'newest', iso_8601(max(refused_at))) FROM dead_letter)
    ))::text AS answer
