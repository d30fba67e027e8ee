package sensorpipeline.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.database.Databases;
import sensorpipeline.database.Schema;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Servers;

/** Parts of the benchmarks; {@link BenchesIT} runs a complete one. */
class BenchesTest {

    @ParameterizedTest
    @ValueSource(strings = "deploy/image/StartupTraining.java")
    void javaThatIsCompiledWhenItRunsFitsTheProgram(String source, @TempDir Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            compiler.getTask(messages, files, null, List.of("-d", classes.toString()), null, files.getJavaFileObjects(Path.of(source))).call();
        }
        assertEquals("", messages.toString());
    }

    @Test
    void fillsTheDatabaseUpToAnyTimeOfTheDay() throws Exception {
        Settings settings = Servers.settings();
        try (HikariDataSource database = Databases.schema(settings)) {
            new Schema(settings, database).migrate();
        }
        ApiOptions options = new ApiOptions(new String[] {"--readings", "2000", "--sensors", "10", "--seconds-between", "60"});
        Instant midnight = Instant.now().truncatedTo(ChronoUnit.DAYS);
        try (Connection connection = Servers.connect(settings); Statement statement = connection.createStatement()) {
            // Days apart, so that each run creates its own partitions.
            fill(connection, options, midnight.minus(4, ChronoUnit.DAYS));
            fill(connection, options, midnight.minus(6, ChronoUnit.DAYS).plusSeconds(180));
            fill(connection, options, midnight.minus(8, ChronoUnit.DAYS).minusSeconds(1));
            statement.execute("SET timezone = 'Asia/Kolkata'");
            fill(connection, options, midnight.minus(10, ChronoUnit.DAYS).plusSeconds(180));
        }
    }

    private static void fill(Connection connection, ApiOptions options, Instant until) throws Exception {
        new Fill(options, until).into(connection);
        try (Statement statement = connection.createStatement()) {
            String these = "FROM reading WHERE at <= timestamptz '" + until + "' AND at > timestamptz '" + until.minus(1, ChronoUnit.DAYS) + "'";
            assertEquals("2000", ask(statement, "SELECT count(*) " + these), until.toString());
            assertEquals(String.valueOf(until.getEpochSecond()), ask(statement, "SELECT extract(epoch FROM max(at))::bigint " + these));
            assertEquals("0", ask(statement, "SELECT count(*) FROM batch WHERE NOT rolled_up"));
        }
    }

    private static String ask(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Test
    void deletesTheGroupOfAConsumerThatWasKilledAndOfOneThatHasLeft() throws Exception {
        Settings servers = Servers.settings();
        String run = "bench_" + servers.text("topic.name");
        Map<String, String> environment = Map.of("KAFKA_BOOTSTRAP_SERVERS", servers.text("kafka.bootstrap.servers"), "TOPIC_NAME", run);
        PipelineSettings settings = new PipelineSettings(environment);
        try (Admin admin = settings.admin(Duration.ofSeconds(10))) {
            admin.createTopics(List.of(new NewTopic(run, 1, (short) 1), new NewTopic(run + "-dlq", 1, (short) 1), new NewTopic(run + "2", 1, (short) 1))).all().get();
            KafkaConsumer<byte[], byte[]> killed = member(settings, run);
            try {
                member(settings, run + "-left").close();
                member(settings, run + "2").close();
                new RunOnKafka(settings, run).delete();
            } finally {
                killed.close(CloseOptions.timeout(Duration.ZERO));
            }
            List<String> groups = admin.listGroups().all().get().stream().map(group -> group.groupId()).filter(group -> group.startsWith(run)).toList();
            assertEquals(List.of(run + "2"), groups);
            // A broker lists a topic until the deletion is replicated.
            Awaitility.await("topics are deleted").untilAsserted(() ->
                    assertEquals(List.of(run + "2"), admin.listTopics().names().get().stream().filter(topic -> topic.startsWith(run)).toList()));
        }
    }

    /** @return a consumer that has joined the group */
    private static KafkaConsumer<byte[], byte[]> member(PipelineSettings settings, String group) {
        Map<String, Object> client = new HashMap<>(settings.kafkaClient());
        client.put("group.id", group);
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(List.of(settings.topic()));
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (consumer.assignment().isEmpty()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(group + " got no partitions");
            }
            consumer.poll(Duration.ofMillis(50));
        }
        return consumer;
    }

    @Test
    void percentilesAreMeasuredValues() {
        Percentiles percentiles = new Percentiles(List.of(30L, 10L, 20L, 40L));
        assertEquals(List.of(10L, 20L, 40L, 40L), List.of(percentiles.at(1), percentiles.at(50), percentiles.at(99), percentiles.at(100)));
        assertNull(new Percentiles(List.of()).at(50));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--events 0                    | --events must be a whole number from 1 to 1000000000; got '0'",
        "--events                      | --events needs a value; --help lists the options",
        "--evants 5                    | Unknown option '--evants'; --help lists the options",
        "--late 100.5                  | --late must be a number from 0 to 100; got '100.5'",
        "--rate 100 --interval 1       | --interval follows from --rate and --sensors; give only one of --interval and --rate",
        "--rate 50001 --sensors 100    | --rate must be at most 50000 for 100 sensors (500 readings per second each); got '50001'"
    })
    void tellsWhatIsWrongWithACommandLine(String arguments, String message) {
        assertEquals(message, assertThrows(Misuse.class, () -> new IngestOptions(arguments.split(" +"), Map.of())).getMessage());
    }
}
