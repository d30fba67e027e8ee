package sensorpipeline.http;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.core.http.impl.HttpServerRequestWrapper;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;

/** A HEAD request over HTTP/2, whose response body is discarded: Vert.x 4.5 does so over HTTP/1 only. Used by the thread that handles the request. */
final class HeadRequest extends HttpServerRequestWrapper {

    private final HttpServerResponse answer;
    private final HttpServerResponse bodiless;

    /** @param request as created by Vert.x */
    HeadRequest(HttpServerRequest request) {
        super((HttpServerRequestInternal) request);
        answer = request.response();
        bodiless = (HttpServerResponse) Proxy.newProxyInstance(
                HeadRequest.class.getClassLoader(), new Class<?>[] {HttpServerResponse.class}, (proxy, method, arguments) -> call(method, arguments));
    }

    @Override
    public HttpServerResponse response() {
        return bodiless;
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
            case "write":
                return done(method, arguments, Future.succeededFuture());
            case "end", "send":
                tellLength(arguments);
                return done(method, arguments, answer.end());
            default:
                Object result;
                try {
                    result = method.invoke(answer, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
                return result == answer ? bodiless : result;
        }
    }

    private void tellLength(Object[] arguments) {
        if (arguments == null || answer.headWritten() || answer.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            return;
        }
        if (arguments[0] instanceof Buffer body) {
            answer.putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(body.length()));
        } else if (arguments[0] instanceof String body) {
            answer.putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(body.getBytes(StandardCharsets.UTF_8).length));
        }
    }

    /** Reports completion the way the method does: to a handler, or as a future. */
    @SuppressWarnings("unchecked")
    private static Object done(Method method, Object[] arguments, Future<Void> end) {
        if (method.getReturnType() != void.class) {
            return end;
        }
        if (arguments[arguments.length - 1] instanceof Handler<?> handler) {
            end.onComplete((Handler<AsyncResult<Void>>) handler);
        }
        return null;
    }
}
