package sensorpipeline.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * The static files of a website: those of a folder on the class path and of a few libraries, loaded once at startup. A
 * request path is looked up in this list and never reaches a file system. Thread-safe.
 *
 * <p>A page {@code <folder>/<name>/<name>.html} is served at {@code /<name>}. It includes parts that pages share, such as the header,
 * with {@code <!--#include "/frame/header.html" current="/sensors" -->}; the link to {@code current} is marked as the current page.
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

    private static final Pattern PAGE = Pattern.compile("/([^/]+)/\\1\\.html");
    private static final Pattern INCLUDE = Pattern.compile("<!--#include \"([^\"]+)\"(?: current=\"([^\"]+)\")? -->");
    private static final Pattern MODULE = Pattern.compile("<script src=\"([^\"]+)\" type=\"module\">");
    private static final Pattern IMPORT = Pattern.compile("^import .* from \"([^\"]+)\";$", Pattern.MULTILINE);

    /** A file: its media type, content, and entity tag. */
    private record Asset(String type, byte[] content, String tag) {

        String text() {
            return new String(content, StandardCharsets.UTF_8);
        }
    }

    private final String whatThereIs;
    private final Map<String, Asset> assets = new HashMap<>();
    /** Preload links for the modules of each page, so that a browser requests all of them at once instead of discovering one in another. */
    private final Map<Asset, String> links = new HashMap<>();

    /**
     * A file of a WebJar.
     *
     * @param group of the Maven artifact
     * @param artifact its name
     * @param file its path in the folder of the library
     */
    private record Library(String group, String artifact, String file) {

        /** The WebJar contains its version, so that pom.xml stays the only place that states it. */
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
     * @param context whose class path contains the files
     * @return the files of the dashboard
     * @throws IllegalStateException if a page includes a file that does not exist
     */
    public static Assets ofDashboard(CamelContext context) throws Exception {
        Assets assets = new Assets("the dashboard is at /");
        assets.addFolder(context, "web/", "favicon.svg", "/");
        assets.addLibrary("/lib/chart.js", new Library("org.webjars.npm", "chart.js", "dist/chart.umd.min.js"));
        assets.addPages();
        assets.addIndex("/", "/overview");
        assets.addIndex("/index.html", "/overview");
        assets.linkModules();
        return assets;
    }

    /**
     * @param context whose class path contains the files
     * @return the files of the page that shows the OpenAPI document
     */
    public static Assets ofContract(CamelContext context) throws Exception {
        Assets assets = new Assets("the contract is shown at /docs");
        assets.addFolder(context, "docs/", "index.html", "/docs/");
        assets.addLibrary("/docs/swagger-ui.css", new Library("org.webjars", "swagger-ui", "swagger-ui.css"));
        assets.addLibrary("/docs/swagger-ui-bundle.js", new Library("org.webjars", "swagger-ui", "swagger-ui-bundle.js"));
        assets.addIndex("/docs", "/docs/index.html");
        assets.addIndex("/docs/", "/docs/index.html");
        return assets;
    }

    private Assets(String whatThereIs) {
        this.whatThereIs = whatThereIs;
    }

    /**
     * Adds all files of a folder and its subfolders.
     *
     * @param folder on the class path, ending in a slash
     * @param known a file directly in it, which locates it
     * @param path under which the folder is served, ending in a slash
     */
    private void addFolder(CamelContext context, String folder, String known, String path) throws Exception {
        URL url = context.getClassResolver().loadResourceAsURL(folder + known);
        if (url.openConnection() instanceof JarURLConnection connection) {
            // The class loader may share the jar file, so it stays open.
            JarFile jar = connection.getJarFile();
            for (JarEntry entry : jar.stream().filter(one -> one.getName().startsWith(folder) && !one.isDirectory()).toList()) {
                try (InputStream content = jar.getInputStream(entry)) {
                    addFile(path + entry.getName().substring(folder.length()), content.readAllBytes());
                }
            }
        } else {
            Path root = Path.of(url.toURI()).getParent();
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    addFile(path + root.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
                }
            }
        }
    }

    private void addFile(String path, byte[] content) throws NoSuchAlgorithmException {
        assets.put(path, asset(path, content));
    }

    /** Replaces the HTML files, some of which are only fragments, by the complete pages at their paths. */
    private void addPages() throws NoSuchAlgorithmException {
        Map<String, String> sources = new TreeMap<>();
        assets.forEach((path, asset) -> {
            if (path.endsWith(".html")) {
                sources.put(path, asset.text());
            }
        });
        assets.keySet().removeAll(sources.keySet());
        for (String path : sources.keySet()) {
            Matcher page = PAGE.matcher(path);
            if (page.matches()) {
                String complete = INCLUDE.matcher(sources.get(path)).replaceAll(include -> Matcher.quoteReplacement(include(sources, path, include)));
                addFile("/" + page.group(1) + ".html", complete.getBytes(StandardCharsets.UTF_8));
                addIndex("/" + page.group(1), "/" + page.group(1) + ".html");
            }
        }
    }

    private static String include(Map<String, String> sources, String page, MatchResult include) {
        String part = sources.get(include.group(1));
        if (part == null) {
            throw new IllegalStateException("web" + page + " includes " + include.group(1) + ", which does not exist");
        }
        String link = "<a href=\"" + include.group(2) + "\"";
        return part.strip().replace(link, link + " aria-current=\"page\"");
    }

    private void addLibrary(String path, Library library) throws Exception {
        try (InputStream content = library.open()) {
            addFile(path, content.readAllBytes());
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
            IMPORT.matcher(assets.get(module).text()).results().forEach(found -> addImports(URI.create(module).resolve(found.group(1)).getPath(), modules));
        }
    }

    private static Asset asset(String path, byte[] content) throws NoSuchAlgorithmException {
        String type = TYPES.getOrDefault(path.substring(path.lastIndexOf('.') + 1), "application/octet-stream");
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
        return new Asset(type, content, "\"" + HexFormat.of().formatHex(digest, 0, 12) + "\"");
    }

    /**
     * Responds with the requested file, or with 304 if the browser has it. If the file does not exist, a browser gets a page with status 404.
     *
     * @param request whose message becomes the response
     * @throws RequestError (404) if there is no such file and the client does not accept HTML
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
