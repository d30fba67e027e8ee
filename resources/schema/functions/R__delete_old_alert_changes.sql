-- Deletes at most so many changes of rules, metrics, alerts and sensors that are older than alerts are kept, and that nobody needs any more: all partitions of the tenant have states that contain
-- them, and of a rule or metric, there is a later one, or it is gone. Returns how many.
CREATE OR REPLACE FUNCTION delete_old_alert_changes(kept interval, most integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    deleted bigint;
BEGIN
    WITH applied AS MATERIALIZED (
        SELECT tenant, min(applied_change) AS change_id FROM alert_position WHERE tenant IS NOT NULL GROUP BY tenant
    )
    DELETE FROM alert_change WHERE change_id IN (
        SELECT old.change_id FROM alert_change AS old LEFT JOIN applied USING (tenant)
        WHERE old.changed_at < now() - kept AND old.change_id <= coalesce(applied.change_id, old.change_id)
          AND CASE old.kind
              WHEN 'rule' THEN EXISTS (SELECT FROM alert_change AS later WHERE later.tenant = old.tenant AND later.kind = 'rule' AND later.rule_id = old.rule_id
                                       AND later.change_id > old.change_id AND later.change_id <= coalesce(applied.change_id, later.change_id))
                  OR old.definition IS NULL AND NOT EXISTS (SELECT FROM alert_change AS earlier WHERE earlier.tenant = old.tenant AND earlier.kind = 'rule' AND earlier.rule_id = old.rule_id
                                                            AND earlier.change_id < old.change_id)
              WHEN 'metric' THEN EXISTS (SELECT FROM alert_change AS later WHERE later.tenant = old.tenant AND later.kind = 'metric' AND later.change_id > old.change_id
                                         AND later.definition ->> 'metric' = old.definition ->> 'metric' AND later.change_id <= coalesce(applied.change_id, later.change_id))
              ELSE true END
        ORDER BY old.change_id LIMIT most);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;
