package sensorpipeline.support;

import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;

/** Warnings and errors that are logged until this is closed, without those of the connection pool. */
public final class Warnings implements AutoCloseable {

    private final Logged logged = new Logged(LogManager.ROOT_LOGGER_NAME, Warnings::text);

    private static String text(LogEvent event) {
        // As in log4j2.xml: who needs a connection says that it was lost.
        boolean isWanted = event.getLevel().isMoreSpecificThan(Level.WARN) && !event.getLoggerName().startsWith("com.zaxxer.hikari");
        return isWanted ? event.getLoggerName() + ": " + event.getMessage().getFormattedMessage() : null;
    }

    /** @return the messages so far, each with its logger */
    public List<String> messages() {
        return logged.messages();
    }

    @Override
    public void close() {
        logged.close();
    }
}
