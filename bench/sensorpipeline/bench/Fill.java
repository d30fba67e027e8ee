package sensorpipeline.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;

/** Readings for bench/api, inserted by bench/fill.sql: sensors in turn, up to a given time. Immutable. */
final class Fill {

    private final String sql;

    /**
     * @param options number and spacing of the readings
     * @param until time of the last reading
     */
    Fill(ApiOptions options, Instant until) throws IOException {
        Path file = JavaProgram.target().resolveSibling("bench").resolve("fill.sql");
        sql = Files.readString(file).replace(":readings", String.valueOf(options.readings)).replace(":sensors", String.valueOf(options.sensors))
                .replace(":seconds", String.valueOf(options.secondsBetween)).replace(":hourly", String.valueOf(options.hourly)).replace(":until", "timestamptz '" + until + "'");
    }

    /** @param connection to a migrated database, in auto-commit mode */
    void into(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String one : sql.split(";\n\n")) {
                statement.execute(one);
            }
        }
    }
}
