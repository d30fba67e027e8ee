package sensorpipeline.support;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** What a logger logs until this is closed. */
public final class Logged implements AutoCloseable {

    private final Log log = new Log();
    private final Logger logger;

    private static final class Log extends AbstractAppender {

        private final Queue<String> messages = new ConcurrentLinkedQueue<>();

        Log() {
            super("logged", null, null, false, Property.EMPTY_ARRAY);
        }

        @Override
        public void append(LogEvent event) {
            messages.add(event.getLevel() + " " + event.getMessage().getFormattedMessage());
        }
    }

    /** @param name of the logger */
    public Logged(String name) {
        logger = (Logger) LogManager.getLogger(name);
        log.start();
        logger.addAppender(log);
    }

    /** @return the messages so far, each with its level */
    public List<String> messages() {
        return List.copyOf(log.messages);
    }

    @Override
    public void close() {
        logger.removeAppender(log);
    }
}
