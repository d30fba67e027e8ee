package sensorpipeline.alerts;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.ExchangeHelper;

/**
 * Has the routes of channels deliver messages, each attempt on a thread of its own and for a limited time: a route that never ends holds that thread, but no other channel waits for it.
 * Thread-safe.
 */
public final class Deliveries {

    private static final String ROUTE = "direct:deliver-message";

    private final ExecutorService threads;
    private final ProducerTemplate routes;
    private final Duration limit;
    private final Set<Attempt> busy = ConcurrentHashMap.newKeySet();

    /**
     * @param camel runs the routes, and ends the threads with itself
     * @param limit of an attempt
     */
    Deliveries(CamelContext camel, Duration limit) {
        threads = camel.getExecutorServiceManager().newCachedThreadPool(this, "deliver-message");
        routes = camel.createProducerTemplate();
        this.limit = limit;
    }

    /**
     * Has the message of an exchange delivered. When it returns, the attempt has succeeded.
     *
     * @param exchange with the variables "channel" and "message"
     * @throws Exception if the route failed, or did not end in time, or that of an earlier attempt has still not ended
     */
    public void deliver(Exchange exchange) throws Exception {
        DueChannel channel = exchange.getVariable("channel", DueChannel.class);
        Attempt started = new Attempt(channel.id(), channel.isTest());
        if (!busy.add(started)) {
            throw new IllegalStateException("the route of the channel still hangs in an earlier attempt; give its steps time-outs, and restart the service alerts");
        }
        Exchange copy = ExchangeHelper.createCopy(exchange, true);
        Future<Exchange> outcome = threads.submit(() -> {
            try {
                return routes.send(ROUTE, copy);
            } finally {
                busy.remove(started);
            }
        });
        Exception failure;
        try {
            failure = outcome.get(limit.toMillis(), TimeUnit.MILLISECONDS).getException();
        } catch (TimeoutException e) {
            outcome.cancel(true);
            throw new IllegalStateException("the route of the channel did not end within %d seconds".formatted(limit.toSeconds()));
        } catch (ExecutionException e) {
            throw new IllegalStateException("the message could not be handed to the route of the channel", e);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** A test does not wait for the attempt to tell of alerts. */
    private record Attempt(long channel, boolean isTest) {
    }
}
