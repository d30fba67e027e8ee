-- Computes the statistics of some series in an hour anew from the readings that are there: in rollup_hour without those of batches that are not rolled up yet, in
-- rollup_month and in series_activity. Nobody else adds rollups meanwhile, because everyone who does locks the watermark. An hour whose statistics have expired stays without.
CREATE OR REPLACE FUNCTION recount_rollups(of_series integer[], of_hour timestamptz) RETURNS void
LANGUAGE plpgsql SET timezone = 'UTC' SET lock_timeout = '30s' SET enable_seqscan = off SET work_mem = '64MB' SET jit = off AS $$
DECLARE
    of_month timestamptz := date_trunc('month', of_hour, 'UTC');
BEGIN
    PERFORM FROM rollup_watermark FOR UPDATE;
    PERFORM FROM rollup_partition WHERE NOT leaving AND of_hour >= from_time AND of_hour < until_time FOR SHARE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    DELETE FROM rollup_hour WHERE hour = of_hour AND series_id = ANY (of_series);
    INSERT INTO rollup_hour (hour, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT of_hour, reading.series_id, metric."position", count(*), count(*) FILTER (WHERE metric."position" = first_position(reading."values")), min(reading.at), max(reading.at),
           sum(scaled(metric.value)), min(metric.value), max(metric.value), max(reading.received_at)
    FROM reading CROSS JOIN LATERAL unnest(reading."values") WITH ORDINALITY AS metric (value, "position")
    WHERE reading.series_id = ANY (of_series) AND reading.at >= of_hour AND reading.at < of_hour + interval '1 hour' AND metric.value IS NOT NULL
      AND reading.batch_id <> ALL (ARRAY(SELECT batch_id FROM batch WHERE NOT rolled_up))
    GROUP BY reading.series_id, metric."position";

    DELETE FROM rollup_month WHERE series_id = ANY (of_series) AND month = of_month;
    INSERT INTO rollup_month (month, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT of_month, series_id, "position", sum(readings), sum(events), min(first_at), max(last_at), sum(scaled_total), min(lowest), max(highest), max(last_received_at)
    FROM rollup_hour
    WHERE series_id = ANY (of_series) AND hour >= of_month AND hour < of_month + interval '1 month' AND (hour, series_id) <= (SELECT hour, series_id FROM rollup_watermark)
    GROUP BY series_id, "position";

    WITH known AS MATERIALIZED (
        SELECT series_id, max(last_at) AS last_at, max(last_received_at) AS last_received_at FROM monthly_rollups WHERE series_id = ANY (of_series) GROUP BY series_id
    ), inactive AS (
        DELETE FROM series_activity WHERE series_id = ANY (of_series) AND series_id NOT IN (SELECT series_id FROM known)
    )
    UPDATE series_activity SET last_at = known.last_at, last_received_at = known.last_received_at FROM known WHERE known.series_id = series_activity.series_id;
END $$;
