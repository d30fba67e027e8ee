-- Closes one partition that has expired for all its tenants, so that it can be dropped as a whole; null if there is none.
SELECT close_expired_partition(:?raw::interval, :?rollup::interval) AS closed
