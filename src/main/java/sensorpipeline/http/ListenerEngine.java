package sensorpipeline.http;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.camel.Exchange;
import org.apache.camel.LoggingLevel;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.support.LoggingExceptionHandler;

/**
 * Connects Camel routes to the router of a listener.
 *
 * @param routerName name of the router in the registry
 * @param getServerPort of the listener
 * @param variable name of an entry of the routing context that routes have as a variable
 * @param around what is done around the steps of each route
 */
record ListenerEngine(String routerName, int getServerPort, String variable, UnaryOperator<Processor> around) implements PlatformHttpEngine {

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        VertxPlatformHttpConsumer consumer = new VertxPlatformHttpConsumer(endpoint, around.apply(processor), List.of(), routerName) {
            @Override
            protected Future<Void> processHttpRequest(Exchange exchange, RoutingContext context) {
                exchange.setVariable(variable, context.get(variable));
                return super.processHttpRequest(exchange, context);
            }
        };
        // Failures are logged where they are answered, and a client that disconnects is not one.
        consumer.setExceptionHandler(new LoggingExceptionHandler(endpoint.getCamelContext(), WebServer.class, LoggingLevel.DEBUG));
        return consumer;
    }
}
