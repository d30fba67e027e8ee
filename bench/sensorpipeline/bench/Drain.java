package sensorpipeline.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** The measured window: from the first assignment of partitions until all readings are stored and rolled up. */
final class Drain {

    private static final long MILLION = 1_000_000;
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Duration STALL_LIMIT = Duration.ofMinutes(2);
    private static final long START_STEP_MILLISECONDS = 10;
    private static final long LONGEST_STEP_MILLISECONDS = 250;
    private static final long SHORTEST_STEP_MILLISECONDS = 25;

    private final long events;
    private final Ledger ledger;
    private final ConsumerGroup group;
    private final JavaProgram consumer;
    private final List<Sample> samples = new ArrayList<>();
    private Sample lastTold;
    private volatile Exception abandoned;

    Drain(long events, Ledger ledger, ConsumerGroup group, JavaProgram consumer) {
        this.events = events;
        this.ledger = ledger;
        this.group = group;
        this.consumer = consumer;
    }

    /** Begins the window when the consumer has been assigned partitions. */
    void awaitConsumption() throws InterruptedException {
        double limit = now() + START_LIMIT.toSeconds();
        while (!group.isAssigned()) {
            consumer.requireAlive();
            if (now() > limit) {
                throw new Failure("The consumer was not assigned partitions within %d s:%n%s".formatted(START_LIMIT.toSeconds(), consumer.lastLines()));
            }
            Thread.sleep(START_STEP_MILLISECONDS);
        }
        lastTold = new Sample(now(), 0, 0, ProcessorTime.seconds(consumer.pid()), ledger.processorSeconds());
        samples.add(lastTold);
    }

    /** Ends the window when this many readings are stored, their offsets committed and their batches rolled up. */
    void awaitStored(LongSupplier expected) throws Exception {
        double progressAt = now();
        while (true) {
            Sample before = last();
            Sample sample = take();
            // A redelivered batch counts twice in the ledger, so the lag decides; after that, the last batches are rolled up.
            if (sample.stored() >= expected.getAsLong() && group.lag() == 0 && take().waiting() == 0) {
                return;
            }
            if (sample.stored() != before.stored() || sample.waiting() != before.waiting()) {
                progressAt = now();
            } else if (now() - progressAt > STALL_LIMIT.toSeconds()) {
                throw new Failure("No progress for %4$d s: %1$,d of %2$,d readings are stored, %3$,d batches wait for rollups:%n%5$s".formatted(
                        sample.stored(), events, sample.waiting(), STALL_LIMIT.toSeconds(), consumer.lastLines()));
            }
            Thread.sleep(step(expected.getAsLong()));
        }
    }

    /** Makes {@link #awaitStored} fail, because the sender has failed. */
    void abandon(Exception cause) {
        abandoned = cause;
    }

    private Sample take() throws Exception {
        consumer.requireAlive();
        if (abandoned != null) {
            throw abandoned;
        }
        Ledger.State state = ledger.read();
        Sample sample = new Sample(now(), state.stored(), state.waiting(), ProcessorTime.seconds(consumer.pid()), ledger.processorSeconds());
        samples.add(sample);
        while (sample.stored() >= lastTold.stored() + MILLION) {
            tell(at(lastTold.stored() + MILLION));
        }
        return sample;
    }

    /** @return milliseconds until the next sample: fewer near the end, so that its time is exact */
    private long step(long expected) {
        Sample first = samples.get(0);
        double remaining = (expected - last().stored()) * (last().time() - first.time()) / Math.max(1, last().stored());
        return (long) Math.max(SHORTEST_STEP_MILLISECONDS, Math.min(LONGEST_STEP_MILLISECONDS, remaining * 1000));
    }

    private void tell(Sample sample) {
        Output.say("%,d stored: %,.0f per second, %.2f us each (Java %.2f, PostgreSQL %.2f)", sample.stored(),
                (sample.stored() - lastTold.stored()) / (sample.time() - lastTold.time()), sample.cost(lastTold),
                (sample.java() - lastTold.java()) * 1e6 / (sample.stored() - lastTold.stored()),
                (sample.postgres() - lastTold.postgres()) * 1e6 / (sample.stored() - lastTold.stored()));
        lastTold = sample;
    }

    private Sample last() {
        return samples.get(samples.size() - 1);
    }

    private Sample at(long stored) {
        int index = 1;
        while (samples.get(index).stored() < stored) {
            index++;
        }
        return samples.get(index).between(samples.get(index - 1), stored);
    }

    private static double now() {
        return System.nanoTime() / 1e9;
    }

    /** Adds the figures of the window: of what was sent, in microseconds per reading, and of memory (given in bytes). */
    void report(Map<String, Object> result, long sent, long peakMemory) {
        Sample first = samples.get(0);
        Sample last = last();
        if (last.stored() > lastTold.stored()) {
            tell(last);
        }
        double java = (last.java() - first.java()) * 1e6 / sent;
        double postgres = (last.postgres() - first.postgres()) * 1e6 / sent;
        result.put("java_start_up_s", Output.rounded(first.java(), 2));
        result.put("seconds", Output.rounded(last.time() - first.time(), 2));
        result.put("events_per_s", Math.round(sent / (last.time() - first.time())));
        result.put("java_us_per_event", Output.rounded(java, 2));
        result.put("postgres_us_per_event", Output.rounded(postgres, 2));
        result.put("total_us_per_event", Output.rounded(java + postgres, 2));
        result.put("first_million_us_per_event", Output.rounded(at(Math.min(MILLION, last.stored())).cost(first), 2));
        result.put("last_million_us_per_event", Output.rounded(
                last.cost(last.stored() > MILLION ? at(last.stored() - MILLION) : first), 2));
        result.put("peak_rss_mb", Math.round(peakMemory / 1048576.0));
        result.put("redelivered", last.stored() - sent);
    }
}
