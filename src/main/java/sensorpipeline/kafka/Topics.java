package sensorpipeline.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.Settings;

/** The topics of the pipeline: their names, their tenants, and their creation. Thread-safe. */
public final class Topics {

    private static final Logger LOG = LoggerFactory.getLogger(Topics.class);

    /** The tenant of the topic without a suffix. */
    public static final String DEFAULT_TENANT = "default";

    /** Regular expression for tenant names. */
    public static final String TENANT = "[a-z0-9-]{1,63}";

    /** A dead letter is larger than its record by its reason headers, and must always fit. */
    private static final int DEAD_LETTER_BYTES = 16 * 1024 * 1024;

    private final String readings;
    private final Pattern pattern;
    private final Settings settings;
    private final int partitions;
    private final short replicas;

    /** @param settings the names and the brokers */
    public Topics(Settings settings) {
        readings = settings.text("topic.name");
        // Kafka does not allow one or two dots alone.
        if (!readings.matches("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,180}")) {
            throw new Settings.InvalidSetting("topic.name", readings, "1 to 180 letters, digits, dots, hyphens or underscores, and not . or ..");
        }
        pattern = Pattern.compile(subscription(readings));
        this.settings = settings;
        partitions = settings.wholeNumber("kafka.partitions", 1, 10_000);
        replicas = replicas(settings);
    }

    private static short replicas(Settings settings) {
        int replicas = settings.wholeNumber("kafka.replicas", -1, 100);
        if (replicas == 0) {
            throw new Settings.InvalidSetting("kafka.replicas", "0", "from 1 to 100, or -1 for the broker's default");
        }
        return (short) replicas;
    }

    /** @return the topic of the tenant "default" */
    public String readings() {
        return readings;
    }

    /** @return the topic of all tenants' dead letters */
    public String deadLetters() {
        return readings + "-dlq";
    }

    /** @return the topic of all tenants' alerts */
    public String alerts() {
        return readings + "-alerts";
    }

    /** @return a regular expression that matches the topics of all tenants, including future ones */
    public String subscription() {
        return pattern.pattern();
    }

    private static String subscription(String readings) {
        // No question mark, because this is the path of an endpoint URI.
        return readings.replace(".", "\\.") + "(|\\." + TENANT + ")";
    }

    /** @return those of these topics that begin like the topic of a tenant, but do not end with the name of one: nothing of them is read */
    public Set<String> misnamed(Collection<String> topics) {
        return topics.stream().filter(topic -> topic.startsWith(readings + ".") && !pattern.matcher(topic).matches()).collect(Collectors.toCollection(TreeSet::new));
    }

    /** @return the tenant of this topic */
    public String tenantOf(String topic) {
        Matcher matcher = pattern.matcher(topic);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("No topic of readings: " + topic);
        }
        return matcher.group(1).isEmpty() ? DEFAULT_TENANT : matcher.group(1).substring(1);
    }

    /**
     * Creates the topic of the tenant "default", the dead letter topic and the topic of alerts if they are missing, and waits until they have
     * leaders. A record sent to a topic without a leader can block its producer.
     *
     * @throws TimeoutException if Kafka does not answer within 10 seconds
     * @throws ExecutionException if Kafka rejects the request
     */
    public void create() throws InterruptedException, ExecutionException, TimeoutException {
        NewTopic readingsTopic = new NewTopic(readings, partitions, replicas)
                .configs(Map.of(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"));
        NewTopic deadLettersTopic = new NewTopic(deadLetters(), 1, replicas)
                .configs(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(DEAD_LETTER_BYTES)));
        // One partition, so that all programs see alerts in the same order.
        NewTopic alertsTopic = new NewTopic(alerts(), 1, replicas);
        try (Admin admin = admin(settings, Duration.ofSeconds(10))) {
            // Existing topics need no permission to create topics.
            Set<String> there = admin.listTopics().names().get(10, TimeUnit.SECONDS);
            for (NewTopic topic : List.of(readingsTopic, deadLettersTopic, alertsTopic)) {
                if (there.contains(topic.name())) {
                    continue;
                }
                try {
                    admin.createTopics(List.of(topic)).all().get(10, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof TopicExistsException)) {
                        throw e;
                    }
                }
            }
            waitForLeaders(admin);
        }
    }

    /**
     * Makes Kafka delete dead letters once they are this old; a missing permission is logged.
     *
     * @param milliseconds value of the topic's {@code retention.ms}; -1 for never
     * @throws TimeoutException if Kafka does not answer within 10 seconds
     * @throws ExecutionException if Kafka rejects the request
     */
    public void keepDeadLetters(long milliseconds) throws InterruptedException, ExecutionException, TimeoutException {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, deadLetters());
        String wanted = String.valueOf(milliseconds);
        try (Admin admin = admin(settings, Duration.ofSeconds(10))) {
            String current = admin.describeConfigs(List.of(topic)).all().get(10, TimeUnit.SECONDS).get(topic).get(TopicConfig.RETENTION_MS_CONFIG).value();
            if (!wanted.equals(current)) {
                AlterConfigOp change = new AlterConfigOp(new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, wanted), AlterConfigOp.OpType.SET);
                admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get(10, TimeUnit.SECONDS);
                LOG.info("Topic {} now has retention.ms={}, from RETENTION_DEAD_LETTERS", deadLetters(), wanted);
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof AuthorizationException)) {
                throw e;
            }
            LOG.warn("Kafka denies DescribeConfigs or AlterConfigs on topic {}: allow both, or set its retention.ms to {} yourself (RETENTION_DEAD_LETTERS)",
                    deadLetters(), wanted);
        }
    }

    private void waitForLeaders(Admin admin) throws InterruptedException, ExecutionException, TimeoutException {
        List<String> waiting = new ArrayList<>(List.of(readings, deadLetters(), alerts()));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!waiting.isEmpty()) {
            if (System.nanoTime() > end) {
                throw new TimeoutException("Topics without a leader: " + waiting);
            }
            waiting.removeIf(topic -> hasLeaders(admin, topic));
        }
    }

    private static boolean hasLeaders(Admin admin, String topic) {
        try {
            return admin.describeTopics(List.of(topic)).allTopicNames().get(5, TimeUnit.SECONDS).get(topic)
                    .partitions().stream().allMatch(partition -> partition.leader() != null && !partition.leader().isEmpty());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    /**
     * @param settings {@code kafka.*}
     * @param limit maximum duration of a call
     * @return a new admin client, to be closed by the caller
     */
    public static Admin admin(Settings settings, Duration limit) {
        Map<String, Object> properties = KafkaClients.properties(settings);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, String.valueOf(limit.toMillis()));
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, String.valueOf(limit.toMillis()));
        return Admin.create(properties);
    }
}
