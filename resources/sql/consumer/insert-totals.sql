-- Records what a batch of new readings adds to the totals of its groups.
SELECT add_totals(totals_of(?::text[], ?::float8[]))
