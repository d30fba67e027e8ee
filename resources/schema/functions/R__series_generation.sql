-- Which series are in which database: changes when series are deleted, and when this database takes the place of another one, such as the one that it was
-- restored from. Whoever remembers series does so until then. Restored or promoted databases have another server process; a new one has another number.
CREATE OR REPLACE FUNCTION series_generation() RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT hashtextextended(concat_ws(' ', pg_postmaster_start_time(), pg_database.oid, counter.deletions), 0)
        FROM pg_database, series_counter AS counter WHERE datname = current_database());
