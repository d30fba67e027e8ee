package sensorpipeline.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Archive of the classes that the program loads at startup (application class-data sharing, JEP 350). Reduces the CPU time of the many
 * starts in tests by a third. Created once per jar, by the first test JVM that needs it.
 */
final class StartupArchive {

    private static final Path ARCHIVE = Path.of("target/test-programs/startup.jsa").toAbsolutePath();

    private StartupArchive() {
    }

    /** Option that names the archive, which exists once this class is initialised. */
    private static final class Made {
        private static final String OPTION = make();
    }

    /** @return an option of {@code java} */
    static String option() {
        return Made.OPTION;
    }

    private static String make() {
        try {
            Path lockFile = Files.createDirectories(ARCHIVE.getParent()).resolve("startup.lock");
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                // Another test JVM may be creating it; closing the channel releases the lock.
                channel.lock();
                if (!Files.exists(ARCHIVE) || Files.getLastModifiedTime(ARCHIVE).compareTo(Files.getLastModifiedTime(ProgramProcess.JAR)) < 0) {
                    Files.deleteIfExists(ARCHIVE);
                    record();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "-XX:SharedArchiveFile=" + ARCHIVE;
    }

    private static void record() {
        try (ProgramProcess program = ProgramProcess.recording(ProgramProcess.embedded(ProgramProcess.folderWithPrograms("recorded")), "-XX:ArchiveClassesAtExit=" + ARCHIVE)) {
            program.awaitOutput("Running");
            program.terminate();
            program.awaitEnd(Duration.ofMinutes(1));
        }
        if (!Files.isRegularFile(ARCHIVE)) {
            throw new IllegalStateException("The program has left no " + ARCHIVE);
        }
    }
}
