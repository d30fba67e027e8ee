package sensorpipeline.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** The registry behind {@code /observe/metrics}: excludes some of Camel's meters, and sets the buckets of histograms. */
public final class Meters {

    /** Of all timers, in nanoseconds: routes, which are the stages of the store and the calls of the REST API, and HTTP requests. */
    private static final double[] BUCKETS = LongStream.of(5, 25, 100, 250, 1000, 5000, 15_000).mapToDouble(TimeUnit.MILLISECONDS::toNanos).toArray();

    private Meters() {
    }

    /** @return a new registry, without meters */
    public static PrometheusMeterRegistry registry() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.config()
                // There are no external redeliveries here, so these would be zeros, one per route.
                .meterFilter(MeterFilter.denyNameStartsWith("camel.exchanges.external.redeliveries"))
                .meterFilter(new MeterFilter() {
                    @Override
                    public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                        boolean isOurs = id.getName().startsWith("sensor.pipeline.") || id.getName().startsWith("camel.route.policy");
                        return id.getType() == Meter.Type.TIMER && isOurs
                                ? DistributionStatisticConfig.builder().serviceLevelObjectives(BUCKETS).build().merge(config) : config;
                    }
                });
        return registry;
    }
}
