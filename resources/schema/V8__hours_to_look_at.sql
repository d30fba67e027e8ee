-- For whom the months are that have statistics, so that a chart looks at no others.
GRANT SELECT ON rollup_partition TO sensor_pipeline_reader;
