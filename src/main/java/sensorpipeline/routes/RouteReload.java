package sensorpipeline.routes;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.CannotStart;

/**
 * Updates the running routes when their files change. All changes are tried together, so that a route and its callers
 * can change at once. A file that is invalid, alone or together with the others, is rejected: its previous version keeps
 * running, and the log says why. It is retried whenever a file changes. Not thread-safe.
 */
final class RouteReload {

    private static final Logger LOG = LoggerFactory.getLogger(RouteReload.class);

    private static final String ENDLESS = "its code does not end; configure() only describes the route, and must return";

    private final CamelContext context;
    private final Duration limit;
    private final RouteReader reader;
    private final RunningRoutes routes;
    /** The files of the running routes, by path. */
    private final Map<String, RouteFile> running;
    /** What they declare; empty until the first change. */
    private final Map<String, DeclaredRoute> declared = new HashMap<>();
    /** What was logged about each rejected file: its content and the reason. */
    private final Map<String, String> told = new HashMap<>();

    /** Files whose code did not end. It still runs, so they are not read again. */
    private final Set<RouteFile> endless = new HashSet<>();

    /** What the changed files declare, as far as they have been read in the current round. */
    private final Map<RouteFile, DeclaredRoute> read = new HashMap<>();

    /** A rejected file, and the reason. */
    private record Refusal(String path, String reason) {
    }

    /**
     * @param running the files that Camel has loaded, by path
     * @param limit time to read a file
     */
    RouteReload(CamelContext context, Path root, Map<String, RouteFile> running, Duration limit) {
        this.limit = limit;
        this.context = context;
        this.reader = new RouteReader(context, root);
        this.routes = new RunningRoutes(context, root);
        this.running = new TreeMap<>(running);
    }

    /** @param files current files, by path */
    void take(Map<String, RouteFile> files) {
        Map<String, RouteFile> wanted = new TreeMap<>(files);
        Map<String, String> refused = new TreeMap<>();
        Set<String> changed = changed(wanted);
        if (!changed.isEmpty() && declared.isEmpty()) {
            declareRunning();
            changed = changed(wanted);
        }
        while (!changed.isEmpty()) {
            Refusal refusal = tryTogether(wanted, changed);
            if (refusal == null) {
                break;
            }
            refused.put(refusal.path, refusal.reason);
            if (running.containsKey(refusal.path)) {
                wanted.put(refusal.path, running.get(refusal.path));
            } else {
                wanted.remove(refusal.path);
            }
            changed = changed(wanted);
        }
        read.clear();
        tell(refused, files);
    }

    private Set<String> changed(Map<String, RouteFile> wanted) {
        Set<String> paths = new TreeSet<>(wanted.keySet());
        paths.addAll(running.keySet());
        paths.removeIf(path -> Objects.equals(wanted.get(path), running.get(path)));
        return paths;
    }

    /** @return the first of the changed files that is rejected, in which case nothing has changed; or null if all are accepted */
    private Refusal tryTogether(Map<String, RouteFile> wanted, Set<String> changed) {
        Map<String, DeclaredRoute> together = new TreeMap<>(declared);
        together.keySet().removeAll(changed);
        for (String path : changed) {
            if (wanted.containsKey(path)) {
                try {
                    if (!read.containsKey(wanted.get(path))) {
                        read.put(wanted.get(path), readInTime(wanted.get(path)));
                    }
                    together.put(path, read.get(wanted.get(path)));
                } catch (Exception | Error e) {
                    return new Refusal(path, Reason.of(e));
                }
            }
        }
        List<DeclaredRoute> newestFirst = new ArrayList<>(together.values());
        newestFirst.sort(Comparator.comparing(route -> !changed.contains(route.path()) ? 2 : running.containsKey(route.path()) ? 1 : 0));
        DeclaredRoute.Conflict conflict = DeclaredRoute.conflict(newestFirst);
        if (conflict != null) {
            return refusal(conflict, changed);
        }
        return apply(wanted, changed, together);
    }

    private DeclaredRoute readInTime(RouteFile file) throws Exception {
        if (endless.contains(file)) {
            throw new CannotStart(ENDLESS);
        }
        FutureTask<DeclaredRoute> reading = reader.reading(file);
        long end = System.nanoTime() + limit.toNanos();
        while (!context.isStopping()) {
            try {
                return reading.get(200, TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw new CannotStart(Reason.of(e), e);
            } catch (TimeoutException e) {
                if (System.nanoTime() > end) {
                    endless.add(file);
                    throw new CannotStart(ENDLESS);
                }
            }
        }
        throw new CannotStart("the program is stopping");
    }

    /** At the first change rather than at startup, which should be fast. */
    private void declareRunning() {
        running.values().removeIf(file -> {
            try {
                declared.put(file.path(), reader.read(file, false));
                return false;
            } catch (Exception | Error e) {
                // Only a file whose precondition is false can break a rule and still have started; it is reported like a new file that is rejected.
                LOG.debug("{} breaks a rule", file.path(), e);
                return true;
            }
        });
    }

    private Refusal refusal(DeclaredRoute.Conflict conflict, Set<String> changed) {
        if (changed.contains(conflict.path())) {
            return new Refusal(conflict.path(), conflict.message());
        }
        // An unchanged file lacks what a changed file no longer provides.
        String culprit = changed.stream().filter(path -> declared.containsKey(path) && declared.get(path).gives(conflict.name()))
                .findFirst().orElseThrow(() -> new IllegalStateException(conflict.path() + ": " + conflict.message()));
        return new Refusal(culprit, "%s needs it as it was: %s".formatted(conflict.path(), conflict.message()));
    }

    private Refusal apply(Map<String, RouteFile> wanted, Set<String> changed, Map<String, DeclaredRoute> together) {
        Set<String> policies = new TreeSet<>();
        changed.stream().filter(together::containsKey).map(together::get).filter(DeclaredRoute::isPolicy).forEach(policy -> policies.add(policy.id()));
        List<String> toRun = new ArrayList<>(changed.stream().filter(together::containsKey).toList());
        // Policies first. A route gets its policy when it is created, so routes with a changed policy are created again.
        toRun.sort((one, other) -> Boolean.compare(together.get(other).isPolicy(), together.get(one).isPolicy()));
        together.forEach((path, route) -> {
            if (!toRun.contains(path) && route.policies().stream().anyMatch(policies::contains)) {
                toRun.add(path);
            }
        });
        String current = null;
        try {
            for (String path : changed) {
                current = path;
                // Also changed routes, if there are several: one may start at an endpoint where another one has started.
                if (running.containsKey(path) && (changed.size() > 1 || !wanted.containsKey(path) || changesKind(path, together))) {
                    routes.stop(declared.get(path));
                }
            }
            for (String path : toRun) {
                current = path;
                routes.run(wanted.get(path));
            }
        } catch (Exception | Error e) {
            restore(changed, toRun, together);
            // An unchanged route is recreated only for a policy.
            return changed.contains(current) ? new Refusal(current, Reason.of(e))
                    : new Refusal(toRun.get(0), "with it, %s does not start: %s".formatted(current, Reason.of(e)));
        }
        for (String path : changed) {
            told.remove(path);
            LOG.info("{} {}", path, !wanted.containsKey(path) ? "was deleted; its route has stopped"
                    : running.containsKey(path) ? "has changed and is loaded" : "is new and loaded");
        }
        running.clear();
        running.putAll(wanted);
        declared.clear();
        declared.putAll(together);
        return null;
    }

    private boolean changesKind(String path, Map<String, DeclaredRoute> together) {
        return declared.get(path).isPolicy() != together.get(path).isPolicy();
    }

    private void restore(Set<String> changed, List<String> toRun, Map<String, DeclaredRoute> together) {
        Set<String> paths = new TreeSet<>(changed);
        paths.addAll(toRun);
        List<String> before = new ArrayList<>(paths.stream().filter(running::containsKey).toList());
        before.sort((one, other) -> Boolean.compare(declared.get(other).isPolicy(), declared.get(one).isPolicy()));
        paths.stream().filter(together::containsKey).forEach(path -> restoring(path, () -> routes.stop(together.get(path))));
        before.forEach(path -> restoring(path, () -> routes.run(running.get(path))));
    }

    /** An action that may fail. */
    private interface Action {
        void run() throws Exception;
    }

    private static void restoring(String path, Action action) {
        try {
            action.run();
        } catch (Exception | Error e) {
            LOG.error("{} could not be loaded as it was before, either; correct it and restart the program: {}", path, Reason.of(e));
        }
    }

    private void tell(Map<String, String> refused, Map<String, RouteFile> files) {
        told.keySet().removeIf(path -> {
            if (!refused.containsKey(path)) {
                LOG.info("{} {}", path, running.containsKey(path) ? "matches the running route again" : "is gone and was never loaded");
            }
            return !refused.containsKey(path);
        });
        refused.forEach((path, reason) -> {
            // The rest of the reason, such as a list of allowed names, can change with other files.
            String content = reason.replaceFirst(";.*", "") + (files.containsKey(path) ? "\n" + files.get(path).text() : "");
            if (!content.equals(told.put(path, content))) {
                LOG.error("{} is rejected {}: {}", path, running.containsKey(path) ? "and its route keeps running unchanged" : "and not loaded", reason);
            }
        });
    }
}
