-- Identifies the set of series in this database: changes when series are deleted, the server restarts, or another database takes its place, such as a restored
-- one. Series that a program remembers are then invalid.
CREATE OR REPLACE FUNCTION series_generation() RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT hashtextextended(concat_ws(' ', pg_postmaster_start_time(), pg_database.oid, counter.deletions), 0)
        FROM pg_database, series_counter AS counter WHERE datname = current_database());
