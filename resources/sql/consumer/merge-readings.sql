-- Merges a batch into the stored readings and records it in the ledger, all or nothing; selects what became of the readings that were not new.
SELECT "position", outcome, stored_values, stored_attributes
FROM merge_readings(
    ARRAY(SELECT ROW(series_id, to_timestamp(at / 1e6::float8), to_timestamp(received_at / 1e3::float8),
                     -- NaN stands for metrics that a reading does not have.
                     array_replace((:?values::float8[])[values_start : values_end], 'NaN', NULL), attributes::jsonb)::given_reading
          FROM (
              -- Each reading's values begin after the end of the previous reading's values.
              SELECT *, coalesce(lag(values_end) OVER (ORDER BY "position"), 0) + 1 AS values_start
              FROM unnest(:?series_ids::integer[], :?at::bigint[], :?received_at::bigint[], :?values_end::integer[], :?attributes::text[])
                  WITH ORDINALITY AS given (series_id, at, received_at, values_end, attributes, "position")
          ) AS given
          ORDER BY "position"),
    totals_of(:?total_metrics::text[], :?total_figures::float8[]),
    :?offsets::jsonb, :?records::integer, :?generation::bigint)
