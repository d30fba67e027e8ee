package sensorpipeline.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.support.Chaos;
import sensorpipeline.support.Trial;

/** Dead letters cannot be written: no offset is committed past the invalid records until they can be. */
class DeadLetterFaultsIT {

    @Test
    void keepsItsPlaceBeforeARecordWhoseDeadLetterIsTooLargeForTheTopic() throws Exception {
        try (Trial trial = new Trial()) {
            trial.startConsumer();
            trial.awaitHealthy();
            configure(trial, TopicConfig.MAX_MESSAGE_BYTES_CONFIG, "1");
            assertKeepsItsPlace(trial);
            configure(trial, TopicConfig.MAX_MESSAGE_BYTES_CONFIG, "16777216");
            trial.settle();
        }
    }

    /** Kafka rejects records without a key in a compacted topic. */
    @Test
    void keepsItsPlaceBeforeARecordWhoseDeadLetterTheTopicRefuses() throws Exception {
        try (Trial trial = new Trial()) {
            trial.startConsumer();
            trial.awaitHealthy();
            configure(trial, TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
            assertKeepsItsPlace(trial);
            configure(trial, TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
            trial.settle();
        }
    }

    @Test
    void keepsItsPlaceBeforeARecordWhoseDeadLetterHasNoTopic() throws Exception {
        try (Trial trial = new Trial()) {
            trial.startConsumer();
            trial.awaitHealthy();
            trial.fleet().admin().deleteTopics(List.of(topic(trial))).all().get(20, TimeUnit.SECONDS);
            Awaitility.await("the topic is gone").ignoreExceptions()
                    .until(() -> !trial.fleet().admin().listTopics().names().get(20, TimeUnit.SECONDS).contains(topic(trial)));
            assertKeepsItsPlace(trial);
            trial.fleet().admin().createTopics(List.of(new NewTopic(topic(trial), 1, (short) 1))).all().get(20, TimeUnit.SECONDS);
            trial.settle();
        }
    }

    private static void assertKeepsItsPlace(Trial trial) {
        trial.fleet().sendMixed(200, 50);
        trial.awaitUnhealthy();
        long end = System.nanoTime() + Duration.ofSeconds(Chaos.times(2, 180)).toNanos();
        Awaitility.await().atMost(Duration.ofMinutes(5)).pollDelay(Duration.ZERO).until(() -> {
            assertTrue(trial.fleet().lag() > 0, "all offsets were committed");
            trial.fleet().assertNothingPassedBy();
            return System.nanoTime() > end;
        });
    }

    private static String topic(Trial trial) {
        return trial.settings().text("topic.name") + "-dlq";
    }

    private static void configure(Trial trial, String name, String value) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, topic(trial));
        trial.fleet().admin().incrementalAlterConfigs(Map.of(topic,
                List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)))).all().get(20, TimeUnit.SECONDS);
        Awaitility.await(name + " is " + value).until(() -> value.equals(
                trial.fleet().admin().describeConfigs(List.of(topic)).all().get(20, TimeUnit.SECONDS).get(topic).get(name).value()));
    }
}
