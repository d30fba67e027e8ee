package sensorpipeline.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.CorsHandler;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.spi.Registry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.embedded.Ports;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/**
 * One HTTP listener, whose paths Camel routes serve: gzip, HEAD and OPTIONS, CORS, and every error as JSON. Opened after
 * the routes have started, so that no caller meets a listener without paths.
 */
public final class WebServer implements AutoCloseable {

    /** Bytes of the headers of a request, and of an answer that may repeat them. */
    public static final int LARGEST_HEADERS = 32 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final int LONGEST_REQUEST_LINE = 16 * 1024;
    private static final int MOST_STREAMS = 100;
    private static final int LARGEST_BODY = 1024 * 1024;
    private static final String REQUEST_ID = "X-Request-Id";

    private final Vertx vertx;
    private final String name;
    private final Router router;
    private final String host;
    private final int port;
    private final String portSetting;
    private boolean movesIfTaken;
    private ServerCertificate certificate;
    private HttpServer server;

    /**
     * @param vertx to run on
     * @param name what it serves, for people
     * @param host address to listen on
     * @param portSetting name of the setting with the port, for messages
     * @param port to listen on; 0: any
     * @param corsOrigin origin of other sites' pages that may read, * for any, empty for none
     */
    public WebServer(Vertx vertx, String name, String host, String portSetting, int port, String corsOrigin) {
        this.vertx = vertx;
        this.name = name;
        this.router = Router.router(vertx);
        this.host = host;
        this.port = port;
        this.portSetting = portSetting;
        router.route().order(Integer.MIN_VALUE).handler(WebServer::setCommonHeaders);
        if (!corsOrigin.isEmpty()) {
            CorsHandler cors = CorsHandler.create().allowedMethods(Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS))
                    .allowedHeaders(Set.of("If-None-Match", "Last-Event-ID", REQUEST_ID)).exposedHeaders(Set.of("ETag", "Link", "Retry-After", REQUEST_ID));
            router.route().order(Integer.MIN_VALUE + 1)
                    .handler("*".equals(corsOrigin) ? cors.addOriginWithRegex(".*") : cors.addOrigin(corsOrigin));
        }
        router.route().order(Integer.MIN_VALUE + 3).handler(this::answerWrongMethod);
        router.route().last().handler(this::answerWithoutPath);
        for (int status : new int[] {400, 403, 404, 405, 413, 415, 500, 503}) {
            router.errorHandler(status, context -> answerFailure(context, isReadable(context.request().path()) ? status : 400));
        }
    }

    /** @return the paths, to add handlers to */
    public Router router() {
        return router;
    }

    /**
     * Makes the listener a Camel component.
     *
     * @param registry of the Camel context
     * @param component name that routes use in their {@code from: uri}, such as {@code platform-http}
     */
    public void bind(Registry registry, String component) {
        String routerName = VertxPlatformHttpRouter.PLATFORM_HTTP_ROUTER_NAME + "-" + component;
        registry.bind(routerName, new LongestPathFirst(vertx, router, routerName));
        PlatformHttpComponent http = new PlatformHttpComponent();
        http.setEngine(new PlatformHttpEngine() {
            @Override
            public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
                return new VertxPlatformHttpConsumer(endpoint, processor, java.util.List.of(), routerName);
            }

            @Override
            public int getServerPort() {
                return port;
            }
        });
        registry.bind(component, http);
    }

    /** @param meters that show how many requests of which kind came, and how long their answers took */
    public void measure(MeterRegistry meters) {
        router.route().order(Integer.MIN_VALUE).handler(new RequestTimes(meters, name));
    }

    /** @param perSecond requests that one client address may make in a second, on average */
    public void limitRate(int perSecond) {
        router.route().order(Integer.MIN_VALUE + 2).handler(new RateLimit(perSecond));
    }

    /**
     * Lets callers come over TLS, and with HTTP/2.
     *
     * @param shown to callers
     */
    public void secure(ServerCertificate shown) {
        certificate = shown;
    }

    /** Makes {@link #open} choose a free port, and say so, where the port is taken. */
    public void moveIfTaken() {
        movesIfTaken = true;
    }

    /**
     * Starts to listen.
     *
     * @throws CannotStart if the port is taken
     */
    public void open() {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(host)
                .setPort(port)
                .setCompressionSupported(true)
                .setSsl(certificate != null)
                .setKeyCertOptions(certificate == null ? null : certificate.follow(this::renew))
                .setUseAlpn(certificate != null)
                .setHttp2ClearTextEnabled(false)
                .setInitialSettings(new Http2Settings().setMaxHeaderListSize(LARGEST_HEADERS).setMaxConcurrentStreams(MOST_STREAMS))
                .setMaxInitialLineLength(LONGEST_REQUEST_LINE)
                .setMaxHeaderSize(LARGEST_HEADERS)
                .setIdleTimeout(120)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        try {
            server = listen(options);
        } catch (ExecutionException e) {
            if (!movesIfTaken) {
                throw new CannotStart(Ports.taken(host, port, portSetting), e);
            }
            openElsewhere(options);
        }
    }

    private void renew(KeyCertOptions renewed) {
        server.updateSSLOptions(new SSLOptions().setKeyCertOptions(renewed).setUseAlpn(true), true);
    }

    private void openElsewhere(HttpServerOptions options) {
        try {
            server = listen(options.setPort(0));
            LOG.info("Port {} is taken by another program; {} is on {} (choose with {})",
                    port, name, server.actualPort(), Settings.environmentName(portSetting));
        } catch (ExecutionException e) {
            throw new CannotStart(Ports.taken(host, port, portSetting), e);
        }
    }

    private HttpServer listen(HttpServerOptions options) throws ExecutionException {
        try {
            return vertx.createHttpServer(options)
                    .invalidRequestHandler(WebServer::answerUnreadable)
                    .requestHandler(request -> router.handle(isHeadOverHttp2(request) ? new HeadRequest(request) : request))
                    .listen().toCompletionStage().toCompletableFuture().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CannotStart("Interrupted while opening port " + port, e);
        }
    }

    private static boolean isHeadOverHttp2(HttpServerRequest request) {
        return request.method() == HttpMethod.HEAD && request.version() == HttpVersion.HTTP_2;
    }

    /** @return name of the setting with its port */
    public String portSetting() {
        return portSetting;
    }

    /** @return the port it listens on, once open */
    public int port() {
        return server.actualPort();
    }

    /** @return what it serves and where, for people */
    @Override
    public String toString() {
        return name + (certificate == null ? " http://" : " https://") + ("0.0.0.0".equals(host) ? "localhost" : host) + ":" + server.actualPort();
    }

    @Override
    public void close() {
        if (server != null) {
            server.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    /**
     * Answers a request with an error.
     *
     * @param context the request
     * @param answer what to say
     */
    public static void send(RoutingContext context, ErrorAnswer answer) {
        if (context.response().ended() || context.response().headWritten()) {
            if (context.request().version() == HttpVersion.HTTP_2) {
                // Other answers are on their way over the same connection.
                context.response().reset();
            } else {
                context.request().connection().close();
            }
            return;
        }
        if (answer.retryAfter() != null) {
            context.response().putHeader("Retry-After", answer.retryAfter());
        }
        context.response().setStatusCode(answer.status()).putHeader("Content-Type", "application/json").end(answer.json());
    }

    private static void setCommonHeaders(RoutingContext context) {
        String given = context.request().getHeader(REQUEST_ID);
        String requestId = given != null && given.matches("[A-Za-z0-9._:/+=-]{1,128}") ? given : UUID.randomUUID().toString();
        // In place of what came: routes find it there and name it in the log.
        context.request().headers().set(REQUEST_ID, requestId);
        context.response()
                .putHeader(REQUEST_ID, requestId)
                .putHeader("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(OffsetDateTime.now(ZoneOffset.UTC)))
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cache-Control", "no-cache");
        if (context.request().method() == HttpMethod.GET || context.request().method() == HttpMethod.HEAD) {
            // Such a request has no form, whatever it says; Vert.x would fail to read one.
            context.request().headers().remove("Content-Type");
        }
        context.next();
    }

    /** A path that is there by its name is not taken for the parameter of another: /dead-letters/replay is no letter's. */
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
            send(context, new ErrorAnswer(404, "not_found", "There is nothing at this path; /docs of the REST API shows what there is"));
        } else if (context.request().method().equals(HttpMethod.OPTIONS)) {
            context.response().setStatusCode(204).putHeader("Allow", String.join(", ", allowed)).end();
        } else {
            context.response().putHeader("Allow", String.join(", ", allowed));
            send(context, new ErrorAnswer(405, "method_not_allowed",
                    "This path allows " + String.join(", ", allowed) + "; got " + context.request().method()));
        }
    }

    /** @return the methods of routes with this very path, or of those that serve it as one of many */
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

    /** Vert.x calls it a failure of its own when it finds a wrong escape. */
    private static boolean isReadable(String path) {
        try {
            QueryStringDecoder.decodeComponent(path);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void answerFailure(RoutingContext context, int status) {
        send(context, switch (status) {
            case 400 -> new ErrorAnswer(status, "invalid_request", "The request cannot be read: check its URL and its escapes");
            case 403 -> new ErrorAnswer(status, "origin_not_allowed", "Pages of this origin may not read this API");
            case 404 -> new ErrorAnswer(status, "not_found", "A path begins with a slash; /docs of the REST API shows what there is");
            case 413 -> new ErrorAnswer(status, "body_too_large", "The body must not be larger than " + LARGEST_BODY + " bytes");
            case 503 -> new ErrorAnswer(status, "not_available", "This call is stopped for now; try again later");
            default -> context.failure() == null ? new ErrorAnswer(status, "error", "The request failed")
                    : ErrorAnswer.of(context.failure(), context.request().getHeader(REQUEST_ID));
        });
    }

    private static void answerUnreadable(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        ErrorAnswer answer;
        if (cause instanceof TooLongHttpLineException) {
            answer = new ErrorAnswer(414, "url_too_long", "The URL must not be longer than " + LONGEST_REQUEST_LINE + " bytes");
        } else if (cause instanceof TooLongHttpHeaderException) {
            answer = new ErrorAnswer(431, "headers_too_large", "The headers must not be larger than " + LARGEST_HEADERS + " bytes");
        } else {
            answer = new ErrorAnswer(400, "invalid_request", "The request is not valid HTTP");
        }
        request.response().setStatusCode(answer.status()).putHeader("Content-Type", "application/json")
                .putHeader("Connection", "close").end(answer.json())
                .onComplete(done -> request.connection().close());
    }

    /** Lets the most specific path answer, whatever the order in which Camel starts, or starts again, its routes. */
    private static final class LongestPathFirst extends VertxPlatformHttpRouter {
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
            return BodyHandler.create(false).setBodyLimit(LARGEST_BODY);
        }
    }
}
