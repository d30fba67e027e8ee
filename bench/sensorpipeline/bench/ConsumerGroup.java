package sensorpipeline.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** The consumer group of the program, as Kafka has it. Safe for use by many threads. */
final class ConsumerGroup implements AutoCloseable {

    private final Admin admin;
    private final String name;
    private final String topic;

    ConsumerGroup(PipelineSettings settings) {
        admin = settings.admin(Duration.ofSeconds(30));
        name = settings.group();
        topic = settings.topic();
    }

    /** @return true if a consumer has been assigned partitions */
    boolean isAssigned() throws InterruptedException {
        try {
            return admin.describeConsumerGroups(List.of(name)).all().get().get(name).members().stream()
                    .anyMatch(member -> !member.assignment().topicPartitions().isEmpty());
        } catch (ExecutionException e) {
            // The group does not exist until a consumer joins it.
            return false;
        }
    }

    /** @return the lag: records of the topic whose offsets are not committed */
    long lag() throws InterruptedException, ExecutionException {
        return lag(Set.of(topic));
    }

    /** @return the lag of several topics together */
    long lag(Set<String> topics) throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetAndMetadata> commits = admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get();
        Map<TopicPartition, OffsetSpec> partitions = admin.describeTopics(topics).allTopicNames().get().values().stream()
                .flatMap(each -> each.partitions().stream().map(partition -> new TopicPartition(each.name(), partition.partition())))
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        Map<TopicPartition, ListOffsetsResultInfo> ends = admin.listOffsets(partitions).all().get();
        return ends.entrySet().stream().mapToLong(end -> {
            OffsetAndMetadata commit = commits.get(end.getKey());
            return end.getValue().offset() - (commit == null ? 0 : commit.offset());
        }).sum();
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
