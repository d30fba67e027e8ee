package sensorpipeline.dashboard;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.httpproxy.Body;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyResponse;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.http.ErrorAnswer;
import sensorpipeline.http.TrustedCertificates;
import sensorpipeline.http.WebServer;

/**
 * Proxies requests under /api to the REST API, so that browsers only need access to the dashboard: responses, exports
 * and the live stream are passed on unchanged. If one side disconnects, the other connection is closed too. Thread-safe.
 */
public final class ApiProxy {

    private static final Logger LOG = LoggerFactory.getLogger(ApiProxy.class);
    private static final String PREFIX = "/api";
    private static final int CONNECT_LIMIT = 2000;
    /** Longer than a query may take, and longer than the live stream is ever silent. */
    private static final int SILENCE_LIMIT = 60;
    private static final int MOST_CONNECTIONS = 10_000;
    private static final ErrorAnswer UNREACHABLE = new ErrorAnswer(502, "api_unreachable", "The REST API does not answer; try again in some seconds");

    private final HttpProxy proxy;
    private final String path;

    /**
     * @param vertx to run on
     * @param baseUrl value of the setting {@code api.base.url}
     * @param trusted certificates to trust
     */
    public ApiProxy(Vertx vertx, String baseUrl, TrustedCertificates trusted) {
        URI base = URI.create(baseUrl);
        boolean isSecured = "https".equals(base.getScheme());
        HttpClient client = vertx.createHttpClient(new HttpClientOptions().setSsl(isSecured).setTrustOptions(trusted.options())
                .setConnectTimeout(CONNECT_LIMIT).setIdleTimeout(SILENCE_LIMIT).setIdleTimeoutUnit(TimeUnit.SECONDS).setMaxPoolSize(MOST_CONNECTIONS)
                .setMaxHeaderSize(WebServer.LARGEST_HEADERS));
        path = base.getPath();
        proxy = HttpProxy.reverseProxy(client)
                .origin(base.getPort() >= 0 ? base.getPort() : isSecured ? 443 : 80, base.getHost())
                .addInterceptor(new Passing());
    }

    /** @param router of a listener, whose path /api/ becomes the REST API */
    public void serve(Router router) {
        router.route(PREFIX + "/*").handler(this::pass);
    }

    private void pass(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (request.uri().startsWith(PREFIX + "/")) {
            // The proxied response has its own.
            request.response().headers().clear();
            proxy.handle(request);
        } else {
            context.next();
        }
    }

    private final class Passing implements ProxyInterceptor {

        @Override
        public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
            // The page has the same origin as this proxy, whatever other origins the REST API allows.
            context.request().headers().remove("Origin");
            context.request().setURI(path + context.request().getURI().substring(PREFIX.length()));
            return context.sendRequest().recover(failure -> {
                LOG.debug("The REST API does not answer", failure);
                ProxyResponse answer = context.request().release().response().setStatusCode(UNREACHABLE.status());
                answer.putHeader("Content-Type", "application/json").putHeader("Cache-Control", "no-store").setBody(Body.body(Buffer.buffer(UNREACHABLE.json())));
                return Future.succeededFuture(answer);
            });
        }

        @Override
        public Future<Void> handleProxyResponse(ProxyContext context) {
            String type = context.response().headers().get("Content-Type");
            if (type != null && type.startsWith("text/event-stream")) {
                // Compressing events for each subscriber would cost more than everything else.
                context.response().putHeader("Content-Encoding", "identity");
            }
            return context.sendResponse();
        }
    }
}
