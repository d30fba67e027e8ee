package sensorpipeline.routes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.model.CircuitBreakerDefinition;
import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.SagaDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.TryDefinition;
import org.apache.camel.model.errorhandler.DeadLetterChannelDefinition;
import org.apache.camel.model.language.ExpressionDefinition;

/** The endpoints that the steps of a route or policy send to or read from, at any depth, as far as they are known before a message arrives. */
final class RouteLinks {

    private static final String DIRECT = "direct:";
    private static final String SHARED = "shared:";
    private static final Set<String> WITHIN_THE_PROCESS = Set.of("direct", "seda", "shared", "log");

    private final CamelContext context;
    /** Endpoint URIs without options. */
    private final List<String> targets = new ArrayList<>();
    private final List<String> unnamed = new ArrayList<>();

    RouteLinks(CamelContext context) {
        this.context = context;
    }

    /** Adds the steps, including nested ones. */
    RouteLinks with(Collection<? extends ProcessorDefinition<?>> steps) {
        steps.forEach(this::visit);
        return this;
    }

    /** Adds the dead letter channel, if it is one. */
    RouteLinks with(ErrorHandlerFactory errorHandler) {
        if (errorHandler instanceof DeadLetterChannelDefinition channel) {
            add(channel, channel.getDeadLetterUri());
        }
        return this;
    }

    /** @return the endpoints {@code direct:name} that must exist, including those behind {@code shared:} */
    List<String> routes() {
        return targets.stream().filter(target -> target.startsWith(DIRECT)).distinct().toList();
    }

    /** @return endpoints outside of this process whose step has no id */
    List<String> unnamed() {
        return unnamed;
    }

    /**
     * @param uri of an endpoint
     * @return the URI of the underlying endpoint, without options, such as {@code direct:name}
     */
    static String target(CamelContext context, String uri) {
        String target = context.resolvePropertyPlaceholders(uri).replaceFirst("\\?.*", "").replaceFirst("^(\\w[\\w.+-]*):/+", "$1:");
        return target.startsWith(SHARED) ? target(context, target.substring(SHARED.length())) : target;
    }

    private void visit(ProcessorDefinition<?> step) {
        if (step instanceof EndpointRequiredDefinition fixed) {
            add(step, fixed.getEndpointUri());
        } else if (step instanceof ToDynamicDefinition dynamic) {
            add(step, dynamic.getUri());
        } else if (step instanceof EnrichDefinition || step instanceof PollEnrichDefinition || step instanceof DynamicRouterDefinition) {
            add(step, constant(((ExpressionNode) step).getExpression()));
        } else if (step instanceof RecipientListDefinition<?> list) {
            addAll(step, constant(list.getExpression()), list.getDelimiter());
        } else if (step instanceof RoutingSlipDefinition<?> slip) {
            addAll(step, constant(slip.getExpression()), slip.getUriDelimiter());
        } else if (step instanceof SagaDefinition saga) {
            add(step, saga.getCompensation() == null ? null : saga.getCompensation().getUri());
            add(step, saga.getCompletion() == null ? null : saga.getCompletion().getUri());
        } else if (step instanceof CircuitBreakerDefinition breaker && breaker.getOnFallback() != null) {
            breaker.getOnFallback().getOutputs().forEach(this::visit);
        }
        if (step instanceof TryDefinition attempt) {
            // Where these are stored depends on the language of the route.
            with(attempt.getOutputsWithoutCatches());
            with(attempt.getCatchClauses() == null ? List.of() : attempt.getCatchClauses());
            with(attempt.getFinallyClause() == null ? List.of() : List.of(attempt.getFinallyClause()));
        } else {
            step.getOutputs().forEach(this::visit);
        }
    }

    private static String constant(ExpressionDefinition expression) {
        return expression != null && Set.of("constant", "simple").contains(expression.getLanguage()) ? expression.getExpression() : null;
    }

    private void addAll(ProcessorDefinition<?> step, String uris, String delimiter) {
        if (uris != null) {
            String separator = delimiter == null ? "," : delimiter;
            Arrays.stream(uris.split(Pattern.quote(separator))).map(String::strip).forEach(uri -> add(step, uri));
        }
    }

    /** @param uri null, or one with an expression, if only a message determines it */
    private void add(Object step, String uri) {
        if (uri == null || uri.isBlank()) {
            return;
        }
        boolean isKnown = !uri.contains("${") && !uri.startsWith("language:");
        String target = isKnown ? target(context, uri) : uri;
        if (isKnown) {
            targets.add(target);
        }
        String scheme = target.replaceFirst(":.*", "");
        if (step instanceof ProcessorDefinition<?> named && !named.hasCustomIdAssigned() && !WITHIN_THE_PROCESS.contains(scheme) && !scheme.startsWith("$")) {
            unnamed.add(target);
        }
    }
}
