package sensorpipeline.api;

import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/** Who made a request, for answers that take long enough for callers to go before their end. */
public final class Caller {

    private final HttpServerResponse response;

    private Caller(HttpServerResponse response) {
        this.response = response;
    }

    /**
     * To be called by the first step of a route, because later ones can replace the message that knows the connection.
     *
     * @param exchange that has just come from an HTTP listener
     * @return its caller
     */
    public static Caller of(Exchange exchange) {
        return new Caller(exchange.getIn(HttpMessage.class).getResponse());
    }

    /** @param action to be run, by some thread, when the caller has closed the connection before the end of the answer */
    void onGone(Runnable action) {
        // The action may wait for the database, which the thread of the network must not.
        response.closeHandler(closed -> CompletableFuture.runAsync(action));
        if (response.closed()) {
            // Before the handler was there, so nobody calls it.
            action.run();
        }
    }
}
