package sensorpipeline.producer;

import java.io.Closeable;
import java.io.IOException;

/** Iterates over the readings of a file. Not thread-safe. */
interface RecordedReadings extends Closeable {

    /** @return the next reading, or null at the end; an {@link IOException} ends the file */
    Recorded next() throws IOException;

    /** @return the line of the file where the last reading begins, from 1 */
    long line();
}
