package sensorpipeline.routes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
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
 * Polls the route files, and the files next to them that need a restart, twice a second. A change is applied if the file
 * is unchanged at the next poll: editors save in steps, such as truncating, writing and renaming a file. Polling also
 * works on file systems without change notifications, such as those shared with containers.
 */
final class WatchedFiles {

    private static final Logger LOG = LoggerFactory.getLogger(WatchedFiles.class);
    private static final int MILLISECONDS_BETWEEN_LOOKS = 500;
    /** Siblings of the routes folder, whose files were read at startup or are packaged with the program. */
    private static final List<String> NEED_A_RESTART = List.of("resources", "web");

    private final Path root;
    private final List<String> folders;
    private final RouteReload reload;
    private Map<String, Stamp> taken;
    private Map<String, Stamp> seen;
    /** Reported files whose names do not end like those of route files. */
    private final Set<Path> misnamed = new HashSet<>();
    private Map<Path, Stamp> others;
    private Map<Path, Stamp> othersSeen;

    /** Distinguishes states of a file without reading it. */
    private record Stamp(long size, FileTime changed, Object key) {

        static Stamp of(Path file) throws IOException {
            boolean isBrokenLink = Files.isSymbolicLink(file) && !Files.exists(file);
            BasicFileAttributes attributes = isBrokenLink ? Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    : Files.readAttributes(file, BasicFileAttributes.class);
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

    /** Polls until the context stops. */
    void watch(CamelContext context) {
        context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "RouteFiles")
                .scheduleWithFixedDelay(this::look, 0, MILLISECONDS_BETWEEN_LOOKS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            lookAtRoutes();
            lookAtMisnamed();
            lookAtOthers();
        } catch (IOException | UncheckedIOException e) {
            // A file or folder is being replaced; the next poll finds it.
            LOG.debug("Could not look at the files in {}", root, e);
        } catch (RuntimeException | Error e) {
            // Not thrown, because it would end the polling.
            LOG.error("Could not load the changed routes in {}: {}", root, Reason.of(e));
        }
    }

    private void lookAtRoutes() throws IOException {
        Map<String, Stamp> now = new TreeMap<>();
        for (Path path : RouteFile.list(root, folders)) {
            now.put(path.getParent().getFileName() + "/" + path.getFileName(), Stamp.of(path));
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

    private void lookAtMisnamed() throws IOException {
        List<Path> now = RouteFile.misnamed(root, folders);
        misnamed.retainAll(now);
        now.stream().filter(misnamed::add).forEach(file ->
                LOG.warn("{} is ignored: the name of a route file ends with {} or {}", root.relativize(file), RouteFile.YAML, RouteFile.JAVA));
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
