-- Records what a stored batch adds to the totals of its groups, added up from its readings: for very many hours, metrics or locations.
SELECT add_totals(totals_of_batch(?::bigint))
