-- Copies the rows of a batch; a duplicate makes the whole COPY fail.
COPY reading (series_id, batch_id, at, received_at, "values", attributes) FROM STDIN (FORMAT binary)
