package sensorpipeline.api;

import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/** The client connection of a request, for responses that take so long that clients may disconnect. */
public final class ClientConnection {

    private final HttpServerResponse response;

    private ClientConnection(HttpServerResponse response) {
        this.response = response;
    }

    /**
     * Must be called by the first step of a route, because later steps can replace the message that holds the connection.
     *
     * @param exchange just received from an HTTP listener
     * @return its client connection
     */
    public static ClientConnection of(Exchange exchange) {
        return new ClientConnection(exchange.getIn(HttpMessage.class).getResponse());
    }

    /** @param action run on any thread if the client disconnects before the end of the response */
    void onGone(Runnable action) {
        // The action may block on the database, which must not happen on the event loop.
        response.closeHandler(closed -> CompletableFuture.runAsync(action));
        if (response.closed()) {
            // The connection was closed before the handler was set, so nothing else runs the action.
            action.run();
        }
    }
}
