-- A time that data are kept, for people.
CREATE OR REPLACE FUNCTION kept_for(kept interval) RETURNS text
LANGUAGE sql STABLE SET intervalstyle = 'postgres_verbose'
RETURN CASE WHEN isfinite(kept) THEN ltrim(kept::text, '@ ') ELSE 'forever' END;
