package sensorpipeline.http;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Limits the requests per second of each client address, with bursts of twice as many (a token bucket); excess requests get a 429. Thread-safe. */
final class RateLimit implements Handler<RoutingContext> {

    private static final int MOST_CLIENTS = 100_000;
    private static final long SWEEP_INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final int perSecond;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();
    private final AtomicLong lastSwept = new AtomicLong(System.nanoTime());

    /** @param perSecond requests, at least 1 */
    RateLimit(int perSecond) {
        this.perSecond = perSecond;
    }

    /**
     * State of a client.
     *
     * @param tokens remaining requests
     * @param at when it was computed, in nanoseconds
     * @param isAllowed true if there was a token for the last request
     */
    private record Bucket(double tokens, long at, boolean isAllowed) {
    }

    @Override
    public void handle(RoutingContext context) {
        long now = System.nanoTime();
        if (buckets.size() > MOST_CLIENTS && now - lastSwept.get() > SWEEP_INTERVAL) {
            lastSwept.set(now);
            // The bucket is full again after two idle seconds.
            buckets.values().removeIf(bucket -> now - bucket.at > TimeUnit.SECONDS.toNanos(2));
        }
        Bucket left = buckets.compute(context.request().remoteAddress().hostAddress(), (address, bucket) -> {
            double tokens = bucket == null ? 2.0 * perSecond : Math.min(2.0 * perSecond, bucket.tokens + (now - bucket.at) / 1e9 * perSecond);
            return tokens >= 1 ? new Bucket(tokens - 1, now, true) : new Bucket(tokens, now, false);
        });
        if (left.isAllowed) {
            context.next();
        } else {
            WebServer.send(context, new ErrorAnswer(429, "too_many_requests", "One address may make " + perSecond + " requests a second; try again in a second"));
        }
    }
}
