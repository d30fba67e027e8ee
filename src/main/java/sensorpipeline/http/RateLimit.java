package sensorpipeline.http;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Lets each client address make so many requests a second, and twice as many at once after a pause (a token bucket); others
 * get a 429. Safe for use by many threads.
 */
final class RateLimit implements Handler<RoutingContext> {

    private static final int MOST_CLIENTS = 100_000;

    private final int perSecond;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    /** @param perSecond requests, at least 1 */
    RateLimit(int perSecond) {
        this.perSecond = perSecond;
    }

    /**
     * What a client has left.
     *
     * @param tokens requests
     * @param at when it was so many, in nanoseconds
     */
    private record Bucket(double tokens, long at) {
    }

    @Override
    public void handle(RoutingContext context) {
        long now = System.nanoTime();
        if (buckets.size() > MOST_CLIENTS) {
            // Who has not asked for two seconds has a full bucket again.
            buckets.values().removeIf(bucket -> now - bucket.at > TimeUnit.SECONDS.toNanos(2));
        }
        Bucket left = buckets.compute(context.request().remoteAddress().hostAddress(), (address, bucket) -> {
            double tokens = bucket == null ? 2.0 * perSecond : Math.min(2.0 * perSecond, Math.max(0, bucket.tokens) + (now - bucket.at) / 1e9 * perSecond);
            // Less than none: this request is refused, and takes nothing.
            return tokens >= 1 ? new Bucket(tokens - 1, now) : new Bucket(-1, bucket.at);
        });
        if (left.tokens >= 0) {
            context.next();
        } else {
            WebServer.send(context, new ErrorAnswer(429, "too_many_requests", "One address may make " + perSecond + " requests a second; try again in a second"));
        }
    }
}
