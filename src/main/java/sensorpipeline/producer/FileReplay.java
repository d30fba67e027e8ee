package sensorpipeline.producer;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipException;
import org.apache.camel.CamelContext;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.kafka.Topics;
import sensorpipeline.reading.EventTime;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.reading.RefusedReading;
import sensorpipeline.settings.Settings;

/** Replays a file of readings at its recorded pace or another, in lists of due readings. Not thread-safe. */
public final class FileReplay {

    private static final Logger LOG = LoggerFactory.getLogger(FileReplay.class);
    private static final int LARGEST_PIECE = 1000;
    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(5);
    private static final Duration LONG_WAIT = Duration.ofMinutes(1);

    private final CamelContext context;
    private final double speed;
    private final boolean endsNow;
    private final Path path;
    private final ReplayFile file;
    private final Survey survey;
    private final ReadingParser parser = new ReadingParser();
    private Long shift;
    private long sent;
    private long refused;
    private String firstRefusal;
    private boolean hasFailed;
    private long reportedAt;

    /**
     * Reads the whole file first, so that nothing is sent of a file that cannot be replayed.
     *
     * @param context of the route that sends the readings
     * @param settings {@code producer.file} (empty if there is nothing to replay), {@code producer.speed} and {@code producer.shift}
     * @throws Settings.InvalidSetting if a setting is invalid, or the file contains no readings
     */
    public FileReplay(CamelContext context, Settings settings) {
        this.context = context;
        this.speed = settings.number("producer.speed");
        this.endsNow = "now".equals(settings.text("producer.shift"));
        if (!endsNow && settings.has("producer.shift")) {
            throw new Settings.InvalidSetting("producer.shift", settings.text("producer.shift"), "'now' or empty");
        }
        this.path = Path.of(settings.text("producer.file"));
        if (!settings.has("producer.file")) {
            this.file = null;
            this.survey = null;
            return;
        }
        if (Files.isDirectory(path) || !Files.isReadable(path)) {
            throw new Settings.InvalidSetting("producer.file", settings.text("producer.file"), "a file that can be read");
        }
        try {
            this.file = ReplayFile.of(path);
            this.survey = Survey.of(file, Instant.now());
        } catch (IOException e) {
            throw new Settings.InvalidSetting("producer.file", settings.text("producer.file"), "a file of readings, but " + describe(e));
        }
    }

    /**
     * @return the readings as lists of messages for a Kafka endpoint; the next list arrives when its first reading is due,
     *     and none once the program is stopping
     */
    public Iterator<List<Message>> pieces() {
        sent = 0;
        refused = 0;
        hasFailed = false;
        reportedAt = System.nanoTime();
        if (shift == null) {
            // Once, so that readings that are sent again after a failure have the same times.
            shift = endsNow && survey.newest() != EventTime.NOT_A_TIME ? EventTime.micros(Instant.now()) - survey.newest() : 0L;
        }
        LOG.info("Replaying {} ({} records) {}", path.getFileName(), survey.total(),
                speed == 0 ? "as fast as possible" : "at " + speed + " times the recorded pace");
        try {
            return new Pieces(file.readings());
        } catch (IOException e) {
            failed(e);
            return Collections.emptyIterator();
        }
    }

    /** Counts a list that was sent to Kafka, logs the progress every few seconds, and at the end warnings about the readings. */
    public void sent(List<Message> piece) {
        sent += piece.size();
        if (System.nanoTime() - reportedAt > BETWEEN_REPORTS.toNanos() || sent == survey.total()) {
            reportedAt = System.nanoTime();
            LOG.info("Replayed {} of {} records of {} ({} %)", sent, survey.total(), path.getFileName(), sent * 100 / survey.total());
        }
        if (sent == survey.total()) {
            survey.remarks().forEach(remark -> LOG.warn("{}: {}", path.getFileName(), remark));
            if (refused > 0) {
                LOG.warn("{}: {} of {} records are not valid readings and become dead letters; the first: {}", path.getFileName(), refused, survey.total(), firstRefusal);
            }
        }
    }

    /** @return true if all readings of the file were sent to Kafka */
    public boolean isComplete() {
        return sent == survey.total() && !hasFailed;
    }

    /** Counts a record of which the consumer will make a dead letter. */
    private void check(Recorded record) {
        try {
            parser.parse(Topics.DEFAULT_TENANT, record.json(), Instant.now());
        } catch (RefusedReading e) {
            firstRefusal = refused == 0 ? e.getMessage() : firstRefusal;
            refused++;
        }
    }

    /** The file itself is at fault, so a retry would not help: the replay ends, and the program reports the failure. */
    private void failed(IOException e) {
        hasFailed = true;
        LOG.error("The replay of {} ends after {} records: {}", path, sent, describe(e));
    }

    private static String describe(IOException e) {
        if (e instanceof UnusableFile) {
            return e.getMessage();
        }
        if (e instanceof CharacterCodingException) {
            return "it is not text in UTF-8; iconv -f LATIN1 -t UTF-8 converts text of western Europe";
        }
        return e instanceof EOFException || e instanceof ZipException ? "it is damaged or incomplete gzip: " + e.getMessage() : "it cannot be read: " + e.getMessage();
    }

    private final class Pieces implements Iterator<List<Message>> {
        private final RecordedReadings readings;
        private final Instant startedAt = Instant.now();
        private final long startedAtNanos = System.nanoTime();
        private long firstTime = EventTime.NOT_A_TIME;
        private Recorded next;

        Pieces(RecordedReadings readings) throws IOException {
            this.readings = readings;
            advance();
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
                    check(next);
                    piece.add(OutgoingReading.message(context, next.sensorId(), next.json()));
                    advance();
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

        private void advance() throws IOException {
            Recorded recorded = readings.next();
            next = recorded == null ? null : recorded.shifted(shift, startedAt);
        }

        /** @return true when the next reading is due, false if the program stops earlier */
        private boolean awaitNext() {
            long wait = nanosUntilDue();
            if (wait > LONG_WAIT.toNanos()) {
                LOG.info("The next reading is due in {}, as recorded; PRODUCER_SPEED shortens that", Duration.ofSeconds(TimeUnit.NANOSECONDS.toSeconds(wait)));
            }
            for (; wait > 0; wait = nanosUntilDue()) {
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

        /** An unacceptable time says nothing about the pace: such a record is due immediately. */
        private long nanosUntilDue() {
            if (speed == 0 || !next.isTimely(startedAt)) {
                return 0;
            }
            if (firstTime == EventTime.NOT_A_TIME) {
                firstTime = next.at();
            }
            double recordedNanos = (next.at() - firstTime) * 1e3;
            return (long) (recordedNanos / speed) - (System.nanoTime() - startedAtNanos);
        }
    }
}
