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
 * How a CSV file is written: its separator and its columns.
 *
 * @param separator between two cells
 * @param columns in the order of the header; the name is empty where the header has none
 */
record CsvFormat(char separator, List<CsvColumn> columns) {

    private static final char[] SEPARATORS = {',', ';', '\t', '|'};
    private static final List<String> REQUIRED = List.of("sensor_id", "timestamp");
    private static final String SEPARATOR_HINT = "sep=";
    private static final ObjectReader ROWS = new CsvMapper().readerFor(String[].class)
            .with(CsvParser.Feature.WRAP_AS_ARRAY).with(CsvParser.Feature.SKIP_EMPTY_LINES);

    /** @return the format that a header is written in; refuses one without the columns of a reading, or with a column twice */
    static CsvFormat of(BufferedReader file) throws IOException {
        String line = headerLine(file);
        List<String> names = List.of();
        for (char separator : SEPARATORS) {
            names = names(line, separator);
            if (names.containsAll(REQUIRED)) {
                refuseRepeats(names);
                return new CsvFormat(separator, names.stream().map(CsvColumn::new).toList());
            }
        }
        throw new UnusableFile("it is neither NDJSON nor CSV with columns sensor_id and timestamp; its first line is " + Quoted.of(line));
    }

    /** @return the rows behind the header */
    MappingIterator<String[]> rows(BufferedReader file) throws IOException {
        MappingIterator<String[]> rows = rows(skipSeparatorHint(file), separator);
        if (rows.hasNextValue()) {
            rows.nextValue();
        }
        return rows;
    }

    private static MappingIterator<String[]> rows(Reader text, char separator) throws IOException {
        return ROWS.with(CsvSchema.emptySchema().withColumnSeparator(separator)).readValues(text);
    }

    private static List<String> names(String line, char separator) {
        try (MappingIterator<String[]> rows = rows(new StringReader(line), separator)) {
            return rows.hasNextValue() ? Stream.of(rows.nextValue()).map(name -> name == null ? "" : name.strip()).toList() : List.of();
        } catch (IOException e) {
            // Quotes do not match with this separator.
            return List.of();
        }
    }

    private static String headerLine(BufferedReader file) throws IOException {
        BufferedReader lines = skipSeparatorHint(file);
        String line = lines.readLine();
        while (line != null && line.isBlank()) {
            line = lines.readLine();
        }
        if (line == null) {
            throw new UnusableFile("it is empty");
        }
        return line;
    }

    /** Excel may begin a file with the separator that follows, as in {@code sep=;}. */
    private static BufferedReader skipSeparatorHint(BufferedReader file) throws IOException {
        file.mark(64);
        char[] start = new char[SEPARATOR_HINT.length()];
        int count = file.read(start);
        file.reset();
        if (count == start.length && new String(start).equalsIgnoreCase(SEPARATOR_HINT)) {
            file.readLine();
        }
        return file;
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
