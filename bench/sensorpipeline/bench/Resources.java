package sensorpipeline.bench;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;

/** What a run has opened. Closed newest first: at the end, after a failure, or on Ctrl-C. Safe for use by many threads. */
final class Resources implements AutoCloseable {

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private boolean closed;

    /** @return empty resources that a Ctrl-C closes as well */
    static Resources closedOnExit() {
        Resources resources = new Resources();
        Runtime.getRuntime().addShutdownHook(new Thread(resources::close, "clean-up"));
        return resources;
    }

    /**
     * @return the resource, which is closed with the others
     * @throws Failure if a Ctrl-C came first; the resource is then closed at once
     */
    synchronized <T extends AutoCloseable> T opening(T resource) throws Exception {
        if (closed) {
            resource.close();
            throw new Failure("Stopped");
        }
        opened.push(resource);
        return resource;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Closes everything, and reports what could not be closed. */
    @Override
    public synchronized void close() {
        closed = true;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                Output.say("Not cleaned up: %s", e instanceof ExecutionException ? e.getCause() : e);
            }
        }
    }
}
