-- Takes the rows of a batch as they come; a row that is there already refuses all of them.
COPY reading (series_id, batch_id, at, received_at, "values", attributes) FROM STDIN (FORMAT binary)
