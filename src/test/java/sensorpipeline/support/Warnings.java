package sensorpipeline.support;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** Warnings and errors that are logged until this is closed, without those of the connection pool. */
public final class Warnings implements AutoCloseable {

    private final Log log = new Log();

    private static final class Log extends AbstractAppender {

        private final Queue<String> messages = new ConcurrentLinkedQueue<>();

        Log() {
            super("warnings", null, null, false, Property.EMPTY_ARRAY);
        }

        @Override
        public void append(LogEvent event) {
            // As in log4j2.xml: who needs a connection says that it was lost.
            if (event.getLevel().isMoreSpecificThan(Level.WARN) && !event.getLoggerName().startsWith("com.zaxxer.hikari")) {
                messages.add(event.getLoggerName() + ": " + event.getMessage().getFormattedMessage());
            }
        }
    }

    /** Starts to collect them. */
    public Warnings() {
        log.start();
        ((Logger) LogManager.getRootLogger()).addAppender(log);
    }

    /** @return the messages so far, each with its logger */
    public List<String> messages() {
        return List.copyOf(log.messages);
    }

    @Override
    public void close() {
        ((Logger) LogManager.getRootLogger()).removeAppender(log);
    }
}
