-- Whose expired rows are to be deleted from which partition: where it has expired for the tenant, but not for all others;
-- and where it is wider than "width", as those for long ago are, because it would hold them for too long.
CREATE OR REPLACE FUNCTION expired_rows(raw interval, rollup interval, width interval)
RETURNS TABLE (tenant text, of_table text, time_column text, name text, from_time timestamptz, until_time timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT e.tenant, listed.of_table, listed.time_column, listed.name, listed.from_time, least(listed.until_time, e.expired_before)
    FROM expiry(raw, rollup) AS e JOIN time_partition AS listed USING (of_table)
    WHERE NOT listed.leaving
      AND greatest(listed.from_time, e.gone_before) < least(listed.until_time, e.expired_before)
      AND (listed.until_time <= e.expired_before OR listed.of_table = 'reading' AND listed.until_time - listed.from_time > width)
$$;
