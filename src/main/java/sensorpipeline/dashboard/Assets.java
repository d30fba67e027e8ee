package sensorpipeline.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.spi.PackageScanResourceResolver;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import sensorpipeline.http.RequestError;

/**
 * The files of the page: those under web/ and the chart library, read once, and nothing else; a path is looked up in this
 * list and never reaches a file system. Safe for use by many threads.
 */
public final class Assets {

    private static final String ROOT = "web/";
    /** Named one by one, because Camel loses the sub-folders of what it finds in a jar by "**". */
    private static final List<String> FOLDERS = List.of(ROOT, ROOT + "components/");
    private static final Map<String, String> LIBRARIES =
            Map.of("/lib/chart.js", "META-INF/resources/webjars/chart.js/%s/dist/chart.umd.min.js");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml",
            "json", "application/json",
            "png", "image/png");
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** A file: what it is, what it holds, and a fingerprint of that. */
    private record Asset(String type, byte[] content, String tag) {
    }

    private final Map<String, Asset> assets = new HashMap<>();

    /** @param context to find the files on its class path */
    public Assets(CamelContext context) throws Exception {
        PackageScanResourceResolver resolver = PluginHelper.getPackageScanResourceResolver(context);
        for (String folder : FOLDERS) {
            for (Resource file : resolver.findResources("classpath:" + folder + "*")) {
                String name = file.getLocation().substring(file.getLocation().lastIndexOf('/') + 1);
                String path = "/" + folder.substring(ROOT.length()) + name;
                try (InputStream content = file.getInputStream()) {
                    assets.put(path, asset(path, content.readAllBytes()));
                }
            }
        }
        for (Map.Entry<String, String> library : LIBRARIES.entrySet()) {
            try (InputStream content = library(library.getValue())) {
                assets.put(library.getKey(), asset(library.getKey(), content.readAllBytes()));
            }
        }
        assets.put("/", assets.get("/index.html"));
    }

    /** The WebJar's own file names its version, so that pom.xml stays the only place that says it. */
    private static InputStream library(String path) throws IOException {
        ClassLoader loader = Assets.class.getClassLoader();
        java.util.Properties jar = new java.util.Properties();
        try (InputStream properties = loader.getResourceAsStream("META-INF/maven/org.webjars.npm/chart.js/pom.properties")) {
            jar.load(properties);
        }
        return loader.getResourceAsStream(path.formatted(jar.getProperty("version")));
    }

    private static Asset asset(String path, byte[] content) throws NoSuchAlgorithmException {
        String type = TYPES.getOrDefault(path.substring(path.lastIndexOf('.') + 1), "application/octet-stream");
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
        return new Asset(type, content, "\"" + HexFormat.of().formatHex(digest, 0, 12) + "\"");
    }

    /**
     * Answers a request for a file: with the file, with 304 if the browser has it, or with {@link RequestError} 404.
     *
     * @param request whose message becomes the answer
     */
    public void answer(Exchange request) {
        Message message = request.getMessage();
        Asset asset = assets.get(message.getHeader(Exchange.HTTP_PATH, String.class));
        if (asset == null) {
            throw new RequestError(404, "not_found", "There is no such page; the dashboard is at /");
        }
        boolean known = asset.tag.equals(message.getHeader("If-None-Match"));
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, known ? 304 : 200);
        message.setHeader(Exchange.CONTENT_TYPE, asset.type);
        message.setHeader("ETag", asset.tag);
        message.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        message.setBody(known ? null : asset.content);
    }
}
