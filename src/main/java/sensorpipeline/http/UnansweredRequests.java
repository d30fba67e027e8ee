package sensorpipeline.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles requests of a listener that no route matches: unknown paths, wrong methods, failures, and input that is not HTTP. Each gets a JSON error.
 */
final class UnansweredRequests {

    private static final Logger LOG = LoggerFactory.getLogger(UnansweredRequests.class);

    private final Router router;

    /** @param router of the listener */
    UnansweredRequests(Router router) {
        this.router = router;
    }

    /** Adds the handlers to the router. */
    void serve() {
        router.route().order(Integer.MIN_VALUE).failureHandler(UnansweredRequests::endBrokenRequest);
        router.route().order(Integer.MIN_VALUE + 3).handler(this::answerWrongMethod);
        router.route().last().handler(this::answerWithoutPath);
        for (int status : new int[] {400, 403, 404, 405, 413, 415, 500, 503}) {
            router.errorHandler(status, context -> answerFailure(context, isReadable(context.request().path()) ? status : 400));
        }
    }

    /** Vert.x reports a body that cannot be read, or whose client has disconnected, as a failure with status 200. */
    private static void endBrokenRequest(RoutingContext context) {
        if (context.response().closed() || context.failure() instanceof HttpClosedException) {
            LOG.debug("The client of request {} has disconnected", context.request().getHeader(WebServer.REQUEST_ID), context.failure());
        } else if (context.statusCode() == 200) {
            WebServer.send(context, new ErrorAnswer(400, "invalid_request", "The body cannot be read: it is not valid HTTP"));
        } else {
            context.next();
        }
    }

    /** A literal path is not a parameter value of another path: /dead-letters/replay is not a dead letter. */
    private void answerWrongMethod(RoutingContext context) {
        Set<String> allowed = methods(context.normalizedPath(), true);
        if (allowed.isEmpty() || allowed.contains(context.request().method().name())) {
            context.next();
        } else {
            answerWithoutPath(context);
        }
    }

    private void answerWithoutPath(RoutingContext context) {
        Set<String> allowed = methods(context.normalizedPath(), true);
        if (allowed.isEmpty()) {
            allowed = methods(context.normalizedPath(), false);
        }
        if (allowed.isEmpty()) {
            WebServer.send(context, new ErrorAnswer(404, "not_found", "This path does not exist; /docs of the REST API lists the paths"));
        } else if (context.request().method().equals(HttpMethod.OPTIONS)) {
            context.response().setStatusCode(204).putHeader("Allow", String.join(", ", allowed)).end();
        } else {
            context.response().putHeader("Allow", String.join(", ", allowed));
            WebServer.send(context, new ErrorAnswer(405, "method_not_allowed",
                    "This path allows " + String.join(", ", allowed) + "; got " + context.request().method()));
        }
    }

    /** @return the methods of routes with exactly this path, or of routes whose parameter or prefix matches it */
    private Set<String> methods(String path, boolean isExact) {
        Set<String> methods = new TreeSet<>();
        for (Route route : router.getRoutes()) {
            boolean serves = route.getPath() != null && route.methods() != null
                    && (isExact ? path.equals(route.getPath()) : servesAsOneOfMany(route, path));
            if (serves) {
                route.methods().forEach(method -> methods.add(method.name()));
                methods.add("OPTIONS");
            }
        }
        return methods;
    }

    private static boolean servesAsOneOfMany(Route route, String path) {
        return route.getPath().contains(":") ? path.matches(route.getPath().replaceAll(":\\w+", "[^/]+") + "/?")
                : !route.isExactPath() && path.startsWith(route.getPath());
    }

    /** Vert.x reports an invalid escape as an internal error. */
    private static boolean isReadable(String path) {
        try {
            QueryStringDecoder.decodeComponent(path);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void answerFailure(RoutingContext context, int status) {
        WebServer.send(context, switch (status) {
            case 400 -> new ErrorAnswer(status, "invalid_request", "The request cannot be read: check the URL and its escapes");
            case 403 -> new ErrorAnswer(status, "origin_not_allowed", "Web pages of this origin are not allowed to use this API");
            case 404 -> new ErrorAnswer(status, "not_found", "A path begins with a slash; /docs of the REST API lists the paths");
            case 413 -> new ErrorAnswer(status, "body_too_large", "The body must not be larger than " + WebServer.LARGEST_BODY + " bytes");
            case 503 -> new ErrorAnswer(status, "not_available", "This call is stopped at present; try again later");
            default -> context.failure() == null ? new ErrorAnswer(status, "error", "The request failed")
                    : ErrorAnswer.of(context.failure(), context.request().getHeader(WebServer.REQUEST_ID));
        });
    }

    /** Responds to a request that is not HTTP, or exceeds a limit of the listener, and closes its connection. */
    static void answerUnreadable(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        ErrorAnswer answer;
        if (cause instanceof TooLongHttpLineException) {
            answer = new ErrorAnswer(414, "url_too_long", "The URL must not be longer than " + WebServer.LONGEST_REQUEST_LINE + " bytes");
        } else if (cause instanceof TooLongHttpHeaderException) {
            answer = new ErrorAnswer(431, "headers_too_large", "The headers must not be larger than " + WebServer.LARGEST_HEADERS + " bytes");
        } else {
            answer = new ErrorAnswer(400, "invalid_request", "The request is not valid HTTP");
        }
        request.response().setStatusCode(answer.status()).putHeader("Content-Type", "application/json")
                .putHeader("Connection", "close").end(answer.json())
                .onComplete(done -> request.connection().close());
    }
}
