package sensorpipeline.producer;

import java.io.Closeable;
import java.io.IOException;

/** Readings of a file, one after another. Used by one thread. */
interface RecordedReadings extends Closeable {

    /** @return the next reading, or null at the end; an {@link IOException} ends the file */
    Recorded next() throws IOException;

    /** @return line of the file in which the last reading begins, from 1 */
    long line();
}
