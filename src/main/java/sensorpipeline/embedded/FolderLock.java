package sensorpipeline.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import sensorpipeline.settings.CannotStart;

/** The exclusive lock of a data folder. The operating system releases it when the process ends, for whatever reason. Thread-safe. */
final class FolderLock implements AutoCloseable {

    /** Closing any channel of a file releases all locks that the process holds on it, so a folder locked here is not opened again. */
    private static final Set<Path> LOCKED = new HashSet<>();

    private final Path folder;
    private final FileLock lock;

    private FolderLock(Path folder, FileLock lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * @param folder that exists
     * @return the lock, or empty while another holder has it
     * @throws CannotStart if the folder is not writable
     */
    static Optional<FolderLock> tryAcquire(Path folder) throws IOException {
        Path real = folder.toRealPath();
        synchronized (LOCKED) {
            if (LOCKED.contains(real)) {
                return Optional.empty();
            }
            FileChannel channel = open(real.resolve("lock"));
            FileLock lock = null;
            try {
                lock = channel.tryLock();
            } finally {
                if (lock == null) {
                    channel.close();
                }
            }
            if (lock == null) {
                return Optional.empty();
            }
            LOCKED.add(real);
            return Optional.of(new FolderLock(real, lock));
        }
    }

    private static FileChannel open(Path file) {
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new CannotStart("The data folder " + file.getParent() + " cannot be written: choose another with DATA_DIR", e);
        }
    }

    /** Releases the lock; a second call does nothing. */
    @Override
    public void close() throws IOException {
        synchronized (LOCKED) {
            if (lock.acquiredBy().isOpen()) {
                lock.acquiredBy().close();
                LOCKED.remove(folder);
            }
        }
    }
}
