-- Closes one partition that has expired for every tenant in it, so that it can go whole; null when none is left.
SELECT close_expired_partition(:?raw::interval, :?rollup::interval) AS closed
