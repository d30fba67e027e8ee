package sensorpipeline.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What a run leaves on a Kafka that others use too: its topics and its consumer groups. */
final class RunOnKafka {

    private static final Duration CALL_LIMIT = Duration.ofSeconds(10);
    /** Longer than the session of a killed consumer (45 seconds), which stays a member until then. */
    private static final Duration GROUP_LIMIT = Duration.ofSeconds(90);
    private static final long RETRY_MILLISECONDS = 200;

    private final PipelineSettings settings;
    private final String run;

    /** @param run the name of the run, with which the names of its topics and groups begin */
    RunOnKafka(PipelineSettings settings, String run) {
        this.settings = settings;
        this.run = run;
    }

    /**
     * Deletes the groups, once the run's programs have ended, and then the topics.
     *
     * @throws Failure if a group still has members after 90 seconds
     */
    void delete() throws InterruptedException, ExecutionException {
        try (Admin admin = settings.admin(CALL_LIMIT)) {
            for (GroupListing group : admin.listGroups().all().get()) {
                if (isOfRun(group.groupId())) {
                    deleteGroup(admin, group.groupId());
                }
            }
            for (String topic : admin.listTopics().names().get()) {
                if (isOfRun(topic)) {
                    deleteTopic(admin, topic);
                }
            }
        }
    }

    private boolean isOfRun(String name) {
        return name.equals(run) || name.startsWith(run + "-") || name.startsWith(run + ".");
    }

    private static void deleteGroup(Admin admin, String group) throws InterruptedException, ExecutionException {
        long end = System.nanoTime() + GROUP_LIMIT.toNanos();
        while (!isDeleted(admin, group)) {
            if (System.nanoTime() > end) {
                throw new Failure("Consumer group %s still has members after %d s: stop them, then delete the group".formatted(
                        group, GROUP_LIMIT.toSeconds()));
            }
            Thread.sleep(RETRY_MILLISECONDS);
        }
    }

    /** @return false if the group still has members, which then leave it or are removed */
    private static boolean isDeleted(Admin admin, String group) throws InterruptedException, ExecutionException {
        try {
            admin.deleteConsumerGroups(List.of(group)).all().get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return true;
            }
            if (!(e.getCause() instanceof GroupNotEmptyException)) {
                throw e;
            }
        }
        removeMembers(admin, group);
        return false;
    }

    private static void removeMembers(Admin admin, String group) throws InterruptedException {
        try {
            admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions()).all().get();
        } catch (ExecutionException e) {
            // The last member has just left by itself, or the group's protocol has no removal: its session ends.
        }
    }

    private static void deleteTopic(Admin admin, String topic) throws InterruptedException, ExecutionException {
        try {
            admin.deleteTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
        }
    }
}
