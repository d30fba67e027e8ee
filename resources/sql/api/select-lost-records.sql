-- Selects the records that Kafka deleted before they were stored, the last noticed first.
SELECT row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, count(*) AS count, coalesce(json_agg(shown ORDER BY id DESC), '[]') AS data
      FROM (SELECT id, topic, "partition", first_offset, last_offset, most_records,
                   iso_8601(stored_at) AS stored_at, iso_8601(noticed_at) AS noticed_at, iso_8601(acknowledged_at) AS acknowledged_at
            FROM lost_records
            WHERE :?acknowledged::boolean IS NULL OR :?acknowledged::boolean = (acknowledged_at IS NOT NULL)
            ORDER BY id DESC LIMIT :?limit::integer) AS shown) AS answer
