package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.JdbcConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.access.Caller;
import sensorpipeline.access.CallerDatabase;
import sensorpipeline.access.Role;
import sensorpipeline.database.Databases;
import sensorpipeline.database.SqlFile;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** What is deleted is deleted in small transactions, and the caller goes on where the time was up. */
class DeletionTest {

    private static final String DISCARD = SqlFile.read("/sql/api/discard-dead-letters.sql");

    private final Settings settings = Servers.settings();
    private final Database database = new Database(settings);
    private final HikariDataSource pool = Databases.operator(settings);
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void insert() {
        for (String tenant : List.of("acme", "default")) {
            database.run("""
                    INSERT INTO dead_letter (tenant, topic, "partition", "offset", received_at, record_time, refused_at, reason, key, value, headers)
                    SELECT '%s', '%1$s', 0, n, now(), 0, now() - n * interval '1 millisecond', CASE n WHEN 1 THEN 'rare' ELSE 'flood' END, 'key', 'value', '[]'
                    FROM generate_series(1, 25001) AS n""".formatted(tenant));
        }
    }

    @AfterEach
    void close() throws Exception {
        pool.close();
        camel.close();
    }

    private JsonNode discard(Duration limit, Object cursor, Role role) throws Exception {
        Map<String, Object> parameters = new HashMap<>(Map.of("reason", "flood", "dry_run", false));
        Stream.of("key", "status", "from", "to", "cursor").forEach(name -> parameters.put(name, null));
        parameters.put("cursor", cursor);
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage().setHeader(JdbcConstants.JDBC_PARAMETERS, parameters);
        exchange.getMessage().setBody(DISCARD);
        return new ObjectMapper().readTree(new Deletion(CallerDatabase.of(pool, new Caller("default", role, "test", "test")), limit).delete(exchange));
    }

    private String letters() {
        return database.ask("SELECT string_agg(tenant || ' ' || letters, ', ' ORDER BY tenant) FROM (SELECT tenant, count(*) AS letters FROM dead_letter GROUP BY 1) AS counted");
    }

    @Test
    void millionsAreDeletedInSmallTransactionsAndTheCallerGoesOnWhereTheTimeWasUp() throws Exception {
        List<JsonNode> answers = new ArrayList<>();
        do {
            Object cursor = answers.isEmpty() ? null : answers.get(answers.size() - 1).path("next").asText();
            answers.add(discard(Duration.ZERO, cursor, Role.ADMINISTRATOR));
        } while (answers.get(answers.size() - 1).path("next").isTextual());
        assertEquals("10000, 10000, 5000", answers.stream().map(answer -> answer.path("discarded").asText()).collect(Collectors.joining(", ")));
        assertEquals("acme 25001, default 1", letters());
    }

    @Test
    void allAreDeletedAtOnceWhereThereIsTime() throws Exception {
        assertEquals("{\"status\":\"success\",\"discarded\":25000,\"replaying\":0,\"next\":null}", discard(Duration.ofMinutes(1), null, Role.ADMINISTRATOR).toString());
    }

    @Test
    void whoMayNotDeleteDeletesNothing() {
        assertThrows(SQLException.class, () -> discard(Duration.ofMinutes(1), null, Role.OPERATOR));
        assertEquals("acme 25001, default 25001", letters());
    }

    @Test
    void whatWasDeletedBeforeALockCouldNotBeHadStaysDeletedAndIsAnswered() throws Exception {
        try (Connection other = Servers.connect(settings); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            database.run("ALTER DATABASE %s SET lock_timeout = '100ms'".formatted(settings.text("db.name")));
            // The last ones.
            statement.execute("SELECT FROM dead_letter WHERE tenant = 'default' AND reason = 'flood' AND \"offset\" > 24000 FOR UPDATE");
            JsonNode answer = discard(Duration.ofMinutes(1), null, Role.ADMINISTRATOR);
            assertEquals(20_000, answer.path("discarded").asInt(), answer::toString);
            assertTrue(answer.path("next").isTextual(), answer::toString);
        }
        assertEquals("acme 25001, default 5001", letters());
    }
}
