package sensorpipeline.access;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import sensorpipeline.contract.Operation;
import sensorpipeline.contract.Operations;
import sensorpipeline.http.ErrorAnswer;
import sensorpipeline.http.RequestError;
import sensorpipeline.http.WebServer;
import sensorpipeline.settings.CannotStart;

/**
 * Decides who makes each request of a listener, for which tenant, and whether that caller may, before any route reads it. The caller is then in the
 * routing context, as {@link CallerScope#CALLER}. Thread-safe.
 */
public final class AccessControl implements Handler<RoutingContext> {

    /** After what a listener does with every request, such as limiting the rate, and before its paths. */
    private static final int ORDER = Integer.MIN_VALUE + 10;
    private static final String AUTHORIZATION = "Authorization";
    private static final List<String> SCHEMES = List.of("Bearer realm=\"Sensor Pipeline\"", "Basic realm=\"Sensor Pipeline\", charset=\"UTF-8\"");

    private final Operations operations;
    private final Map<String, Role> roles = new HashMap<>();
    private final Clock clock;
    /** Null if everybody who reaches the listener is an administrator. */
    private final Keys keys;
    private final Caller anybody;
    /** Those that are not answered yet, such as live streams, and their keys. */
    private final Map<RoutingContext, ValidKey> requests = new ConcurrentHashMap<>();

    private AccessControl(Operations operations, Clock clock, Keys keys, Caller anybody) {
        this.operations = operations;
        this.clock = clock;
        this.keys = keys;
        this.anybody = anybody;
        for (Operation operation : operations.all()) {
            if (!operation.isPublic()) {
                roles.put(operation.role(), Role.named(operation.role()).orElseThrow(() -> new CannotStart("openapi.json names a role that there is not: " + operation.role())));
            }
        }
    }

    /**
     * @param operations of the listener
     * @param tenant whose administrator everybody is
     * @return control that lets in everybody
     * @throws CannotStart if an operation needs a role that there is not
     */
    public static AccessControl open(Operations operations, String tenant) {
        return new AccessControl(operations, Clock.systemUTC(), null, Caller.anybody(tenant));
    }

    /**
     * @param operations of the listener
     * @param keys that are valid
     * @param clock by which they expire
     * @return control that lets in who has a key, as far as its role goes
     * @throws CannotStart if an operation needs a role that there is not
     */
    public static AccessControl restricted(Operations operations, Keys keys, Clock clock) {
        return new AccessControl(operations, clock, keys, null);
    }

    /** @param router of the listener, whose requests are controlled from now on */
    public void guard(Router router) {
        router.route().order(ORDER).handler(this);
    }

    @Override
    public void handle(RoutingContext context) {
        List<String> authorization = context.request().headers().getAll(AUTHORIZATION);
        // Routes have no use for it, and could log or return it.
        context.request().headers().remove(AUTHORIZATION);
        Optional<Operation> operation = operations.find(context.request().method().name(), context.normalizedPath());
        if (context.request().method() == HttpMethod.OPTIONS || operation.map(Operation::isPublic).orElse(false)) {
            context.next();
            return;
        }
        try {
            if (keys == null) {
                if (operation.isPresent()) {
                    requireTenant(context, operation.get(), anybody.tenant());
                    context.put(CallerScope.CALLER, anybody);
                }
            } else {
                letIn(context, operation, authorization);
            }
        } catch (RequestError e) {
            if (e.getStatus() == 401) {
                context.response().putHeader("WWW-Authenticate", SCHEMES);
            }
            WebServer.send(context, ErrorAnswer.of(e, null));
            return;
        }
        // What is no operation of the contract has no route either, which is told to who has a key.
        context.next();
    }

    private void letIn(RoutingContext context, Optional<Operation> operation, List<String> authorization) {
        context.response().putHeader("Vary", "Accept, Accept-Encoding, Authorization").putHeader("Cache-Control", "private, no-cache");
        ValidKey key = key(authorization);
        if (operation.isEmpty()) {
            return;
        }
        Role needed = roles.get(operation.get().role());
        if (!key.role().includes(needed)) {
            throw new RequestError(403, "forbidden", "This call needs a key with the role %s; the role of this one is %s".formatted(needed.text(), key.role().text()));
        }
        String tenant = requireTenant(context, operation.get(), key.tenant());
        requests.put(context, key);
        context.addEndHandler(ended -> requests.remove(context));
        context.put(CallerScope.CALLER, new Caller(tenant, key.role(), key.callerId(), key.name()));
    }

    private ValidKey key(List<String> authorization) {
        String text = PresentedKey.in(authorization)
                .orElseThrow(() -> unauthorized("This call needs a key: send one header such as Authorization: Bearer spk_..."));
        RequestError invalid = unauthorized("The key is not valid: it is wrong, revoked or expired");
        AccessKey key = AccessKey.parse(text).orElseThrow(() -> invalid);
        if (!keys.areLoaded()) {
            throw new RequestError(503, "database_unavailable", "The database does not answer, so keys cannot be checked; try again in some seconds");
        }
        return keys.find(key, clock.instant()).orElseThrow(() -> invalid);
    }

    private static RequestError unauthorized(String message) {
        return new RequestError(401, "unauthorized", message);
    }

    /**
     * @param own tenant of the caller, null if it has none of its own
     * @return the tenant that the call is about
     */
    private String requireTenant(RoutingContext context, Operation operation, String own) {
        if (!operation.isAboutTenant()) {
            return own;
        }
        Optional<String> named = operations.tenant(context.request().query());
        if (own == null) {
            return named.orElseThrow(() -> new RequestError(400, "tenant_required", "tenant must be given with a key of the role installation: whose data the call is about, such as ?tenant=default"));
        }
        if (named.isPresent() && !named.get().equals(own)) {
            throw new RequestError(403, "other_tenant", "tenant can be " + own + " only, the tenant of the caller");
        }
        return own;
    }

    /** Ends requests, such as live streams, whose key was revoked or has expired. */
    public void endRequests() {
        requests.forEach((context, key) -> {
            if (!keys.isValid(key, clock.instant())) {
                requests.remove(context);
                context.response().reset();
            } else if (context.response().closed() || context.response().ended()) {
                // The live stream has a close handler of its own in place of that of the routing context.
                requests.remove(context);
            }
        });
    }
}
