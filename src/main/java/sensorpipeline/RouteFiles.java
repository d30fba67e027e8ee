package sensorpipeline;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.timer.TimerEndpoint;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.support.FileWatcherResourceReloadStrategy;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import sensorpipeline.settings.CannotStart;

/**
 * The route files of a folder, loaded again when they change. A change that Camel does not take is undone: the routes run
 * on as they were, and the log says why. Called by the watchers' threads, one at a time.
 */
final class RouteFiles {

    private static final Logger LOG = LoggerFactory.getLogger(RouteFiles.class);
    private static final String SHARED = "shared";
    private static final String ENDING = ".camel.yaml";

    private final CamelContext context;
    private final Path root;
    private final List<String> folders;
    /** What each file held when Camel last took it. */
    private final Map<Path, String> taken = new HashMap<>();

    /**
     * @param context whose routes they are
     * @param root folder with a folder for each service
     * @param services folders of the services that run
     */
    RouteFiles(CamelContext context, Path root, List<String> services) {
        this.context = context;
        this.root = root;
        this.folders = Stream.concat(Stream.of(SHARED), services.stream()).toList();
    }

    /** Watches the files from now on; Camel has loaded them as they are. */
    void watch() throws Exception {
        for (String folder : folders) {
            try (Stream<Path> files = Files.list(root.resolve(folder))) {
                for (Path file : files.filter(file -> file.toString().endsWith(ENDING)).toList()) {
                    taken.put(file, Files.readString(file));
                }
            }
            FileWatcherResourceReloadStrategy watcher = new FileWatcherResourceReloadStrategy(root.resolve(folder).toString());
            watcher.setFileFilter(file -> file.getName().endsWith(ENDING));
            watcher.setResourceReload((name, resource) -> changed(root.resolve(folder).resolve(new File(name).getName())));
            context.addService(watcher);
        }
    }

    private synchronized void changed(Path file) throws IOException {
        String text = Files.readString(file);
        // Editors save in steps, and watchers tell each of them.
        if (text.isBlank() || text.equals(taken.get(file))) {
            return;
        }
        try {
            load(file, text);
            taken.put(file, text);
            if (file.getParent().endsWith(SHARED)) {
                // Routes take a policy when they are made.
                loadServices();
            }
            LOG.info("{} has changed and is loaded", root.relativize(file));
        } catch (Exception e) {
            LOG.error("{} has changed, but not so that Camel takes it; its routes run on as they were. {}",
                    root.relativize(file), rootCause(e).getMessage());
            restore(file);
        }
    }

    private void load(Path file, String text) throws Exception {
        requireItsName(file, text);
        PluginHelper.getRoutesLoader(context).updateRoutes(List.of(ResourceHelper.fromString("file:" + file, text)));
        requireSound(context);
    }

    /** A route under another name would run beside the one that the file held before, or that another file holds. */
    private static void requireItsName(Path file, String text) {
        String name = routeName(file);
        if (new Load(LoadSettings.builder().build()).loadFromString(text) instanceof List<?> elements) {
            for (Object element : elements) {
                if (element instanceof Map<?, ?> fields && fields.get("route") instanceof Map<?, ?> route && !name.equals(route.get("id"))) {
                    throw new CannotStart("The route in this file must have the id '%s', as the file; it has '%s'".formatted(name, route.get("id")));
                }
            }
        }
    }

    private static String routeName(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - ENDING.length());
    }

    private void loadServices() throws Exception {
        for (Map.Entry<Path, String> other : taken.entrySet()) {
            if (!other.getKey().getParent().endsWith(SHARED)) {
                load(other.getKey(), other.getValue());
            }
        }
    }

    private void restore(Path file) {
        String before = taken.get(file);
        try {
            if (before != null) {
                load(file, before);
            } else if (context.getRoute(routeName(file)) != null) {
                context.getRouteController().stopRoute(routeName(file));
                context.removeRoute(routeName(file));
            }
        } catch (Exception e) {
            LOG.error("{} could not be loaded as it was before, either; restart the program once it is mended. {}",
                    root.relativize(file), rootCause(e).getMessage());
        }
    }

    /**
     * Refuses what Camel would find only when a message comes, or never: it ignores the name of a policy
     * (routeConfigurationId) that does not exist, so that the route would wait for nothing and lose what it should keep; it
     * lets a route send to another that does not exist; and it reads a time that is none as 0, for which a timer never comes again.
     *
     * @throws CannotStart if a route does one of these
     */
    static void requireSound(CamelContext context) {
        List<RouteDefinition> routes = context.getCamelContextExtension().getContextPlugin(Model.class).getRouteDefinitions();
        Set<String> starts = routes.stream().map(route -> withoutOptions(route.getInput().getEndpointUri())).collect(Collectors.toSet());
        for (RouteDefinition route : routes) {
            requirePolicy(route);
            for (ToDefinition step : ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDefinition.class)) {
                String target = withoutOptions(step.getEndpointUri());
                if (target.startsWith("direct:") && !starts.contains(target)) {
                    throw new CannotStart("Route %s sends to %s, but no route that runs starts there".formatted(route.getRouteId(), target));
                }
            }
        }
        for (Route route : context.getRoutes()) {
            if (route.getEndpoint() instanceof TimerEndpoint timer && timer.getPeriod() <= 0 && timer.getRepeatCount() <= 0) {
                throw new CannotStart("Route %s must have a period above 0, such as 500ms, 5s or 1m".formatted(route.getRouteId()));
            }
        }
    }

    private static String withoutOptions(String uri) {
        return uri.replaceFirst("\\?.*", "");
    }

    private static void requirePolicy(RouteDefinition route) {
        if (route.getRouteConfigurationId() != null) {
            Set<String> missing = new TreeSet<>(List.of(route.getRouteConfigurationId().split("\\s*,\\s*")));
            missing.removeAll(route.getAppliedRouteConfigurationIds() == null ? Set.of() : route.getAppliedRouteConfigurationIds());
            if (!missing.isEmpty()) {
                throw new CannotStart("Route %s names the policy %s, which is not in routes/shared"
                        .formatted(route.getRouteId(), String.join(", ", missing)));
            }
        }
    }

    private static Throwable rootCause(Throwable e) {
        return e.getCause() == null ? e : rootCause(e.getCause());
    }
}
