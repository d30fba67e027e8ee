package sensorpipeline.routes;

import java.nio.file.Path;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.support.PluginHelper;

/** The running routes and policies; each can be replaced while the others keep running. */
final class RunningRoutes {

    private final CamelContext context;
    private final Path root;

    RunningRoutes(CamelContext context, Path root) {
        this.context = context;
        this.root = root;
    }

    /** Runs the content of the file, in place of the route or policy with the same id. */
    void run(RouteFile file) throws Exception {
        PluginHelper.getRoutesLoader(context).updateRoutes(List.of(file.resource(root)));
    }

    /** Completes work in progress in the route, and removes it; does nothing if there is none. */
    void stop(DeclaredRoute route) throws Exception {
        if (route.isPolicy()) {
            Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
            RouteConfigurationDefinition policy = model.getRouteConfigurationDefinition(route.id());
            if (policy != null) {
                model.removeRouteConfiguration(policy);
            }
        } else if (context.getRoute(route.id()) != null) {
            context.getRouteController().stopRoute(route.id());
            context.removeRoute(route.id());
        }
    }
}
