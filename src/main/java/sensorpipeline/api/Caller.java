package sensorpipeline.api;

import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/** The connection of a caller, for responses that take so long that callers may disconnect. */
public final class Caller {

    private final HttpServerResponse response;

    private Caller(HttpServerResponse response) {
        this.response = response;
    }

    /**
     * Must be called by the first step of a route, because later ones can replace the message that knows the connection.
     *
     * @param exchange that has just come from an HTTP listener
     * @return its caller
     */
    public static Caller of(Exchange exchange) {
        return new Caller(exchange.getIn(HttpMessage.class).getResponse());
    }

    /** @param action to be run, on any thread, if the caller closes the connection before the end of the response */
    void onGone(Runnable action) {
        // The action may block on the database, which must not happen on the event loop.
        response.closeHandler(closed -> CompletableFuture.runAsync(action));
        if (response.closed()) {
            // It was closed before the handler was set, so nothing else runs the action.
            action.run();
        }
    }
}
