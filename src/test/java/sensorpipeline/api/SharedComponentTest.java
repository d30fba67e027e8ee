package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.jdbc.JdbcConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

/** Only identical requests share a response. */
class SharedComponentTest {

    private static Map<String, Object> metric(Object metric) {
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("metric", metric);
        return parameters;
    }

    @Test
    void whoeverAsksForAMetricCalledNullDoesNotShareWithWhoeverAsksForAll() throws Exception {
        CountDownLatch bothAsked = new CountDownLatch(2);
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.addComponent("shared", new SharedComponent());
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:answer").process(exchange -> {
                        bothAsked.countDown();
                        assertTrue(bothAsked.await(20, TimeUnit.SECONDS), "the other question was taken for the same");
                        Object metric = exchange.getMessage().getHeader(JdbcConstants.JDBC_PARAMETERS, Map.class).get("metric");
                        exchange.getMessage().setBody(metric == null ? "all" : "of metric " + metric);
                    });
                }
            });
            camel.start();
            ProducerTemplate caller = camel.createProducerTemplate();
            CompletableFuture<String> all = CompletableFuture.supplyAsync(
                    () -> caller.requestBodyAndHeader("shared:direct:answer", "SELECT", JdbcConstants.JDBC_PARAMETERS, metric(null), String.class));
            CompletableFuture<String> one = CompletableFuture.supplyAsync(
                    () -> caller.requestBodyAndHeader("shared:direct:answer", "SELECT", JdbcConstants.JDBC_PARAMETERS, metric("null"), String.class));
            assertEquals("all", all.get());
            assertEquals("of metric null", one.get());
        }
    }
}
