package sensorpipeline.support;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** What a logger logs until this is closed. */
public final class Logged implements AutoCloseable {

    private final Log log;
    private final Logger logger;

    private static final class Log extends AbstractAppender {

        private final Queue<String> messages = new ConcurrentLinkedQueue<>();
        private final Function<LogEvent, String> text;

        Log(Function<LogEvent, String> text) {
            super("logged", null, null, false, Property.EMPTY_ARRAY);
            this.text = text;
        }

        @Override
        public void append(LogEvent event) {
            String message = text.apply(event);
            if (message != null) {
                messages.add(message);
            }
        }
    }

    /** @param name of the logger, whose messages are told with their levels */
    public Logged(String name) {
        this(name, event -> event.getLevel() + " " + event.getMessage().getFormattedMessage());
    }

    /**
     * @param name of the logger
     * @param text what is told of a message, or null if it is left out
     */
    Logged(String name, Function<LogEvent, String> text) {
        log = new Log(text);
        logger = (Logger) LogManager.getLogger(name);
        log.start();
        logger.addAppender(log);
    }

    /** @return the messages so far */
    public List<String> messages() {
        return List.copyOf(log.messages);
    }

    @Override
    public void close() {
        logger.removeAppender(log);
    }
}
