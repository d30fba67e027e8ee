package sensorpipeline.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.spi.Registry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.embedded.Ports;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/**
 * An HTTP listener whose paths are served by Camel routes: gzip, HEAD and OPTIONS, CORS, and all errors as JSON. Opened
 * after the routes have started, so that no client finds a listener without paths.
 */
public final class WebServer implements AutoCloseable {

    /** Maximum size of request headers in bytes, and of response headers, which may repeat them. */
    public static final int LARGEST_HEADERS = 32 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    /** Maximum length of the request line in bytes. */
    static final int LONGEST_REQUEST_LINE = 16 * 1024;
    /** Maximum size of the request body in bytes. */
    static final int LARGEST_BODY = 1024 * 1024;
    /** The header that identifies a request in the log. */
    static final String REQUEST_ID = "X-Request-Id";
    private static final int MOST_STREAMS = 100;

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
     * @param name what it serves, for messages
     * @param host address to listen on
     * @param portSetting name of the setting with the port, for messages
     * @param port to listen on; 0: any
     * @param corsOrigin origin whose web pages may read responses, * for any, empty for none
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
            router.route().order(Integer.MIN_VALUE + 1).handler(cors(corsOrigin)
                    .allowedMethods(Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS))
                    .allowedHeaders(Set.of("Authorization", "If-None-Match", "Last-Event-ID", REQUEST_ID)).exposedHeaders(Set.of("ETag", "Link", "Retry-After", REQUEST_ID)));
        }
        new UnansweredRequests(router).serve();
    }

    private static CorsHandler cors(String origin) {
        return "*".equals(origin) ? CorsHandler.create().addOriginWithRegex(".*") : CorsHandler.create().addOrigin(origin);
    }

    /** @return true if this can be the {@code corsOrigin} of a listener: Vert.x knows the origins of browsers */
    public static boolean isCorsOrigin(String text) {
        try {
            return text.isEmpty() || cors(text) != null;
        } catch (IllegalStateException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    /** @return the router, to add handlers to */
    public Router router() {
        return router;
    }

    /**
     * Registers the listener as a Camel component, for routes that do not ask who calls.
     *
     * @param registry of the Camel context
     * @param component name that routes use in their {@code from: uri}, such as {@code management-http}
     */
    public void bind(Registry registry, String component) {
        bind(registry, component, "caller", UnaryOperator.identity());
    }

    /**
     * Registers the listener as a Camel component.
     *
     * @param registry of the Camel context
     * @param component name that routes use in their {@code from: uri}, such as {@code platform-http}
     * @param variable name of an entry of the routing context that routes have as a variable, such as the caller; it is null where there is none
     * @param around what is done around the steps of each route
     */
    public void bind(Registry registry, String component, String variable, UnaryOperator<Processor> around) {
        String routerName = VertxPlatformHttpRouter.PLATFORM_HTTP_ROUTER_NAME + "-" + component;
        registry.bind(routerName, new LongestPathFirst(vertx, router, routerName));
        PlatformHttpComponent http = new PlatformHttpComponent();
        http.setEngine(new ListenerEngine(routerName, port, variable, around));
        registry.bind(component, http);
    }

    /** @param meters for the number of requests and their response times */
    public void measure(MeterRegistry meters) {
        router.route().order(Integer.MIN_VALUE).handler(new RequestTimes(meters, name));
    }

    /** @param perSecond average requests per second allowed per client address */
    public void limitRate(int perSecond) {
        router.route().order(Integer.MIN_VALUE + 2).handler(new RateLimit(perSecond));
    }

    /**
     * Enables TLS and HTTP/2.
     *
     * @param shown the certificate to present
     */
    public void secure(ServerCertificate shown) {
        certificate = shown;
    }

    /** Makes {@link #open} choose a free port, and log it, if the port is taken. */
    public void moveIfTaken() {
        movesIfTaken = true;
    }

    /**
     * Starts listening.
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
                    .invalidRequestHandler(UnansweredRequests::answerUnreadable)
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

    /** @return what it serves and where, for messages */
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
     * Responds to a request with an error.
     *
     * @param context the request
     * @param answer the error
     */
    public static void send(RoutingContext context, ErrorAnswer answer) {
        if (context.response().ended() || context.response().headWritten()) {
            if (context.request().version() == HttpVersion.HTTP_2) {
                // Other responses use the same connection.
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
        // Replaces the one received: routes read it here and log it.
        context.request().headers().set(REQUEST_ID, requestId);
        context.response()
                .putHeader(REQUEST_ID, requestId)
                .putHeader("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(OffsetDateTime.now(ZoneOffset.UTC)))
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Vary", "Accept, Accept-Encoding")
                .putHeader("Cache-Control", "no-cache");
        if (context.request().method() == HttpMethod.GET || context.request().method() == HttpMethod.HEAD) {
            // Such a request has no form, regardless of its headers; Vert.x would fail to parse one.
            context.request().headers().remove("Content-Type");
        }
        context.next();
    }
}
