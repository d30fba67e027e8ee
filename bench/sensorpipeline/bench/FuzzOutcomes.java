package sensorpipeline.bench;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sensorpipeline.kafka.DeadLetter;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.reading.RefusedReading;
import sensorpipeline.reading.Series;

/**
 * What became of each record that was sent, by the table of dead letters, against what the parser says of it: a reading, stored, merged or repeated; or a
 * dead letter with the parser's reason, or with one of the documented reasons that only other records or the tenant's settings can give. Not thread-safe.
 */
final class FuzzOutcomes {

    /** What the reasons begin with that the parser cannot give, because other records or the tenant's settings decide. */
    private static final List<String> BEYOND_PARSER = List.of("conflict: ", "too many sensors: ", "too many metrics: ", "expired: ");
    /** Up to the first part that differs from record to record. */
    private static final Pattern START_OF_REASON = Pattern.compile("\\d*[^:;,'\\d]*");
    private static final int SHOWN_KINDS = 20;
    private static final int SHOWN_BYTES = 3000;

    private final FuzzRecords records;
    private final int count;
    private final Instant now;
    private final ReadingParser parser = new ReadingParser();
    /** By number of the record. */
    private final Map<Integer, Letter> letters = new HashMap<>();
    private final Map<String, Long> reasons = new TreeMap<>();
    private final List<Offence> offences = new ArrayList<>();
    private long accepted;
    private final Set<Identity> stored = new HashSet<>();

    /** A dead letter, as PostgreSQL has it. */
    private record Letter(String reason, byte[] key, byte[] value) {
    }

    /** What makes a reading the same. */
    private record Identity(Series series, long at) {
    }

    /** A record that became something else than it should. */
    private record Offence(int number, FuzzRecord record, String problem) {
        /** @return what its problem has in common with others */
        String kind() {
            return problem.replaceAll("'[^']*'", "'...'").replaceAll("\\d+", "n");
        }

        int size() {
            return record.value() == null ? 0 : record.value().length;
        }
    }

    /**
     * @param records that were sent, from the first on
     * @param now when they were sent
     */
    FuzzOutcomes(FuzzRecords records, int count, Instant now) {
        this.records = records;
        this.count = count;
        this.now = now;
    }

    /** Reads all dead letters. */
    void read(Connection connection, FuzzSender sender) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(1000);
            try (ResultSet rows = statement.executeQuery("SELECT topic, \"partition\", \"offset\", reason, key, value FROM dead_letter")) {
                while (rows.next()) {
                    letters.put(sender.numberAt(rows.getString(1), rows.getInt(2), rows.getLong(3)), new Letter(rows.getString(4), rows.getBytes(5), rows.getBytes(6)));
                }
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /** Compares each record with what became of it. */
    void check() {
        List<Integer> conflicts = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            FuzzRecord record = records.record(number);
            Letter letter = letters.get(number);
            if (letter != null && !(Arrays.equals(letter.key, record.key()) && Arrays.equals(letter.value, record.value()))) {
                offences.add(new Offence(number, record, "its dead letter has other bytes"));
            }
            try {
                Reading reading = parser.parse(record.tenant(), record.value(), now);
                if (letter == null) {
                    accepted++;
                    stored.add(new Identity(reading.series(), reading.at()));
                } else if (BEYOND_PARSER.stream().noneMatch(letter.reason::startsWith)) {
                    offences.add(new Offence(number, record, letter.reason));
                } else {
                    count(letter.reason);
                    if (letter.reason.startsWith("conflict")) {
                        conflicts.add(number);
                    }
                }
            } catch (RefusedReading e) {
                compare(number, record, letter, new DeadLetter(null, record.tenant(), e.getMessage(), now).reason());
            } catch (RuntimeException e) {
                offences.add(new Offence(number, record, "the parser fails: " + e));
            }
        }
        conflicts.forEach(this::checkConflict);
    }

    private void compare(int number, FuzzRecord record, Letter letter, String expected) {
        if (letter == null) {
            offences.add(new Offence(number, record, "it was stored, although " + expected));
        } else if (!letter.reason.equals(expected)) {
            offences.add(new Offence(number, record, letter.reason));
        } else {
            count(expected);
        }
    }

    private void count(String reason) {
        Matcher start = START_OF_REASON.matcher(reason);
        reasons.merge(start.lookingAt() ? start.group().strip() : reason, 1L, Long::sum);
    }

    private void checkConflict(int number) {
        FuzzRecord record = records.record(number);
        try {
            Reading reading = parser.parse(record.tenant(), record.value(), now);
            if (!stored.contains(new Identity(reading.series(), reading.at()))) {
                offences.add(new Offence(number, record, "it conflicts with a reading that was not stored"));
            }
        } catch (RefusedReading e) {
            throw new IllegalStateException("It was read before", e);
        }
    }

    /** @return the number of readings that must be stored */
    long readings() {
        return stored.size();
    }

    /** @return the number of records that are readings, or parts of one */
    long accepted() {
        return accepted;
    }

    long deadLetters() {
        return letters.size();
    }

    /** @return the number of records by what their reasons begin with */
    Map<String, Long> reasons() {
        return reasons;
    }

    /** @return the number of records that became something else than they should */
    int offences() {
        return offences.size();
    }

    /** Prints for each kind of problem how many records have it, and the smallest of them. */
    void tell() {
        Map<String, List<Offence>> kinds = new TreeMap<>();
        offences.forEach(offence -> kinds.computeIfAbsent(offence.kind(), kind -> new ArrayList<>()).add(offence));
        kinds.values().stream().limit(SHOWN_KINDS).forEach(those -> {
            Offence smallest = those.stream().min(Comparator.comparingInt(Offence::size)).orElseThrow();
            Output.say("%,d records, of which the smallest is number %d of tenant %s:%n  %s%n  key %s%n  value %s", those.size(), smallest.number(),
                    smallest.record().tenant(), smallest.problem(), shown(smallest.record().key()), shown(smallest.record().value()));
        });
    }

    /** @return the bytes as text if they are printable ASCII, else in Base64 */
    private static String shown(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        byte[] start = bytes.length > SHOWN_BYTES ? Arrays.copyOf(bytes, SHOWN_BYTES) : bytes;
        String text = new String(start, StandardCharsets.ISO_8859_1);
        String printed = text.chars().allMatch(character -> character >= ' ' && character < 127) ? text : "(Base64) " + Base64.getEncoder().encodeToString(start);
        return printed + (start.length < bytes.length ? "... (" + bytes.length + " bytes)" : "");
    }
}
