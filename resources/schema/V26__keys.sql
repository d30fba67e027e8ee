-- Keys, with which programs call the REST API. Only hashes of them are stored.

CREATE TABLE access_key (
    key_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash         bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    tenant       text CHECK (tenant ~ '^[a-z0-9-]{1,63}$'),
    role         text NOT NULL CHECK (role IN ('device', 'reader', 'operator', 'administrator', 'installation')),
    name         text CHECK (length(name) BETWEEN 1 AND 200),
    made_by      text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    CHECK ((role = 'installation') = (tenant IS NULL))
);
COMMENT ON TABLE access_key IS 'Keys of programs that call the REST API, also those that were revoked or have expired';
COMMENT ON COLUMN access_key.hash IS 'SHA-256 of the key';
COMMENT ON COLUMN access_key.tenant IS 'Whose data the key is for; null: those of each tenant that a call names';
COMMENT ON COLUMN access_key.made_by IS 'The caller that made it, such as key:17, or command line';
CREATE INDEX access_key_of_tenant ON access_key (tenant, key_id);

CREATE TABLE key_version (
    version bigint NOT NULL,
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only)
);
COMMENT ON TABLE key_version IS 'One row: changes with each key that is made or revoked, so that programs know when to load keys again; see advance_key_version()';
INSERT INTO key_version VALUES (1);

ALTER TABLE access_key ENABLE ROW LEVEL SECURITY;

-- An administrator lists, makes and revokes the keys of its tenant, and cannot read a hash.
GRANT SELECT (key_id, tenant, role, name, made_by, created_at, expires_at, revoked_at, last_used_at), INSERT (hash, tenant, role, name, made_by, expires_at), UPDATE (revoked_at)
    ON access_key TO sensor_pipeline_administrator;
CREATE POLICY own_keys ON access_key FOR SELECT TO sensor_pipeline_administrator USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY make_own_keys ON access_key FOR INSERT TO sensor_pipeline_administrator WITH CHECK (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY revoke_own_keys ON access_key FOR UPDATE TO sensor_pipeline_administrator
    USING (tenant = current_setting('pipeline.tenant', true)) WITH CHECK (tenant = current_setting('pipeline.tenant', true) AND revoked_at IS NOT NULL);

-- The listener of the REST API looks up all keys before it knows whose request it is.
GRANT SELECT (key_id, hash, tenant, role, name, expires_at, revoked_at, last_used_at), UPDATE (last_used_at) ON access_key TO sensor_pipeline_access;
CREATE POLICY look_up_keys ON access_key FOR SELECT TO sensor_pipeline_access USING (true);
CREATE POLICY note_uses ON access_key FOR UPDATE TO sensor_pipeline_access USING (true);
GRANT SELECT ON key_version TO sensor_pipeline_access;
