package sensorpipeline.api;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.Quoted;

/** The versions that a change replaces or deletes: those of the header If-Match (RFC 9110, "Conditional Requests"). Stateless. */
public final class Versions {

    /** Proxies that compress responses make their tags weak. */
    private static final Pattern TAG = Pattern.compile("(?:W/)?\"(?:(\\d{1,9})(?:-[\\w-]*)?|[^\"]*)\"");

    private Versions() {
    }

    /**
     * @param exchange with the headers of the request, and its parameters
     * @return these parameters and "versions": Long[], or null if any version will do
     * @throws RequestError (400) if the header is not a list of tags
     */
    public static Map<String, Object> addTo(Exchange exchange) {
        Map<String, Object> parameters = new HashMap<>(AlertRequests.parameters(exchange));
        parameters.put("versions", of(exchange));
        return parameters;
    }

    static Long[] of(Exchange exchange) {
        Object header = exchange.getMessage().getHeader("If-Match");
        String given = header instanceof List<?> lines ? String.join(",", lines.stream().map(String::valueOf).toList()) : (String) header;
        if (given == null || given.strip().equals("*")) {
            return null;
        }
        List<Long> versions = new ArrayList<>();
        for (String one : Arrays.stream(given.split(",")).map(String::strip).toList()) {
            Matcher tag = TAG.matcher(one);
            if (!tag.matches()) {
                throw new RequestError(400, "invalid_if_match", "If-Match must be a version in quotes, such as \"7\", the ETag of a response, or *; got " + Quoted.of(given));
            }
            // A tag of something else is no version, and matches none.
            if (tag.group(1) != null) {
                versions.add(Long.valueOf(tag.group(1)));
            }
        }
        return versions.toArray(Long[]::new);
    }
}
