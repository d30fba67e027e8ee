package sensorpipeline.api;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.component.jdbc.JdbcConstants;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultProducer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Camel component {@code shared:<uri>}: sends to the endpoint, and lets concurrent callers with the same question share
 * an answer. A caller only gets an answer that was started after it asked, so an answer is never older than its question:
 * while one is in progress, later callers share the next one. A question is a statement (the body) with its parameters.
 */
public final class SharedComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String target, Map<String, Object> parameters) throws Exception {
        Endpoint endpoint = new SharedEndpoint(uri, this, getCamelContext().getEndpoint(target, Endpoint.class));
        parameters.clear();
        return endpoint;
    }

    private static final class SharedEndpoint extends DefaultEndpoint {

        private final Endpoint target;

        SharedEndpoint(String uri, SharedComponent component, Endpoint target) {
            super(uri, component);
            this.target = target;
        }

        @Override
        public Producer createProducer() throws Exception {
            return new SharedProducer(this, target.createAsyncProducer());
        }

        @Override
        public Consumer createConsumer(Processor processor) {
            throw new UnsupportedOperationException("shared: can be sent to, not received from");
        }

        @Override
        public boolean isSingleton() {
            return true;
        }
    }

    /** Key of a shared answer. */
    private record Question(String statement, Map<String, Object> parameters) {

        static Question of(Exchange exchange) {
            Map<String, Object> comparable = new HashMap<>();
            Map<?, ?> parameters = exchange.getMessage().getHeader(JdbcConstants.JDBC_PARAMETERS, Map.of(), Map.class);
            parameters.forEach((name, value) -> comparable.put(String.valueOf(name), value instanceof Object[] values ? Arrays.asList(values) : value));
            return new Question(exchange.getMessage().getBody(String.class), comparable);
        }
    }

    /**
     * Answers to one question.
     *
     * @param current answer in progress
     * @param next answer, which starts when the current one is complete, or null if no caller waits for it
     */
    private record Turn(CompletableFuture<Object> current, CompletableFuture<Object> next) {
    }

    private static final class SharedProducer extends DefaultProducer {

        private static final Logger LOG = LoggerFactory.getLogger(SharedProducer.class);

        private final Producer target;
        private final Map<Question, Turn> turns = new ConcurrentHashMap<>();

        SharedProducer(SharedEndpoint endpoint, Producer target) {
            super(endpoint);
            this.target = target;
        }

        @Override
        protected void doStart() throws Exception {
            super.doStart();
            target.start();
        }

        @Override
        protected void doStop() throws Exception {
            target.stop();
            super.doStop();
        }

        @Override
        public void process(Exchange exchange) throws Exception {
            Question question = Question.of(exchange);
            CompletableFuture<Object> mine = new CompletableFuture<>();
            Turn turn = turns.merge(question, new Turn(mine, null),
                    (running, asked) -> running.next != null ? running : new Turn(running.current, asked.current));
            if (turn.current == mine) {
                answer(exchange, question, mine);
            } else if (turn.next == mine) {
                awaitEnd(turn.current, question, mine);
                answer(exchange, question, mine);
            } else {
                take(exchange, turn.next);
            }
        }

        private void answer(Exchange exchange, Question question, CompletableFuture<Object> answer) throws Exception {
            try {
                target.process(exchange);
                if (exchange.getException() != null) {
                    answer.completeExceptionally(exchange.getException());
                } else {
                    answer.complete(exchange.getMessage().getBody());
                }
            } catch (Exception e) {
                answer.completeExceptionally(e);
                throw e;
            } finally {
                // The caller that waits for the next answer replaces this one.
                turns.computeIfPresent(question, (asked, turn) -> turn.current == answer && turn.next == null ? null : turn);
            }
        }

        private void awaitEnd(CompletableFuture<Object> current, Question question, CompletableFuture<Object> next) throws InterruptedException {
            try {
                current.get();
            } catch (ExecutionException e) {
                LOG.debug("The answer before this one failed", e);
            } catch (InterruptedException e) {
                turns.remove(question);
                next.completeExceptionally(e);
                throw e;
            }
            turns.put(question, new Turn(next, null));
        }

        private static void take(Exchange exchange, CompletableFuture<Object> answer) throws Exception {
            try {
                exchange.getMessage().setBody(answer.get());
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }
    }
}
