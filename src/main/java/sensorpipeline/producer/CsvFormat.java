package sensorpipeline.producer;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import sensorpipeline.reading.Quoted;

/**
 * The format of a CSV file: its separator and its columns.
 *
 * @param separator between two cells
 * @param columns in header order; the name is empty if the header has none
 * @param linesBefore lines before those that {@link #rows} reads: 1 with a separator hint, otherwise 0
 */
record CsvFormat(char separator, List<CsvColumn> columns, int linesBefore) {

    private static final char[] SEPARATORS = {',', ';', '\t', '|'};
    private static final List<String> REQUIRED = List.of("sensor_id", "timestamp");
    private static final String SEPARATOR_HINT = "sep=";
    private static final ObjectReader ROWS = new CsvMapper().readerFor(String[].class)
            .with(CsvParser.Feature.WRAP_AS_ARRAY).with(CsvParser.Feature.SKIP_EMPTY_LINES);

    /** @return the format of a header; rejects one without the columns of a reading, or with a duplicate column */
    static CsvFormat of(BufferedReader file) throws IOException {
        int linesBefore = skipSeparatorHint(file);
        String line = file.readLine();
        while (line != null && line.isBlank()) {
            line = file.readLine();
        }
        if (line == null) {
            throw new UnusableFile("it is empty");
        }
        for (char separator : SEPARATORS) {
            List<String> names = names(line, separator);
            if (names.containsAll(REQUIRED)) {
                refuseRepeats(names);
                return new CsvFormat(separator, names.stream().map(CsvColumn::new).toList(), linesBefore);
            }
        }
        throw new UnusableFile("it is neither NDJSON nor CSV with columns sensor_id and timestamp; its first line is " + Quoted.of(line));
    }

    /** @return the rows after the header */
    MappingIterator<String[]> rows(BufferedReader file) throws IOException {
        skipSeparatorHint(file);
        MappingIterator<String[]> rows = rows(file, separator);
        if (rows.hasNextValue()) {
            rows.nextValue();
        }
        return rows;
    }

    private static MappingIterator<String[]> rows(Reader text, char separator) throws IOException {
        // A quote after a space also begins a quoted cell; between tabs a space may belong to the cell.
        ObjectReader reader = separator == '\t' ? ROWS : ROWS.with(CsvParser.Feature.TRIM_SPACES);
        return reader.with(CsvSchema.emptySchema().withColumnSeparator(separator)).readValues(text);
    }

    private static List<String> names(String line, char separator) {
        try (MappingIterator<String[]> rows = rows(new StringReader(line), separator)) {
            return rows.hasNextValue() ? Stream.of(rows.nextValue()).map(name -> name == null ? "" : name.strip()).toList() : List.of();
        } catch (IOException e) {
            // Quotes are unbalanced with this separator.
            return List.of();
        }
    }

    /** Skips the line {@code sep=;} with which Excel may begin a file. Returns the number of lines skipped. */
    private static int skipSeparatorHint(BufferedReader file) throws IOException {
        file.mark(64);
        char[] start = new char[SEPARATOR_HINT.length()];
        int count = file.read(start);
        file.reset();
        if (count < start.length || !new String(start).equalsIgnoreCase(SEPARATOR_HINT)) {
            return 0;
        }
        file.readLine();
        return 1;
    }

    private static void refuseRepeats(List<String> names) throws UnusableFile {
        Set<String> seen = new HashSet<>();
        List<String> repeated = new ArrayList<>();
        for (String name : names) {
            if (!name.isEmpty() && !seen.add(name)) {
                repeated.add(Quoted.of(name));
            }
        }
        if (!repeated.isEmpty()) {
            throw new UnusableFile("its header names column " + String.join(", ", repeated) + " more than once; each column needs a name of its own");
        }
    }
}
