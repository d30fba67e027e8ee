package sensorpipeline.routes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the route files, and at the files beside them that only a restart applies, twice a second. What has changed is
 * taken when it has not changed further by the next look: editors save in steps, such as emptying a file, writing it, renaming it.
 * Looking works on file systems that tell nothing, too, such as those shared with containers.
 */
final class WatchedFiles {

    private static final Logger LOG = LoggerFactory.getLogger(WatchedFiles.class);
    private static final int MILLISECONDS_BETWEEN_LOOKS = 500;
    /** Siblings of the folder of routes; the program has read their files when it started, or holds them packaged. */
    private static final List<String> NEED_A_RESTART = List.of("resources", "web");

    private final Path root;
    private final List<String> folders;
    private final RouteReload reload;
    private Map<String, Stamp> taken;
    private Map<String, Stamp> seen;
    private Map<Path, Stamp> others;
    private Map<Path, Stamp> othersSeen;

    /** Tells one state of a file from another without reading it. */
    private record Stamp(long size, FileTime changed, Object key) {

        static Stamp of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
        }
    }

    WatchedFiles(Path root, List<String> folders, RouteReload reload) throws IOException {
        this.root = root;
        this.folders = folders;
        this.reload = reload;
        this.others = others();
        this.othersSeen = others;
    }

    /** Looks until the context stops. */
    void watch(CamelContext context) {
        context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "RouteFiles")
                .scheduleWithFixedDelay(this::look, 0, MILLISECONDS_BETWEEN_LOOKS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            lookAtRoutes();
            lookAtOthers();
        } catch (IOException | UncheckedIOException e) {
            // A file or folder that is being replaced; the next look finds it.
            LOG.debug("Could not look at the files in {}", root, e);
        } catch (RuntimeException e) {
            LOG.error("Could not load the changed routes in {}: {}", root, Reason.of(e));
        }
    }

    private void lookAtRoutes() throws IOException {
        Map<String, Stamp> now = new TreeMap<>();
        for (String folder : folders) {
            try (Stream<Path> paths = Files.list(root.resolve(folder))) {
                for (Path path : paths.filter(path -> RouteFile.isRouteFile(path.getFileName().toString())).toList()) {
                    now.put(folder + "/" + path.getFileName(), Stamp.of(path));
                }
            }
        }
        boolean hasSettled = now.equals(seen);
        seen = now;
        if (hasSettled && !now.equals(taken)) {
            Map<String, RouteFile> files = new TreeMap<>();
            for (String path : now.keySet()) {
                files.put(path, RouteFile.read(root.resolve(path)));
            }
            taken = now;
            reload.take(files);
        }
    }

    private void lookAtOthers() throws IOException {
        Map<Path, Stamp> now = others();
        if (now.equals(othersSeen) && !now.equals(others)) {
            Set<Path> changed = new TreeSet<>(now.keySet());
            changed.addAll(others.keySet());
            changed.removeIf(file -> now.containsKey(file) && now.get(file).equals(others.get(file)));
            changed.forEach(file -> LOG.warn("{} has changed; restart the program to apply it", root.resolveSibling("").relativize(file)));
            others = now;
        }
        othersSeen = now;
    }

    private Map<Path, Stamp> others() throws IOException {
        Map<Path, Stamp> stamps = new TreeMap<>();
        for (String folder : NEED_A_RESTART) {
            if (Files.isDirectory(root.resolveSibling(folder))) {
                try (Stream<Path> files = Files.walk(root.resolveSibling(folder))) {
                    for (Path file : files.filter(Files::isRegularFile).filter(WatchedFiles::isNoTemporary).toList()) {
                        stamps.put(file, Stamp.of(file));
                    }
                }
            }
        }
        return stamps;
    }

    private static boolean isNoTemporary(Path file) {
        String name = file.getFileName().toString();
        return !name.startsWith(".") && !name.endsWith("~") && !name.matches(".*\\.(swp|swx|tmp|bak)|\\d+");
    }
}
