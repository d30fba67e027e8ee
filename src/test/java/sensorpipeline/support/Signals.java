package sensorpipeline.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Stream;

/** Signals that Java's process API lacks. */
final class Signals {

    private Signals() {
    }

    /** Suspends a process and its children until {@link #thaw}. */
    static void freeze(ProcessHandle process) {
        // The parent first: it could otherwise replace a child.
        Stream.concat(Stream.of(process), process.descendants()).forEach(one -> send("STOP", one));
    }

    /** Resumes a suspended process and its children. */
    static void thaw(ProcessHandle process) {
        Stream.concat(process.descendants(), Stream.of(process)).forEach(one -> send("CONT", one));
    }

    /** Sends a signal; does nothing if the process has ended. */
    static void send(String signal, ProcessHandle process) {
        try {
            new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
