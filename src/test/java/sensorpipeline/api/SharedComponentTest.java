package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.jdbc.JdbcConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.access.Caller;
import sensorpipeline.access.CallerScope;
import sensorpipeline.database.Databases;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** Callers share an answer if it would be the same for each of them, and only then. */
class SharedComponentTest {

    private static final Settings SETTINGS = Servers.settings();
    private static HikariDataSource database;

    @BeforeAll
    static void start() {
        database = Databases.schema(SETTINGS);
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    private static Map<String, Object> metric(Object metric) {
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("metric", metric);
        return parameters;
    }

    private static DefaultCamelContext camel(Processor answer) throws Exception {
        DefaultCamelContext camel = new DefaultCamelContext();
        camel.addComponent("shared", new SharedComponent(database, 1_000_000));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:answer").process(answer);
            }
        });
        camel.start();
        return camel;
    }

    private static String ask(ProducerTemplate caller, String statement, Object metric) {
        return askFor("default", caller, statement, metric);
    }

    private static String askFor(String tenant, ProducerTemplate caller, String statement, Object metric) {
        return caller.request("shared:direct:answer", asked -> {
            asked.setVariable(CallerScope.CALLER, Caller.program(tenant));
            asked.getMessage().setBody(statement);
            asked.getMessage().setHeader(JdbcConstants.JDBC_PARAMETERS, metric(metric));
        }).getMessage().getBody(String.class);
    }

    private static Processor tellingTheTenant() {
        return (Exchange exchange) -> exchange.getMessage().setBody("of " + CallerScope.of(exchange).tenant());
    }

    @Test
    void whoeverAsksTheSameForAnotherTenantGetsAnAnswerOfItsOwn() throws Exception {
        CountDownLatch bothAsked = new CountDownLatch(2);
        try (DefaultCamelContext camel = camel(exchange -> {
            bothAsked.countDown();
            assertTrue(bothAsked.await(20, TimeUnit.SECONDS), "the other question was taken for the same");
            tellingTheTenant().process(exchange);
        })) {
            ProducerTemplate caller = camel.createProducerTemplate();
            CompletableFuture<String> one = CompletableFuture.supplyAsync(() -> askFor("acme", caller, "SELECT", "a"));
            CompletableFuture<String> other = CompletableFuture.supplyAsync(() -> askFor("default", caller, "SELECT", "a"));
            assertEquals("of acme", one.get());
            assertEquals("of default", other.get());
            for (int i = 0; i < 100; i++) {
                assertEquals(i % 2 == 0 ? "of acme" : "of default", askFor(i % 2 == 0 ? "acme" : "default", caller, "SELECT", "a"));
            }
        }
    }

    @Test
    void whoeverDoesNotSayForWhomGetsNoAnswer() throws Exception {
        try (DefaultCamelContext camel = camel(tellingTheTenant())) {
            Exchange failed = camel.createProducerTemplate().request("shared:direct:answer", exchange -> exchange.getMessage().setBody("SELECT"));
            assertTrue(failed.getException() instanceof IllegalStateException, String.valueOf(failed.getException()));
        }
    }

    @Test
    void whoeverAsksForAMetricCalledNullDoesNotShareWithWhoeverAsksForAll() throws Exception {
        CountDownLatch bothAsked = new CountDownLatch(2);
        try (DefaultCamelContext camel = camel(exchange -> {
            bothAsked.countDown();
            assertTrue(bothAsked.await(20, TimeUnit.SECONDS), "the other question was taken for the same");
            Object metric = exchange.getMessage().getHeader(JdbcConstants.JDBC_PARAMETERS, Map.class).get("metric");
            exchange.getMessage().setBody(metric == null ? "all" : "of metric " + metric);
        })) {
            ProducerTemplate caller = camel.createProducerTemplate();
            CompletableFuture<String> all = CompletableFuture.supplyAsync(() -> ask(caller, "SELECT", null));
            CompletableFuture<String> one = CompletableFuture.supplyAsync(() -> ask(caller, "SELECT", "null"));
            assertEquals("all", all.get());
            assertEquals("of metric null", one.get());
        }
    }

    private static Processor counting(AtomicInteger asked) {
        return (Exchange exchange) -> exchange.getMessage().setBody("answer " + asked.incrementAndGet());
    }

    @Test
    void anAnswerIsGivenAgainWhileNothingChangesAndNeverAfterAChange() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        new Database(SETTINGS).run("CREATE TABLE changed (number integer)");
        try (DefaultCamelContext camel = camel(counting(asked))) {
            ProducerTemplate caller = camel.createProducerTemplate();
            for (int i = 0; i < 20; i++) {
                String before = ask(caller, "SELECT 1", "a");
                new Database(SETTINGS).run(i % 2 == 0 ? "INSERT INTO changed VALUES (1)" : "DELETE FROM changed");
                assertNotEquals(before, ask(caller, "SELECT 1", "a"));
                // The server itself, too, changes something now and then.
                Awaitility.await().until(() -> ask(caller, "SELECT 1", "a").equals(ask(caller, "SELECT 1", "a")));
            }
            assertNotEquals(ask(caller, "SELECT 1", "a"), ask(caller, "SELECT 1", "b"));
            assertNotEquals(ask(caller, "SELECT 1", "a"), ask(caller, "SELECT 2", "a"));
        }
    }

    @Test
    void anAnswerThatDependsOnTheTimeIsGivenAgainWithinItsSecondOnly() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (DefaultCamelContext camel = camel(counting(asked))) {
            ProducerTemplate caller = camel.createProducerTemplate();
            Awaitility.await().until(() -> ask(caller, "SELECT now()", null).equals(ask(caller, "SELECT now()", null)));
            String before = ask(caller, "SELECT now()", null);
            long second = System.nanoTime();
            Awaitility.await().until(() -> !ask(caller, "SELECT now()", null).equals(before));
            assertTrue(System.nanoTime() - second < TimeUnit.SECONDS.toNanos(3));
        }
    }

    @Test
    void anAnswerToALongQuestionTakesAsMuchRoomAsTheQuestion() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Long[] bounds = LongStream.range(0, 100_000).boxed().toArray(Long[]::new);
        try (DefaultCamelContext camel = camel(counting(asked))) {
            ProducerTemplate caller = camel.createProducerTemplate();
            Awaitility.await().until(() -> ask(caller, "SELECT 1", new Long[] {1L}).equals(ask(caller, "SELECT 1", new Long[] {1L})));
            for (int i = 0; i < 20; i++) {
                assertNotEquals(ask(caller, "SELECT 1", bounds), ask(caller, "SELECT 1", bounds));
            }
        }
    }

    @Test
    void aFailureIsNotRemembered() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (DefaultCamelContext camel = camel(exchange -> {
            if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("the first time");
            }
            exchange.getMessage().setBody("answer");
        })) {
            ProducerTemplate caller = camel.createProducerTemplate();
            Exchange failed = caller.request("shared:direct:answer", exchange -> {
                exchange.setVariable(CallerScope.CALLER, Caller.program("default"));
                exchange.getMessage().setBody("SELECT");
            });
            assertEquals("the first time", failed.getException().getMessage());
            assertEquals("answer", ask(caller, "SELECT", null));
        }
    }
}
