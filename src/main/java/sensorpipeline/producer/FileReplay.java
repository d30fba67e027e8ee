package sensorpipeline.producer;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.producer.RecordedReadings.Recorded;
import sensorpipeline.settings.Settings;

/** Replays a file of readings at its recorded pace or another, in pieces of what is due. Used by one thread. */
public final class FileReplay {

    private static final Logger LOG = LoggerFactory.getLogger(FileReplay.class);
    private static final int LARGEST_PIECE = 1000;
    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(5);

    private final CamelContext context;
    private final Path file;
    private final double speed;
    private final boolean endsNow;
    private long total;
    private long sent;
    private boolean hasFailed;
    private long reportedAt;

    /**
     * @param context of the route that sends the readings
     * @param settings {@code producer.file} (empty if there is nothing to replay), {@code producer.speed} and {@code producer.shift}
     */
    public FileReplay(CamelContext context, Settings settings) {
        this.context = context;
        this.speed = settings.number("producer.speed");
        this.endsNow = "now".equals(settings.text("producer.shift"));
        if (!endsNow && settings.has("producer.shift")) {
            throw new Settings.InvalidSetting("producer.shift", settings.text("producer.shift"), "'now' or empty");
        }
        this.file = settings.has("producer.file") ? settings.file("producer.file") : Path.of("");
    }

    /**
     * @return the readings as lists of messages for a Kafka endpoint; the next piece comes when its first reading is due,
     *     and none comes once the program is stopping
     */
    public Iterator<List<Message>> pieces() {
        try {
            return open();
        } catch (IOException e) {
            failed(e);
            return Collections.emptyIterator();
        }
    }

    private Iterator<List<Message>> open() throws IOException {
        Instant last = null;
        total = 0;
        sent = 0;
        hasFailed = false;
        reportedAt = System.nanoTime();
        try (RecordedReadings readings = RecordedReadings.open(file)) {
            for (Recorded reading = readings.next(); reading != null; reading = readings.next()) {
                total++;
                last = reading.at() != null && (last == null || reading.at().isAfter(last)) ? reading.at() : last;
            }
        }
        Duration shift = endsNow && last != null ? Duration.between(last, Instant.now()) : Duration.ZERO;
        LOG.info("Replaying {} ({} readings) {}",  file.getFileName(), total,
                speed == 0 ? "as fast as possible" : "at " + speed + " times the recorded pace");
        return new Pieces(RecordedReadings.open(file), shift);
    }

    /** Notes that a piece is in Kafka, and logs every few seconds how far the replay is. */
    public void sent(List<Message> piece) {
        sent += piece.size();
        if (System.nanoTime() - reportedAt > BETWEEN_REPORTS.toNanos() || sent == total) {
            reportedAt = System.nanoTime();
            LOG.info("Replayed {} of {} readings of {} ({} %)", sent, total, file.getFileName(), sent * 100 / total);
        }
    }

    /** @return true if every reading of the file is in Kafka */
    public boolean isComplete() {
        return sent == total && !hasFailed;
    }

    /** The file itself is at fault, so trying again would not help: the replay ends, and the program says that it failed. */
    private void failed(IOException e) {
        hasFailed = true;
        LOG.error("{} cannot be read, and the replay ends after {} readings: {}", file, sent,
                e instanceof CharacterCodingException ? "it is no text in UTF-8" : e.getMessage());
    }

    private final class Pieces implements Iterator<List<Message>> {
        private final RecordedReadings readings;
        private final Duration shift;
        private final long startedAt = System.nanoTime();
        private Instant firstTime;
        private Recorded next;

        Pieces(RecordedReadings readings, Duration shift) throws IOException {
            this.readings = readings;
            this.shift = shift;
            this.next = readings.next();
        }

        @Override
        public boolean hasNext() {
            return next != null && awaitNext();
        }

        @Override
        public List<Message> next() {
            if (next == null) {
                throw new NoSuchElementException();
            }
            List<Message> piece = new ArrayList<>();
            try {
                do {
                    Recorded reading = next.shifted(shift);
                    piece.add(OutgoingReading.message(context, reading.sensorId(), reading.json()));
                    next = readings.next();
                } while (next != null && piece.size() < LARGEST_PIECE && nanosUntilDue() <= 0);
                if (next == null) {
                    readings.close();
                }
            } catch (IOException e) {
                next = null;
                failed(e);
            }
            return piece;
        }

        /** @return true when the next reading is due, false if the program stops before */
        private boolean awaitNext() {
            for (long wait = nanosUntilDue(); wait > 0; wait = nanosUntilDue()) {
                if (context.isStopping()) {
                    return false;
                }
                try {
                    TimeUnit.NANOSECONDS.sleep(Math.min(wait, TimeUnit.MILLISECONDS.toNanos(200)));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return !context.isStopping();
        }

        private long nanosUntilDue() {
            if (speed == 0 || next.at() == null) {
                return 0;
            }
            if (firstTime == null) {
                firstTime = next.at();
            }
            long recorded = Duration.between(firstTime, next.at()).toNanos();
            return (long) (recorded / speed) - (System.nanoTime() - startedAt);
        }
    }
}
