-- How long data are kept. A partition goes whole once none of the tenants in it keeps it; where some of them do, the rows
-- of the others go in small batches. The overall values are settings: routes pass them as "raw" and "rollup".

CREATE TABLE tenant_retention (
    tenant text PRIMARY KEY CHECK (tenant ~ '^[a-z0-9-]{1,63}$'),
    raw    interval CHECK (raw >= interval '1 hour' AND (raw = 'infinity' OR raw <= interval '1000 years')),
    rollup interval CHECK (rollup >= interval '1 hour' AND (rollup = 'infinity' OR rollup <= interval '1000 years')),
    CONSTRAINT rollup_not_shorter_than_raw CHECK (rollup >= raw)
);
COMMENT ON TABLE tenant_retention IS 'A tenant''s own values in place of RETENTION_RAW and RETENTION_ROLLUP; it need not have sent a reading';
COMMENT ON COLUMN tenant_retention.raw IS 'How long its readings are kept; null: as RETENTION_RAW says; ''infinity'': forever';
COMMENT ON COLUMN tenant_retention.rollup IS 'How long its statistics by hour are kept, never shorter than the readings; null: as RETENTION_ROLLUP says';

CREATE TABLE tenant_expired (
    tenant      text,
    of_table    text,
    gone_before timestamptz NOT NULL,
    PRIMARY KEY (tenant, of_table)
);
COMMENT ON TABLE tenant_expired IS 'Up to when a tenant''s expired rows have been deleted, so that they are not looked for again';
