package sensorpipeline.api;

import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.camel.support.component.EndpointUriFactorySupport;

/**
 * Lets route files set the target of {@link SharedComponent} as a parameter: {@code uri: shared} with {@code target:
 * direct:<route>} is {@code shared:direct:<route>}. Visual editors keep parameters, but drop the path of an endpoint
 * that is not in their catalog. Camel finds this class by META-INF/services/org/apache/camel/urifactory/shared-endpoint.
 */
public final class SharedEndpointUriFactory extends EndpointUriFactorySupport {

    private static final String TARGET = "target";

    @Override
    public boolean isEnabled(String scheme) {
        return "shared".equals(scheme);
    }

    @Override
    public String buildUri(String scheme, Map<String, Object> properties, boolean encode) throws URISyntaxException {
        Map<String, Object> options = new HashMap<>(properties);
        String syntax = scheme + ":" + TARGET;
        return buildQueryParameters(buildPathParameter(syntax, syntax, TARGET, null, true, options), options, encode);
    }

    @Override
    public Set<String> propertyNames() {
        return Set.of(TARGET);
    }

    @Override
    public Set<String> secretPropertyNames() {
        return Set.of();
    }

    @Override
    public Map<String, String> multiValuePrefixes() {
        return Map.of();
    }

    @Override
    public boolean isLenientProperties() {
        return false;
    }
}
