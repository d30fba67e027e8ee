package sensorpipeline.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** A copy of the route files that a test edits while they run, and the program's log messages about them. */
public final class RouteFolder implements AutoCloseable {

    private final Path folder;
    private final Log log = new Log();

    /** Log messages of the program about route files, and Camel's warnings and errors. */
    private static final class Log extends AbstractAppender {

        private final Queue<LogEvent> events = new ConcurrentLinkedQueue<>();

        Log() {
            super("route-files", null, null, false, Property.EMPTY_ARRAY);
        }

        @Override
        public void append(LogEvent event) {
            boolean isOurs = event.getLoggerName().startsWith("sensorpipeline.routes");
            if (isOurs || event.getLoggerName().startsWith("org.apache.camel") && event.getLevel().isMoreSpecificThan(Level.WARN)) {
                events.add(event.toImmutable());
            }
        }
    }

    /** @param folder to copy the route files to */
    public RouteFolder(Path folder) {
        this.folder = folder;
        copy(Path.of("routes"), folder);
        log.start();
        ((Logger) LogManager.getRootLogger()).addAppender(log);
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return the folder */
    public Path path() {
        return folder;
    }

    /** @return content of a file, such as {@code api/latest.camel.yaml} */
    public String read(String file) {
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates or overwrites a file. */
    public void write(String file, String text) {
        try {
            Files.writeString(folder.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces a text in a file. */
    public void change(String file, String from, String to) {
        String text = read(file);
        assertTrue(text.contains(from), file + " does not hold " + from);
        write(file, text.replace(from, to));
    }

    /** Deletes a file. */
    public void delete(String file) {
        try {
            Files.delete(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return messages logged so far at this level or above */
    public List<String> logged(Level level) {
        return log.events.stream().filter(event -> event.getLevel().isMoreSpecificThan(level))
                .map(event -> event.getMessage().getFormattedMessage() + (event.getThrown() == null ? "" : "\n" + event.getThrown())).toList();
    }

    /** @return whether a message with this prefix was logged */
    public boolean hasLogged(String start) {
        return logged(Level.INFO).stream().anyMatch(line -> line.startsWith(start));
    }

    /** Clears the logged messages. */
    public void forget() {
        log.events.clear();
    }

    @Override
    public void close() {
        ((Logger) LogManager.getRootLogger()).removeAppender(log);
    }
}
