package sensorpipeline.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A program's claim to run the embedded servers of a data folder. A program that ends by itself comes last: it leaves the
 * servers to any other program that starts or runs, which would otherwise have to take them over soon. Not thread-safe.
 */
final class OwnershipClaim {

    /** More than the time between two attempts of another program, and between the starts of two programs by one command. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Path folder;
    private final Duration patience;
    /** In nanoseconds; empty while another program holds the lock. */
    private OptionalLong freeSince = OptionalLong.empty();

    /**
     * @param folder data folder, which exists
     * @param endsByItself whether the program ends when its work is done
     */
    OwnershipClaim(Path folder, boolean endsByItself) {
        this.folder = folder;
        this.patience = endsByItself ? PATIENCE : Duration.ZERO;
    }

    /**
     * Also withdraws the announcement of a program that was killed.
     *
     * @return the folder's lock; empty while another program holds it, or may still come first
     */
    Optional<FolderLock> tryAcquire() throws IOException {
        Optional<FolderLock> lock = FolderLock.tryAcquire(folder);
        if (lock.isEmpty()) {
            freeSince = OptionalLong.empty();
            return lock;
        }
        try {
            Announcement.withdraw(folder);
        } catch (IOException e) {
            lock.get().close();
            throw e;
        }
        long now = System.nanoTime();
        freeSince = OptionalLong.of(freeSince.orElse(now));
        if (now - freeSince.getAsLong() < patience.toNanos()) {
            lock.get().close();
            return Optional.empty();
        }
        return lock;
    }
}
