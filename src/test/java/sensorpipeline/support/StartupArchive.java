package sensorpipeline.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * The classes that a start of the program loads, in a file that later starts map (application class-data sharing, JEP 350): a third
 * less processor time for each of the many programs that tests start. Made once for each jar, by whichever test JVM needs it first.
 */
final class StartupArchive {

    private static final Path ARCHIVE = Path.of("target/test-programs/startup.jsa").toAbsolutePath();

    private StartupArchive() {
    }

    /** The option that names the file, which is there once this class is initialised. */
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
                // Another test JVM may be making it; closing the channel releases the lock.
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
