package sensorpipeline.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.spi.PackageScanResourceResolver;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;

/**
 * The files of some pages: those of folders on the class path and some of libraries, read once, and nothing else; a path is
 * looked up in this list and never reaches a file system. Safe for use by many threads.
 */
public final class Assets {

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml",
            "json", "application/json",
            "png", "image/png");
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final Pattern MODULE = Pattern.compile("<script src=\"([^\"]+)\" type=\"module\">");
    private static final Pattern IMPORT = Pattern.compile("^import .* from \"\\./(?:components/)?([^\"]+)\";$", Pattern.MULTILINE);

    /** A file: what it is, what it holds, and a fingerprint of that. */
    private record Asset(String type, byte[] content, String tag) {

        String text() {
            return new String(content, StandardCharsets.UTF_8);
        }
    }

    private final String whatThereIs;
    private final Map<String, Asset> assets = new HashMap<>();
    /** For each page the modules that it needs, so that a browser asks for all at once instead of finding one in the other. */
    private final Map<Asset, String> links = new HashMap<>();

    /**
     * A file of a WebJar.
     *
     * @param group of the Maven artifact
     * @param artifact its name
     * @param file its path in the folder of the library
     */
    private record Library(String group, String artifact, String file) {

        /** The WebJar names its version itself, so that pom.xml stays the only place that says it. */
        InputStream open() throws IOException {
            ClassLoader loader = Assets.class.getClassLoader();
            Properties jar = new Properties();
            try (InputStream properties = loader.getResourceAsStream("META-INF/maven/" + group + "/" + artifact + "/pom.properties")) {
                jar.load(properties);
            }
            return loader.getResourceAsStream("META-INF/resources/webjars/" + artifact + "/" + jar.getProperty("version") + "/" + file);
        }
    }

    /**
     * @param context to find the files on its class path
     * @return the files of the dashboard
     */
    public static Assets ofDashboard(CamelContext context) throws Exception {
        Assets assets = new Assets("the dashboard is at /");
        // Named one by one, because Camel loses the sub-folders of what it finds in a jar by "**".
        assets.addFolder(context, "web/", "/");
        assets.addFolder(context, "web/components/", "/components/");
        assets.addLibrary("/lib/chart.js", new Library("org.webjars.npm", "chart.js", "dist/chart.umd.min.js"));
        assets.addIndex("/", "/index.html");
        for (String page : List.of("/explore", "/sensors", "/sensor", "/operations")) {
            assets.addIndex(page, page + ".html");
        }
        assets.linkModules();
        return assets;
    }

    /**
     * @param context to find the files on its class path
     * @return the files of the page that shows the contract of the REST API
     */
    public static Assets ofContract(CamelContext context) throws Exception {
        Assets assets = new Assets("the contract is shown at /docs");
        assets.addFolder(context, "docs/", "/docs/");
        assets.addLibrary("/docs/swagger-ui.css", new Library("org.webjars", "swagger-ui", "swagger-ui.css"));
        assets.addLibrary("/docs/swagger-ui-bundle.js", new Library("org.webjars", "swagger-ui", "swagger-ui-bundle.js"));
        assets.addIndex("/docs", "/docs/index.html");
        assets.addIndex("/docs/", "/docs/index.html");
        return assets;
    }

    private Assets(String whatThereIs) {
        this.whatThereIs = whatThereIs;
    }

    private void addFolder(CamelContext context, String folder, String path) throws Exception {
        PackageScanResourceResolver resolver = PluginHelper.getPackageScanResourceResolver(context);
        for (Resource file : resolver.findResources("classpath:" + folder + "*")) {
            String name = file.getLocation().substring(file.getLocation().lastIndexOf('/') + 1);
            try (InputStream content = file.getInputStream()) {
                assets.put(path + name, asset(name, content.readAllBytes()));
            }
        }
    }

    private void addLibrary(String path, Library library) throws Exception {
        try (InputStream content = library.open()) {
            assets.put(path, asset(path, content.readAllBytes()));
        }
    }

    private void addIndex(String path, String file) {
        assets.put(path, assets.get(file));
    }

    private void linkModules() {
        for (Asset page : Set.copyOf(assets.values())) {
            Matcher module = MODULE.matcher(page.type.startsWith("text/html") ? page.text() : "");
            if (module.find()) {
                Set<String> modules = new LinkedHashSet<>();
                addImports(module.group(1), modules);
                links.put(page, modules.stream().map(path -> "<" + path + ">; rel=modulepreload").collect(Collectors.joining(", ")));
            }
        }
    }

    private void addImports(String module, Set<String> modules) {
        if (modules.add(module)) {
            IMPORT.matcher(assets.get(module).text()).results().forEach(found -> addImports("/components/" + found.group(1), modules));
        }
    }

    private static Asset asset(String path, byte[] content) throws NoSuchAlgorithmException {
        String type = TYPES.getOrDefault(path.substring(path.lastIndexOf('.') + 1), "application/octet-stream");
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
        return new Asset(type, content, "\"" + HexFormat.of().formatHex(digest, 0, 12) + "\"");
    }

    /**
     * Answers a request for a file: with the file, with 304 if the browser has it, or with 404: a page to who wants one, else
     * {@link RequestError}.
     *
     * @param request whose message becomes the answer
     */
    public void answer(Exchange request) {
        Message message = request.getMessage();
        Asset asset = assets.get(message.getHeader(Exchange.HTTP_PATH, String.class));
        boolean isThere = asset != null;
        if (!isThere && message.getHeader("Accept", "", String.class).contains("text/html")) {
            asset = assets.get("/not-found.html");
        }
        if (asset == null) {
            throw new RequestError(404, "not_found", "There is no such page; " + whatThereIs);
        }
        boolean known = isThere && asset.tag.equals(message.getHeader("If-None-Match"));
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, known ? 304 : isThere ? 200 : 404);
        message.setHeader(Exchange.CONTENT_TYPE, asset.type);
        message.setHeader("ETag", asset.tag);
        message.setHeader("Link", links.get(asset));
        message.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        message.setBody(known ? null : asset.content);
    }
}
