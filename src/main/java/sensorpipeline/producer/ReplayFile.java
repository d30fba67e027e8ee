package sensorpipeline.producer;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import sensorpipeline.reading.ForeignFormat;

/**
 * A file of readings that can be read more than once: CSV with a header or NDJSON, in UTF-8, optionally compressed with
 * gzip. A pipe is first copied to a temporary file. Not thread-safe.
 */
final class ReplayFile {

    private static final int START = 512;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private interface Source {
        InputStream open() throws IOException;
    }

    private final Source source;
    private final CsvFormat csv;

    private ReplayFile(Source source, CsvFormat csv) {
        this.source = source;
        this.csv = csv;
    }

    /**
     * @param file a file or a pipe
     * @return its content; throws {@link UnusableFile} if it is not supported
     */
    static ReplayFile of(Path file) throws IOException {
        Source bytes = Files.isRegularFile(file) ? () -> Files.newInputStream(file) : copyOf(file);
        Source source = () -> text(bytes);
        byte[] start;
        try (InputStream text = source.open()) {
            start = text.readNBytes(START);
        }
        String format = ForeignFormat.describe(start);
        if (format != null || contains(start, (byte) 0)) {
            throw new UnusableFile("it " + (format == null ? "is binary, not text" : format) + "; it must be CSV or NDJSON in UTF-8, as it is or as gzip");
        }
        if (isJsonLines(file, start)) {
            return new ReplayFile(source, null);
        }
        try (BufferedReader text = reader(source)) {
            return new ReplayFile(source, CsvFormat.of(text));
        }
    }

    /** @return its readings from the start, to infer the column types of a CSV file; to be called once, before {@link #readings} */
    RecordedReadings survey() throws IOException {
        return csv == null ? new JsonLines(source.open()) : new CsvReadings(reader(source), csv, true);
    }

    /** @return its readings from the start */
    RecordedReadings readings() throws IOException {
        return csv == null ? new JsonLines(source.open()) : new CsvReadings(reader(source), csv, false);
    }

    /** @return its format if it is CSV, or null if it is NDJSON */
    CsvFormat csv() {
        return csv;
    }

    private static BufferedReader reader(Source source) throws IOException {
        // A separate decoder reports invalid UTF-8 instead of replacing it.
        return new BufferedReader(new InputStreamReader(source.open(), StandardCharsets.UTF_8.newDecoder()));
    }

    private static InputStream text(Source bytes) throws IOException {
        BufferedInputStream file = new BufferedInputStream(bytes.open());
        BufferedInputStream text = startsWith(file, new byte[] {0x1F, (byte) 0x8B}) ? new BufferedInputStream(new GZIPInputStream(file)) : file;
        // Spreadsheets begin UTF-8 files with this mark; it is not part of the first column's name.
        if (startsWith(text, BYTE_ORDER_MARK)) {
            text.skipNBytes(BYTE_ORDER_MARK.length);
        }
        return text;
    }

    private static boolean startsWith(BufferedInputStream stream, byte[] expected) throws IOException {
        stream.mark(expected.length);
        byte[] start = stream.readNBytes(expected.length);
        stream.reset();
        return Arrays.equals(start, expected);
    }

    /** A pipe can be read only once, but its readings are read twice. The copy is unlinked, so it disappears with the program. */
    private static Source copyOf(Path pipe) throws IOException {
        Path name = Files.createTempDirectory("sensor-pipeline-replay").resolve("copy");
        FileChannel copy = FileChannel.open(name, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        Files.deleteIfExists(name.getParent());
        try (InputStream in = Files.newInputStream(pipe)) {
            in.transferTo(Channels.newOutputStream(copy));
        }
        return () -> {
            InputStream in = Channels.newInputStream(copy.position(0));
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    return in.read();
                }

                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    return in.read(bytes, offset, length);
                }
            };
        };
    }

    private static boolean isJsonLines(Path file, byte[] start) throws UnusableFile {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        String text = new String(start, StandardCharsets.ISO_8859_1).stripLeading();
        if (text.startsWith("[")) {
            throw new UnusableFile("it is a JSON array; NDJSON has one JSON object a line, without brackets and commas around them: jq -c '.[]' makes it of an array");
        }
        return text.startsWith("{") || name.endsWith(".ndjson") || name.endsWith(".jsonl") || name.endsWith(".json");
    }

    private static boolean contains(byte[] bytes, byte wanted) {
        for (byte each : bytes) {
            if (each == wanted) {
                return true;
            }
        }
        return false;
    }
}
