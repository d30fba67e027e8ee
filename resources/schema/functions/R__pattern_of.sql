-- A pattern for LIKE of one in which an asterisk stands for any text, as NamePatterns.forLike makes it of what requests contain.
CREATE OR REPLACE FUNCTION pattern_of(text_with_asterisks text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN replace(regexp_replace(regexp_replace(text_with_asterisks, '[*]+', '*', 'g'), '([\\%_])', '\\\1', 'g'), '*', '%');
