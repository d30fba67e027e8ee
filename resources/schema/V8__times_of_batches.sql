-- Which batches have readings of some span of time: so a page of all sensors can tell what it would cost to read the span as it lies on disk.

CREATE INDEX batch_times ON batch USING gist (tstzrange(first_at, last_at, '[]'));
