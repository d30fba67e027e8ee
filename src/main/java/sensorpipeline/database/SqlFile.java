package sensorpipeline.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** SQL statements of the folder sql that camel-jdbc cannot run. */
public final class SqlFile {

    private SqlFile() {
    }

    /**
     * @param path on the class path, such as {@code /sql/consumer/insert-batch.sql}
     * @return the statement in that file
     */
    public static String read(String path) {
        try (InputStream file = SqlFile.class.getResourceAsStream(path)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
