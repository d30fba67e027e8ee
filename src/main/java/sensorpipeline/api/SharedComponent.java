package sensorpipeline.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import javax.sql.DataSource;
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
import sensorpipeline.access.CallerScope;

/**
 * The Camel component {@code shared:<uri>}: sends to the endpoint, and lets callers with the same question share an answer. A caller
 * only gets an answer that was started after it asked, or one from before if nothing has changed in the database since, so an answer is
 * never older than its question. While one is in progress, later callers share the next one. A question is a statement (the body)
 * with its parameters, asked for a tenant; one that contains {@code now()} must not depend on fractions of a second.
 */
public final class SharedComponent extends DefaultComponent {

    private static final Logger LOG = LoggerFactory.getLogger(SharedComponent.class);
    /** Of an object, besides what it contains. */
    private static final int BYTES_OF_OBJECT = 100;

    private final DataSource database;
    /** Null if none is kept. */
    private final Cache<Question, Answered> answers;

    /**
     * @param database from which the answers are, only asked for its state
     * @param mostBytes maximum size of the answers that are kept; 0: none
     */
    public SharedComponent(DataSource database, long mostBytes) {
        this.database = database;
        answers = mostBytes == 0 ? null : Caffeine.newBuilder().maximumWeight(mostBytes).executor(Runnable::run)
                .weigher((Question question, Answered answered) -> sizeOf(question.parameters.values()) + sizeOf(answered.answer)).build();
    }

    /** @return about as many bytes as it takes in memory; a chart's question has thousands of bounds */
    private static int sizeOf(Object value) {
        return BYTES_OF_OBJECT + (value instanceof byte[] bytes ? bytes.length : value instanceof String text ? 2 * text.length()
                : value instanceof Collection<?> elements ? elements.stream().mapToInt(element -> element instanceof Long ? Long.BYTES * 4 : sizeOf(element)).sum() : 0);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String target, Map<String, Object> parameters) throws Exception {
        Endpoint endpoint = new SharedEndpoint(uri, this, getCamelContext().getEndpoint(target, Endpoint.class));
        parameters.clear();
        return endpoint;
    }

    private final class SharedEndpoint extends DefaultEndpoint {

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

    /** Key of a shared answer: who belongs to another tenant asks something else. */
    private record Question(String tenant, String statement, Map<String, Object> parameters) {

        static Question of(Exchange exchange) {
            Map<String, Object> comparable = new HashMap<>();
            Map<?, ?> parameters = exchange.getMessage().getHeader(JdbcConstants.JDBC_PARAMETERS, Map.of(), Map.class);
            parameters.forEach((name, value) -> comparable.put(String.valueOf(name), value instanceof Object[] values ? Arrays.asList(values) : value));
            return new Question(CallerScope.of(exchange).tenant(), exchange.getMessage().getBody(String.class), comparable);
        }
    }

    /**
     * An answer that is right as long as nothing changes.
     *
     * @param state of the database, at the latest when it was asked
     * @param answer a text or bytes
     */
    private record Answered(DatabaseState state, Object answer) {

        boolean isRight(DatabaseState now, String statement) {
            return state.snapshot() != null && state.snapshot().equals(now.snapshot()) && (state.second() == now.second() || !statement.contains("now()"));
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

    private final class SharedProducer extends DefaultProducer {

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
                answerUnlessKnown(exchange, question);
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

        private void answerUnlessKnown(Exchange exchange, Question question) throws Exception {
            if (answers == null) {
                target.process(exchange);
                return;
            }
            DatabaseState state = state();
            Answered known = answers.getIfPresent(question);
            if (known != null && known.isRight(state, question.statement)) {
                exchange.getMessage().setBody(known.answer);
                return;
            }
            target.process(exchange);
            if (exchange.getException() == null && state.snapshot() != null) {
                answers.put(question, new Answered(state, exchange.getMessage().getBody()));
            }
        }

        private DatabaseState state() throws SQLException {
            try (Connection connection = database.getConnection()) {
                return DatabaseState.read(connection);
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
