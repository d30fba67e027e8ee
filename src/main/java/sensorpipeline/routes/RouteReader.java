package sensorpipeline.routes;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.component.timer.TimerEndpoint;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RoutesDefinition;
import org.apache.camel.model.language.SimpleExpression;
import org.apache.camel.reifier.ProcessorReifier;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import sensorpipeline.settings.CannotStart;

/** Reads route files separately from the running routes, so that errors in a file are found before anything is changed. */
final class RouteReader {

    private final CamelContext context;
    private final Path root;
    private final RouteRules rules;

    RouteReader(CamelContext context, Path root) {
        this.context = context;
        this.root = root;
        this.rules = new RouteRules(context);
    }

    /**
     * Reads a file that may contain any Java code, such as an endless loop.
     *
     * @return a future; cancelling it does not end the code
     */
    FutureTask<DeclaredRoute> reading(RouteFile file) {
        FutureTask<DeclaredRoute> reading = new FutureTask<>(() -> read(file, true));
        Thread thread = new Thread(reading, "RouteFile " + file.path());
        thread.setDaemon(true);
        thread.start();
        return reading;
    }

    /**
     * @param isTried whether to create the steps, too, as at the start of the route
     * @throws Exception if the file breaks a rule, or Camel cannot read it or create its steps
     */
    DeclaredRoute read(RouteFile file, boolean isTried) throws Exception {
        RouteBuilder builder = builder(file);
        RoutesDefinition routes = builder.configureRoutes(context);
        List<RouteConfigurationDefinition> policies = policies(builder);
        if (routes.getRoutes().size() + policies.size() != 1 || declaresMore(builder)) {
            throw new CannotStart("a file must hold one route or one policy (routeConfiguration), and nothing else; it has %d routes and %d policies%s"
                    .formatted(routes.getRoutes().size(), policies.size(), declaresMore(builder) ? ", and beans, templates or REST definitions" : ""));
        }
        if (policies.size() == 1) {
            DeclaredRoute declared = rules.policy(file.path(), policies.get(0));
            if (isTried) {
                makeSteps(declared.id(), new RouteDefinition("direct:" + declared.id()), context.getEndpoint("direct:" + declared.id()), policies.get(0).getOnExceptions());
            }
            return declared;
        }
        RouteDefinition route = routes.getRoutes().get(0);
        boolean runs = runs(route);
        DeclaredRoute declared = rules.route(file.path(), route, new RouteLinks(context).with(routes.getOnExceptions()).with(routes.getOnCompletions())
                .with(routes.getIntercepts()).with(routes.getInterceptFroms()).with(routes.getInterceptSendTos()), runs);
        if (isTried && runs) {
            routes.prepareRoute(route);
            Endpoint start = context.getEndpoint(route.getInput().getEndpointUri());
            requirePeriod(start);
            makeSteps(route.getRouteId(), route, start, List.copyOf(route.getOutputs()));
        }
        return declared;
    }

    private RouteBuilder builder(RouteFile file) throws Exception {
        if (file.problem() != null) {
            throw new CannotStart(file.problem());
        }
        if (file.text().isBlank()) {
            throw new CannotStart("it is empty; delete the file to stop its route");
        }
        Collection<RoutesBuilder> builders = PluginHelper.getRoutesLoader(context).findRoutesBuilders(List.of(file.resource(root)));
        if (builders.size() == 1 && builders.iterator().next() instanceof RouteBuilder builder) {
            return builder;
        }
        throw new CannotStart("it has no public class %s that extends RouteBuilder and has a constructor without parameters"
                .formatted(file.name().replace(RouteFile.JAVA, "")));
    }

    private List<RouteConfigurationDefinition> policies(RouteBuilder builder) throws Exception {
        if (builder instanceof RouteConfigurationBuilder policies) {
            policies.configuration();
            return policies.getRouteConfigurationCollection().getRouteConfigurations();
        }
        return List.of();
    }

    private static boolean declaresMore(RouteBuilder builder) {
        return !builder.getBeans().isEmpty() || !builder.getRouteTemplateCollection().getRouteTemplates().isEmpty()
                || !builder.getTemplatedRouteCollection().getTemplatedRoutes().isEmpty() || !builder.getRestCollection().getRests().isEmpty();
    }

    private boolean runs(RouteDefinition route) {
        if (route.getPrecondition() == null) {
            return true;
        }
        SimpleExpression precondition = new SimpleExpression(context.resolvePropertyPlaceholders(route.getPrecondition()));
        precondition.initPredicate(context);
        return precondition.matches(new DefaultExchange(context));
    }

    /**
     * Camel reads an invalid duration as 0, with which a timer never fires again.
     *
     * @throws CannotStart if a timer has no period and no count
     */
    static void requirePeriod(Endpoint start) {
        if (start instanceof TimerEndpoint timer && timer.getPeriod() <= 0 && timer.getRepeatCount() <= 0) {
            throw new CannotStart("the timer must have a period above 0, such as 500ms, 5s or 1m");
        }
    }

    /** Creates the steps as Camel does, but for a discarded route: its counters and policies do not affect those of the running one. */
    private void makeSteps(String id, RouteDefinition definition, Endpoint start, Collection<? extends ProcessorDefinition<?>> steps) throws Exception {
        Route trial = PluginHelper.getRouteFactory(context).createRoute(context, definition, id, null, null, start, null);
        trial.setErrorHandlerFactory(definition.getErrorHandlerFactory());
        for (ProcessorDefinition<?> step : new ArrayList<>(steps)) {
            ProcessorReifier.reifier(trial, step).addRoutes();
        }
    }
}
