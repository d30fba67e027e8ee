-- Drops one detached partition and its metadata; the number of rows is PostgreSQL's estimate.
SELECT of_table, name, about_rows, iso_8601(from_time) AS from_time, iso_8601(until_time) AS until_time FROM drop_detached_partition()
