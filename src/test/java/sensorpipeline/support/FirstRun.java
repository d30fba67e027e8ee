package sensorpipeline.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import org.apache.kafka.common.utils.Utils;

/**
 * One run of the program before the tests that start it. It leaves an archive of the classes that the program loads at startup (application
 * class-data sharing, JEP 350), and a data folder with embedded servers that hold no readings. Both reduce the CPU time of the many starts in
 * tests. Done once per jar, by the first test JVM that needs it.
 */
final class FirstRun {

    private static final Path FOLDER = Path.of("target/test-programs/first-run").toAbsolutePath();
    private static final Path ARCHIVE = FOLDER.resolve("startup.jsa");
    private static final Path DATA = FOLDER.resolve("data");
    /** Within the data folder. */
    private static final Path PROGRAMS = Path.of("postgresql/programs");

    private FirstRun() {
    }

    static {
        try {
            Files.createDirectories(FOLDER.getParent());
            try (FileChannel channel = FileChannel.open(FOLDER.resolveSibling("first-run.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                // Another test JVM may be running it; closing the channel releases the lock.
                channel.lock();
                if (!Files.exists(ARCHIVE) || Files.getLastModifiedTime(ARCHIVE).compareTo(Files.getLastModifiedTime(ProgramProcess.JAR)) < 0) {
                    Utils.delete(FOLDER.toFile());
                    Files.createDirectories(FOLDER);
                    run();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run() {
        try (ProgramProcess program = ProgramProcess.recording(ProgramProcess.embedded(DATA), "-XX:ArchiveClassesAtExit=" + ARCHIVE)) {
            program.awaitOutput("Running");
            program.terminate();
            // It writes the archive at its end.
            program.awaitEnd(Duration.ofMinutes(3));
        }
        if (!Files.isRegularFile(ARCHIVE)) {
            throw new IllegalStateException("The program has left no " + ARCHIVE);
        }
    }

    /** @return an option of {@code java}: use the archive */
    static String archiveOption() {
        return "-XX:SharedArchiveFile=" + ARCHIVE;
    }

    /**
     * Copies its data folder; PostgreSQL's binaries are hard-linked.
     *
     * @param to an empty folder
     */
    static void copyData(Path to) {
        try {
            Files.walkFileTree(DATA, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                    Path copy = to.resolve(DATA.relativize(folder));
                    if (!copy.equals(to)) {
                        Files.copy(folder, copy, StandardCopyOption.COPY_ATTRIBUTES);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Path relative = DATA.relativize(file);
                    if (relative.startsWith(PROGRAMS) && attributes.isRegularFile()) {
                        Files.createLink(to.resolve(relative), file);
                    } else {
                        Files.copy(file, to.resolve(relative), StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
