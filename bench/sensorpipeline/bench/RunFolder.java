package sensorpipeline.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder for the data and logs of one run, deleted when it is closed. */
final class RunFolder implements AutoCloseable {

    private final Path path;

    /** Creates the folder, and its parents where they are missing. */
    RunFolder(Path path) throws IOException {
        this.path = Files.createDirectories(path).toAbsolutePath();
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
