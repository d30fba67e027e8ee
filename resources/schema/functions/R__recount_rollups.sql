-- Computes the statistics of some series in an hour anew from the readings: in rollup_hour without those of batches that are not rolled up yet, in rollup_month and
-- in series_activity. Rows are locked first, in the order of add_rollups(), by statements that look up no partition (see merge_readings()); what is read after that
-- has everything that others added before. An hour whose statistics have expired stays without.
CREATE OR REPLACE FUNCTION recount_rollups(of_series integer[], of_hour timestamptz) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '30s' SET enable_seqscan = off SET jit = off AS $$
DECLARE
    partition text;
    of_month timestamptz := date_trunc('month', of_hour, 'UTC');
    locked integer;
BEGIN
    PERFORM FROM rollup_watermark FOR SHARE;
    SELECT name INTO partition FROM rollup_partition WHERE NOT leaving AND of_hour >= from_time AND of_hour < until_time FOR SHARE;
    IF partition IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT FROM %I WHERE hour = $1 AND series_id = ANY ($2) ORDER BY series_id, "position" FOR UPDATE', partition) USING of_hour, of_series;
    DELETE FROM rollup_hour WHERE hour = of_hour AND series_id = ANY (of_series);
    INSERT INTO rollup_hour (hour, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT of_hour, reading.series_id, metric."position", count(*), count(*) FILTER (WHERE metric."position" = first_position(reading."values")), min(reading.at), max(reading.at),
           sum(scaled(metric.value)), min(metric.value), max(metric.value), max(reading.received_at)
    FROM reading CROSS JOIN LATERAL unnest(reading."values") WITH ORDINALITY AS metric (value, "position")
    WHERE reading.series_id = ANY (of_series) AND reading.at >= of_hour AND reading.at < of_hour + interval '1 hour' AND metric.value IS NOT NULL
      AND reading.batch_id <> ALL (ARRAY(SELECT batch_id FROM batch WHERE NOT rolled_up))
    GROUP BY reading.series_id, metric."position";

    PERFORM FROM rollup_month WHERE series_id = ANY (of_series) AND month = of_month ORDER BY series_id, "position", month FOR UPDATE;
    DELETE FROM rollup_month WHERE series_id = ANY (of_series) AND month = of_month;
    PERFORM add_months(ARRAY(
        SELECT ROW(hour, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)::hour_rollup
        FROM rollup_hour
        WHERE series_id = ANY (of_series) AND hour >= of_month AND hour < of_month + interval '1 month'
          AND (hour, series_id) <= (SELECT hour, series_id FROM rollup_watermark)));

    PERFORM FROM series_activity WHERE series_id = ANY (of_series) ORDER BY series_id FOR UPDATE;
    WITH known AS MATERIALIZED (
        SELECT series_id, max(last_at) AS last_at, max(last_received_at) AS last_received_at FROM monthly_rollups WHERE series_id = ANY (of_series) GROUP BY series_id
    ), inactive AS (
        DELETE FROM series_activity WHERE series_id = ANY (of_series) AND series_id NOT IN (SELECT series_id FROM known)
    )
    UPDATE series_activity SET last_at = known.last_at, last_received_at = known.last_received_at FROM known WHERE known.series_id = series_activity.series_id;
END $$;
