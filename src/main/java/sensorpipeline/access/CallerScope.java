package sensorpipeline.access;

import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;

/**
 * Makes the variable "caller" of an exchange the current caller for as long as it is processed: a route with {@code policy: {ref: for-caller}} does it for
 * some steps, and an HTTP listener for whole requests. Applies to the thread that processes the exchange; another thread has no caller. Thread-safe.
 */
public final class CallerScope implements Policy {

    /** The variable of an exchange, and the entry of a Vert.x routing context, with the {@link Caller}. */
    public static final String CALLER = "caller";

    private static final ThreadLocal<Caller> CURRENT = new ThreadLocal<>();

    /**
     * @return who makes the request that this thread processes
     * @throws IllegalStateException if it processes none
     */
    static Caller current() {
        return Optional.ofNullable(CURRENT.get()).orElseThrow(() -> new IllegalStateException("Nobody has asked, so it is not known whose data this is about"));
    }

    /**
     * @param steps to be processed for a caller
     * @return the same steps; without a caller they are processed without
     */
    public static Processor around(Processor steps) {
        return exchange -> {
            Caller outer = CURRENT.get();
            CURRENT.set(exchange.getVariable(CALLER, Caller.class));
            try {
                steps.process(exchange);
            } finally {
                CURRENT.set(outer);
            }
        };
    }

    /**
     * @param exchange of a request
     * @return who makes it
     * @throws IllegalStateException if nobody does
     */
    public static Caller of(Exchange exchange) {
        return Optional.ofNullable(exchange.getVariable(CALLER, Caller.class)).orElseThrow(() -> new IllegalStateException("Exchange " + exchange.getExchangeId() + " has no caller"));
    }

    @Override
    public void beforeWrap(Route route, NamedNode definition) {
        // Nothing depends on the route.
    }

    @Override
    public Processor wrap(Route route, Processor processor) {
        return around(processor);
    }
}
