package sensorpipeline.http;

import org.apache.camel.component.platform.http.PlatformHttpEndpointUriFactory;

/**
 * Lets route files set the path of a listener's endpoint as a parameter, like platform-http: {@code uri: dashboard-http}
 * with {@code path: /} is {@code dashboard-http:/}. Visual editors keep parameters, but drop the path of an endpoint that is
 * not in their catalog. Camel finds this class by the files META-INF/services/org/apache/camel/urifactory/*-http-endpoint.
 */
public final class ListenerUriFactory extends PlatformHttpEndpointUriFactory {

    @Override
    public boolean isEnabled(String scheme) {
        return scheme.endsWith("-http");
    }
}
