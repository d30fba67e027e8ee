package sensorpipeline.access;

import java.util.Arrays;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import sensorpipeline.contract.Operations;
import sensorpipeline.settings.CannotStart;

/** Lets no route of a listener start whose operation is not in the contract, which says who may call it. */
public final class DescribedRoutes implements RoutePolicyFactory {

    private final Operations operations;
    private final String component;

    /**
     * @param operations of the contract
     * @param component that the routes of the listener start with, such as {@code platform-http}
     */
    public DescribedRoutes(Operations operations, String component) {
        this.operations = operations;
        this.component = component;
    }

    /**
     * @return null, because the route needs no policy
     * @throws CannotStart if the contract does not have its operation
     */
    @Override
    public RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
        String start = ((RouteDefinition) route).getInput().getEndpointUri();
        if (start.startsWith(component + ":")) {
            PlatformHttpEndpoint endpoint = context.getEndpoint(start, PlatformHttpEndpoint.class);
            String methods = endpoint.getHttpMethodRestrict();
            if (methods == null) {
                throw new CannotStart("Route %s must name its methods, such as httpMethodRestrict: GET,HEAD".formatted(routeId));
            }
            // Paths below that of an operation are its own only if the contract says so.
            String path = endpoint.isMatchOnUriPrefix() ? endpoint.getPath() + "/any" : endpoint.getPath();
            List<String> unknown = Arrays.stream(methods.split(",")).map(String::strip).filter(method -> operations.find(method, path).isEmpty()).toList();
            if (!unknown.isEmpty()) {
                throw new CannotStart("Route %s serves %s %s, which is not in openapi.json: describe it there, and in its \"security\" who may call it"
                        .formatted(routeId, String.join(" and ", unknown), path));
            }
        }
        return null;
    }
}
