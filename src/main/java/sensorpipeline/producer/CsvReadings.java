package sensorpipeline.producer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import sensorpipeline.reading.JsonFault;
import sensorpipeline.reading.Quoted;

/** Converts rows of a CSV file to readings as a device would send them. Not thread-safe. */
final class CsvReadings implements RecordedReadings {

    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern EPOCH = Pattern.compile("(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private final MappingIterator<String[]> rows;
    private final List<CsvColumn> columns;
    private final boolean learns;
    private final int linesBefore;
    private long line;

    /** @param learns true if the columns infer their types from the cells, which must happen once before they are used */
    CsvReadings(BufferedReader file, CsvFormat format, boolean learns) throws IOException {
        this.rows = format.rows(file);
        this.columns = format.columns();
        this.learns = learns;
        this.linesBefore = format.linesBefore();
    }

    @Override
    public Recorded next() throws IOException {
        String[] cells;
        try {
            do {
                if (!rows.hasNextValue()) {
                    return null;
                }
                line = linesBefore + rows.getCurrentLocation().getLineNr();
                cells = rows.nextValue();
                strip(cells);
            } while (isEmpty(cells));
        } catch (JsonProcessingException e) {
            if (e.getCause() instanceof IOException cause && !(cause instanceof JsonProcessingException)) {
                throw cause;
            }
            throw new UnusableFile("it is not valid CSV: " + JsonFault.describe(e) + ", in or after line " + line);
        }
        return Recorded.of(json(cells), (name, token, text) -> { });
    }

    private static void strip(String[] cells) {
        for (int i = 0; i < cells.length; i++) {
            cells[i] = cells[i] == null ? "" : cells[i].strip();
        }
    }

    /** Spreadsheets write rows that consist of separators only. */
    private static boolean isEmpty(String[] cells) {
        for (String cell : cells) {
            if (!cell.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private byte[] json(String[] cells) throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream(256);
        try (JsonGenerator writer = JSON.createGenerator(json)) {
            writer.writeStartObject();
            for (int i = 0; i < cells.length; i++) {
                if (!cells[i].isEmpty()) {
                    write(writer, column(i, cells[i]), cells[i]);
                }
            }
            writer.writeEndObject();
        }
        return json.toByteArray();
    }

    private CsvColumn column(int index, String cell) throws UnusableFile {
        if (index >= columns.size()) {
            throw new UnusableFile("line " + line + " has more cells than the header has columns: " + columns.size());
        }
        if (columns.get(index).name().isEmpty()) {
            throw new UnusableFile("column " + (index + 1) + " has no name in the header, but " + Quoted.of(cell) + " in line " + line);
        }
        return columns.get(index);
    }

    private void write(JsonGenerator writer, CsvColumn column, String cell) throws IOException {
        if (learns) {
            column.learn(cell, line);
        }
        writer.writeFieldName(column.name());
        String number = column.isText() ? null : column.isTime() ? (EPOCH.matcher(cell).matches() ? cell : null) : column.number(cell);
        if (number == null) {
            writer.writeString(cell);
        } else if (number.equals("true") || number.equals("false")) {
            writer.writeBoolean(number.equals("true"));
        } else {
            writer.writeNumber(number);
        }
    }

    @Override
    public long line() {
        return line;
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
