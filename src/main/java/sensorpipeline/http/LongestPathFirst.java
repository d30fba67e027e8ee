package sensorpipeline.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/** The router for the paths of Camel routes: the most specific path wins, regardless of the order in which Camel starts or restarts routes. */
final class LongestPathFirst extends VertxPlatformHttpRouter {
    LongestPathFirst(Vertx vertx, Router router, String name) {
        super(null, vertx, router, name);
    }

    @Override
    public Route route(String path) {
        Route route = super.route(path);
        return path.endsWith("*") ? route.order(Integer.MAX_VALUE - 1 - path.length()) : route;
    }

    @Override
    public Handler<RoutingContext> bodyHandler() {
        return BodyHandler.create(false).setBodyLimit(WebServer.LARGEST_BODY);
    }
}
