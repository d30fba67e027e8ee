package sensorpipeline.routes;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.DeadLetterChannelDefinition;
import sensorpipeline.settings.CannotStart;

/** The rules for a route or policy in Camel's model, whether it was written in YAML or Java. */
final class RouteRules {

    private final CamelContext context;

    RouteRules(CamelContext context) {
        this.context = context;
    }

    /**
     * @param path of its file
     * @param links of what belongs to it, but not to the definition; may be empty
     * @param runs whether its precondition holds
     * @throws CannotStart if it breaks a rule
     */
    DeclaredRoute route(String path, RouteDefinition route, RouteLinks links, boolean runs) {
        requireName(path, "route", route, route.getDescriptionText());
        if (route.getRouteConfigurationId() == null || route.getRouteConfigurationId().isBlank()) {
            throw new CannotStart("the route must name its error policy in routeConfigurationId, such as pass-on-errors");
        }
        RouteLinks all = links.with(ownSteps(route)).with(route.getErrorHandlerFactory());
        requireNamedSteps(all);
        String start = RouteLinks.target(context, route.getInput().getEndpointUri());
        return new DeclaredRoute(path, route.getRouteId(), false, runs && start.startsWith("direct:") ? start : null,
                Arrays.stream(route.getRouteConfigurationId().split(",")).map(String::strip).toList(), all.routes());
    }

    /** Camel adds the steps of policies to the routes when it prepares them. */
    private List<ProcessorDefinition<?>> ownSteps(RouteDefinition route) {
        Set<ProcessorDefinition<?>> ofPolicies = Collections.newSetFromMap(new IdentityHashMap<>());
        for (RouteConfigurationDefinition policy : context.getCamelContextExtension().getContextPlugin(Model.class).getRouteConfigurationDefinitions()) {
            ofPolicies.addAll(policy.getOnExceptions());
            ofPolicies.addAll(policy.getOnCompletions());
            ofPolicies.addAll(policy.getIntercepts());
            ofPolicies.addAll(policy.getInterceptFroms());
            ofPolicies.addAll(policy.getInterceptSendTos());
        }
        return route.getOutputs().stream().filter(step -> !ofPolicies.contains(step)).toList();
    }

    /**
     * @param path of its file
     * @throws CannotStart if it breaks a rule
     */
    DeclaredRoute policy(String path, RouteConfigurationDefinition policy) {
        requireName(path, "policy", policy, policy.getDescriptionText());
        if (!path.startsWith(RouteFile.SHARED + "/")) {
            throw new CannotStart("a policy (routeConfiguration) must be in the folder shared, where every service finds it");
        }
        RouteLinks all = new RouteLinks(context).with(policy.getOnExceptions()).with(policy.getOnCompletions())
                .with(policy.getIntercepts()).with(policy.getInterceptFroms()).with(policy.getInterceptSendTos());
        if (policy.getErrorHandler() != null && policy.getErrorHandler().getErrorHandlerType() instanceof DeadLetterChannelDefinition channel) {
            all.with(channel);
        }
        requireNamedSteps(all);
        return new DeclaredRoute(path, policy.getId(), true, null, List.of(), all.routes());
    }

    private static void requireName(String path, String kind, OptionalIdentifiedDefinition<?> definition, String description) {
        String expected = RouteFile.id(path.substring(path.indexOf('/') + 1));
        if (!definition.hasCustomIdAssigned() || !expected.equals(definition.getId())) {
            throw new CannotStart("the %s must have the id '%s', after its file; it has %s"
                    .formatted(kind, expected, definition.hasCustomIdAssigned() ? "'" + definition.getId() + "'" : "none"));
        }
        if (description == null || description.isBlank()) {
            throw new CannotStart("the %s must have a description, one sentence that says what it does".formatted(kind));
        }
    }

    private static void requireNamedSteps(RouteLinks links) {
        Collection<String> unnamed = links.unnamed();
        if (!unnamed.isEmpty()) {
            throw new CannotStart("the step to %s must have an id, because it leaves the process".formatted(String.join(", ", unnamed)));
        }
    }
}
