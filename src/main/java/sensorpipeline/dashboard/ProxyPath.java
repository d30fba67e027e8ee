package sensorpipeline.dashboard;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import sensorpipeline.http.RequestError;

/** From a path of the dashboard to the path of the REST API that it stands for. Stateless. */
public final class ProxyPath {

    private static final String PREFIX = "/api";

    /** Takes the prefix off the path of a request, so that {@code /api/data/latest} asks for {@code /data/latest}. */
    public void strip(Exchange request) {
        Message message = request.getMessage();
        String path = message.getHeader(Exchange.HTTP_PATH, String.class);
        if (!path.startsWith(PREFIX + "/")) {
            throw new RequestError(404, "not_found", "There is no such page; the REST API is under /api/");
        }
        message.setHeader(Exchange.HTTP_PATH, path.substring(PREFIX.length()));
        // The connection's own headers are not the next connection's.
        message.removeHeaders("(?i)accept-encoding|connection|host|keep-alive|te|trailer|transfer-encoding|upgrade");
    }
}
