-- What the pipeline tells about its work.

CREATE TABLE progress (
    tenant          text PRIMARY KEY,
    lag             bigint NOT NULL,
    readings_kept   interval NOT NULL,
    statistics_kept interval NOT NULL,
    most_sensors    integer NOT NULL,
    most_metrics    integer NOT NULL,
    seen_at         timestamptz NOT NULL
);
COMMENT ON TABLE progress IS 'What a consumer saw of its work last, for those who cannot ask Kafka';
COMMENT ON COLUMN progress.lag IS 'Records of this tenant in Kafka that were not stored yet';
COMMENT ON COLUMN progress.most_sensors IS 'Limit of its sensors';
COMMENT ON COLUMN progress.most_metrics IS 'Limit of the metrics of a sensor';
