package sensorpipeline.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A file system of a few megabytes that a test can fill and free. Mounting it requires root. */
public final class SmallDisk implements AutoCloseable {

    private final Path mount = ProgramProcess.folder("disk");
    private final Path ballast = mount.resolve("ballast");

    /**
     * Mounts it. If that is not permitted, skips the test, except for root, which CI uses.
     *
     * @param megabytes its size
     */
    public SmallDisk(int megabytes) {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root can mount a disk");
        run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m,mode=0700", "tmpfs", mount.toString());
    }

    /** @return an empty folder on it */
    public Path folder() {
        try {
            return Files.createDirectories(mount.resolve("data"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fills it to the last byte. */
    public void fill() {
        byte[] piece = new byte[4096];
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(piece);
            }
        } catch (IOException e) {
            assertEquals("No space left on device", e.getMessage());
        }
    }

    /** Frees the space that {@link #fill} allocated. */
    public void free() {
        try {
            Files.deleteIfExists(ballast);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Unmounts it, even if files are still open. */
    @Override
    public void close() {
        run("umount", "--lazy", mount.toString());
    }
}
