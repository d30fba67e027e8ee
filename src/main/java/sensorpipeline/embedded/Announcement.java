package sensorpipeline.embedded;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/**
 * Which process runs the embedded servers of a data folder, and on which ports; stored in a file of the folder for programs that join.
 *
 * @param process id of the process
 * @param kafkaPort port of the broker, 0 if none
 * @param databasePort port of PostgreSQL, 0 if none
 */
record Announcement(long process, int kafkaPort, int databasePort) {

    private static final String FILE = "servers.properties";

    /** @return the servers on these ports, run by this process */
    static Announcement ofThisProcess(int kafkaPort, int databasePort) {
        return new Announcement(ProcessHandle.current().pid(), kafkaPort, databasePort);
    }

    /**
     * @param folder data folder
     * @return its announcement; empty if there is none, or if the announcing process has ended
     */
    static Optional<Announcement> read(Path folder) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(folder.resolve(FILE))) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        return Optional.of(new Announcement(Long.parseLong(properties.getProperty("process")),
                        Integer.parseInt(properties.getProperty("kafka.port", "0")), Integer.parseInt(properties.getProperty("db.port", "0"))))
                .filter(announcement -> ProcessHandle.of(announcement.process).isPresent());
    }

    /** Writes it atomically, so that no program reads part of it. */
    void write(Path folder) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("process", String.valueOf(process));
        if (kafkaPort != 0) {
            properties.setProperty("kafka.port", String.valueOf(kafkaPort));
        }
        if (databasePort != 0) {
            properties.setProperty("db.port", String.valueOf(databasePort));
        }
        Path written = folder.resolve(FILE + ".new");
        try (Writer writer = Files.newBufferedWriter(written)) {
            properties.store(writer, "The embedded servers that run on this folder");
        }
        Files.move(written, folder.resolve(FILE), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Deletes the announcement, so that starting programs wait for the next one. */
    static void withdraw(Path folder) throws IOException {
        Files.deleteIfExists(folder.resolve(FILE));
    }

    /** @return true if the servers have the same ports */
    boolean hasPortsOf(Announcement other) {
        return kafkaPort == other.kafkaPort && databasePort == other.databasePort;
    }
}
