package sensorpipeline.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** bench/ingest from the command line, on a shared Kafka and PostgreSQL. */
class BenchesIT {

    @Test
    void storesEveryReadingAndLeavesNothingOnGivenServers(@TempDir Path folder) throws Exception {
        Settings settings = Servers.settings();
        Path figures = folder.resolve("figures");
        Path progress = folder.resolve("progress");
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Dlog4j2.configurationFile=log4j2.xml",
                "-cp", System.getProperty("java.class.path"), Ingest.class.getName(), "--events", "5000", "--duplicates", "5", "--late", "5", "--data", folder.toString())
                .redirectOutput(figures.toFile()).redirectError(progress.toFile());
        builder.environment().remove("JAVA_OPTS");
        builder.environment().putAll(Map.of("KAFKA_BOOTSTRAP_SERVERS", settings.text("kafka.bootstrap.servers"), "DB_HOST", settings.text("db.host"),
                "DB_PORT", settings.text("db.port"), "DB_NAME", settings.text("db.name"), "DB_USER", settings.text("db.user"), "DB_PASSWORD", settings.secret("db.password")));
        int status = builder.start().waitFor();
        String said = Files.readString(progress);
        assertEquals(Benchmark.SUCCEEDED, status, said);
        assertFalse(said.contains("Not cleaned up"), said);

        JsonNode result = new ObjectMapper().readTree(Files.readString(figures));
        assertEquals(5000, result.get("events").asLong());
        assertEquals(5000, result.get("stored_readings").asLong() + result.get("repeated_readings").asLong());
        try (Admin admin = Topics.admin(settings, Duration.ofSeconds(10))) {
            assertEquals(List.of(), admin.listGroups().all().get().stream().map(group -> group.groupId()).filter(group -> group.startsWith("bench_")).toList());
            assertEquals(List.of(), admin.listTopics().names().get().stream().filter(topic -> topic.startsWith("bench_")).toList());
        }
        assertEquals("0", new Database(settings).ask("SELECT count(*) FROM pg_database WHERE datname LIKE 'bench\\_%'"));
        try (var left = Files.list(folder)) {
            assertEquals(List.of(figures, progress), left.sorted().toList());
        }
    }
}
