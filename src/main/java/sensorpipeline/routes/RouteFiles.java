package sensorpipeline.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.impl.engine.DefaultRoutesLoader;
import org.apache.camel.main.SimpleMain;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/**
 * The route files of the running services: {@code <service>/<route>.camel.yaml} and {@code <service>/<Route>.java}, and
 * those in {@code shared/}. They are loaded from a folder, which is watched, or from the class path. Not thread-safe.
 */
public final class RouteFiles {

    private static final String PACKAGED = "routes/";
    /** Compiling a file can take half a minute on a busy machine. */
    private static final Duration READ_LIMIT = Duration.ofMinutes(1);

    private final CamelContext context;
    /** Null if they are loaded from the class path. */
    private final Path root;
    private final List<String> folders;

    /**
     * @param context that runs the routes, not started yet
     * @param settings {@code routes.dir}: folder with a folder for each service; empty for the routes packaged with the program
     * @param services folders of the running services
     * @throws Settings.InvalidSetting if one of the folders is missing
     */
    public RouteFiles(CamelContext context, Settings settings, List<String> services) {
        String given = settings.text("routes.dir");
        this.context = context;
        this.root = given.isEmpty() ? null : Path.of(given).toAbsolutePath().normalize();
        this.folders = Stream.concat(Stream.of(RouteFile.SHARED), services.stream()).toList();
        if (root != null && !folders.stream().allMatch(folder -> Files.isReadable(root.resolve(folder)) && Files.isDirectory(root.resolve(folder)))) {
            throw new Settings.InvalidSetting("routes.dir", given, "a folder like routes/, with the folders " + String.join(", ", folders));
        }
    }

    /**
     * Starts Camel with the routes, and checks that they follow the rules.
     *
     * @param main starts the context
     * @throws CannotStart if a file is invalid; the message names it
     * @throws Exception if Camel cannot start for another reason
     */
    public void start(SimpleMain main) throws Exception {
        JavaRoutes javaRoutes = new JavaRoutes();
        javaRoutes.setCamelContext(context);
        context.getRegistry().bind(DefaultRoutesLoader.ROUTES_LOADER_KEY_PREFIX + "java", javaRoutes);
        String start = root == null ? "classpath:" + PACKAGED : "file:" + root + "/";
        main.configure().withRoutesIncludePattern(folders.stream()
                .map(folder -> start + folder + "/*" + RouteFile.YAML + "," + start + folder + "/*" + RouteFile.JAVA).collect(Collectors.joining(",")));
        requireFiles();
        try {
            main.start();
        } catch (Exception | Error e) {
            requireReadable(e);
            throw e;
        }
        requireSound();
    }

    /** Starts watching the files if they are in a folder; Camel has loaded their current state. */
    public void watch() throws IOException {
        if (root != null) {
            new WatchedFiles(root, folders, new RouteReload(context, root, read(), READ_LIMIT)).watch(context);
        }
    }

    private Map<String, RouteFile> read() throws IOException {
        Map<String, RouteFile> files = new TreeMap<>();
        for (Path path : RouteFile.list(root, folders)) {
            RouteFile file = RouteFile.read(path);
            files.put(file.path(), file);
        }
        return files;
    }

    private void requireFiles() throws IOException {
        if (root != null) {
            for (RouteFile file : read().values()) {
                if (file.problem() != null) {
                    throw new CannotStart(described(file.path()) + ": " + file.problem());
                }
            }
        }
    }

    /** Camel reports what it cannot start, but not in which file; this finds the file. */
    private void requireReadable(Throwable failure) throws IOException {
        RouteReader reader = new RouteReader(context, root);
        for (RouteFile file : root == null ? List.<RouteFile>of() : read().values()) {
            try {
                reader.read(file, true);
            } catch (Exception | Error e) {
                throw new CannotStart(root.resolve(file.path()) + ": " + Reason.of(e), e);
            }
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CannotStart) {
                throw new CannotStart(cause.getMessage(), failure);
            }
        }
    }

    private void requireSound() throws IOException {
        Collection<RouteFile> files = root == null ? List.of() : read().values();
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        RouteRules rules = new RouteRules(context);
        List<DeclaredRoute> declared = new ArrayList<>();
        for (RouteConfigurationDefinition policy : model.getRouteConfigurationDefinitions()) {
            // Camel does not report the file of a policy.
            String path = RouteFile.SHARED + "/" + policy.getId() + RouteFile.YAML;
            if (root != null && files.stream().noneMatch(file -> file.isShared() && file.id().equals(policy.getId()))) {
                throw new CannotStart("%s: the policy '%s' must be in a file of its own, %s.camel.yaml".formatted(described(RouteFile.SHARED), policy.getId(), policy.getId()));
            }
            declared.add(requiring(path, () -> rules.policy(path, policy)));
        }
        for (RouteDefinition route : model.getRouteDefinitions()) {
            String path = path(route.getResource());
            declared.add(requiring(path, () -> rules.route(path, route, new RouteLinks(context), true)));
        }
        DeclaredRoute.Conflict conflict = DeclaredRoute.conflict(declared);
        if (conflict != null) {
            throw new CannotStart(described(conflict.path()) + ": " + conflict.message());
        }
        for (Route route : context.getRoutes()) {
            requiring(path(route.getSourceResource()), () -> {
                RouteReader.requirePeriod(route.getEndpoint());
                return null;
            });
        }
    }

    private <T> T requiring(String path, Supplier<T> rule) {
        try {
            return rule.get();
        } catch (IllegalArgumentException | CannotStart e) {
            throw new CannotStart(described(path) + ": " + Reason.of(e), e);
        }
    }

    private String described(String path) {
        return root == null ? PACKAGED + path : root.resolve(path).toString();
    }

    private static String path(Resource resource) {
        Path file = Path.of(resource.getLocation().replaceFirst("^\\w+:", ""));
        return file.getParent().getFileName() + "/" + file.getFileName();
    }
}
