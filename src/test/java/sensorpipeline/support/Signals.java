package sensorpipeline.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Stream;

/** What a process can be told from outside, beside the two words that Java knows. */
final class Signals {

    private Signals() {
    }

    /** Stops a process and its children where they are; nothing of them runs or answers until {@link #thaw}. */
    static void freeze(ProcessHandle process) {
        // The parent first: it would otherwise replace a child.
        Stream.concat(Stream.of(process), process.descendants()).forEach(one -> send("STOP", one));
    }

    /** Lets a frozen process and its children go on. */
    static void thaw(ProcessHandle process) {
        Stream.concat(process.descendants(), Stream.of(process)).forEach(one -> send("CONT", one));
    }

    /** Sends a signal; to a process that is gone, nothing. */
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
