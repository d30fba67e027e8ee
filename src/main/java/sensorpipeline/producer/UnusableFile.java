package sensorpipeline.producer;

import java.io.IOException;

/** A file without readings that can be replayed; the message is the reason, to follow "but". */
final class UnusableFile extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param reason what is wrong with the file, and how to fix it */
    UnusableFile(String reason) {
        super(reason);
    }
}
