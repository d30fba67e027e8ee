import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.embedded.EmbeddedServers;
import sensorpipeline.embedded.Ports;
import sensorpipeline.kafka.Topics;

/**
 * Measures how fast and at what cost the consumer stores readings: it fills a topic, lets a consumer in a process of its own
 * drain it, and compares that with a bare COPY on the same server. README.md in this folder tells what each figure means.
 */
public final class Ingest {

    private static final int EXACT = 0;
    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    private final Options options;
    private final Resources resources;
    private final Map<String, Object> result = new LinkedHashMap<>();

    private Ingest(Options options, Resources resources) {
        this.options = options;
        this.resources = resources;
    }

    /** Prints the figures as one line of JSON; ends with 0 if every reading was stored once, 1 if not, 2 if misused. */
    public static void main(String[] arguments) {
        if (List.of(arguments).contains("--help") || List.of(arguments).contains("-h")) {
            System.out.print(Options.USAGE);
            return;
        }
        Resources resources = new Resources();
        Runtime.getRuntime().addShutdownHook(new Thread(resources::close, "clean-up"));
        System.exit(measure(arguments, resources));
    }

    private static int measure(String[] arguments, Resources resources) {
        try {
            Ingest ingest = new Ingest(new Options(arguments), resources);
            ingest.run();
            resources.close();
            System.out.println(new ObjectMapper().writeValueAsString(ingest.result));
            return ingest.result.get("exact").equals(true) ? EXACT : FAILED;
        } catch (Options.Misuse | Settings.InvalidSetting e) {
            System.err.println(e.getMessage());
            return MISUSED;
        } catch (Exception e) {
            // What a Ctrl-C has closed complains; nobody needs to know.
            if (!resources.isClosed()) {
                say("%s", e instanceof Failure ? e.getMessage() : "The run failed: " + e);
            }
            return FAILED;
        }
    }

    private void run() throws Exception {
        if (!Files.exists(Path.of("/proc/self/stat"))) {
            throw new Failure("The benchmark reads processor times from /proc and so needs Linux");
        }
        Servers servers = Servers.prepare(options, resources);
        describeRun(servers);
        Workload workload = new Workload(options);
        Sender sender = resources.opening(new Sender(servers.settings(), options, workload));
        if (!options.isPaced()) {
            sender.preload();
        }
        Ledger ledger = resources.opening(new Ledger(servers));
        Group group = resources.opening(new Group(servers.settings()));
        JavaProgram consumer = resources.opening(JavaProgram.start("consumer", servers.folder(), options.consumerJvm(),
                servers.environment(), options.isPaced() ? List.of("consumer", "api") : List.of("consumer")));
        Drain drain = new Drain(options.events, ledger, group, consumer);
        drain.awaitConsumption();
        if (options.isPaced()) {
            consumer.awaitLine("Running");
            drainWhileSending(servers, sender, group, drain);
        } else {
            drain.awaitStored(() -> options.events);
        }
        long peakMemory = consumer.peakMemory();
        consumer.stop();
        long sent = options.events + (long) result.getOrDefault("probes", 0L);
        drain.report(result, sent, peakMemory);
        reportStored(ledger, workload, sent);
        if (!options.isPaced()) {
            double limit = new CopyLimit(ledger.connection(), options).measure();
            result.put("copy_limit_rows_per_s", Math.round(limit));
            result.put("ratio_to_limit", rounded((long) result.get("events_per_s") / limit, 3));
        }
    }

    private void describeRun(Servers servers) {
        result.put("events", options.events);
        result.put("sensors", options.sensors);
        result.put("metrics", options.metrics);
        result.put("duplicates", options.duplicates);
        result.put("late", options.late);
        result.put("interval", rounded(options.interval, 3));
        result.put("rate", options.isPaced() ? options.rate : null);
        result.put("consumers", Integer.parseInt(Services.CONSUMER.derive(servers.settings()).text("store.consumers")));
        result.put("jvm", String.join(" ", options.consumerJvm()));
    }

    private void drainWhileSending(Servers servers, Sender sender, Group group, Drain drain) throws Exception {
        Probe probe = resources.opening(new Probe(servers.settings()));
        Watch watch = resources.opening(new Watch(group, servers.settings().port("management.port")));
        AtomicLong expected = new AtomicLong(Long.MAX_VALUE);
        Thread sending = new Thread(() -> {
            try {
                sender.sendPaced();
                expected.set(options.events + probe.finish());
            } catch (InterruptedException | RuntimeException e) {
                drain.abandon(e);
            }
        }, "sender");
        sending.setDaemon(true);
        sending.start();
        drain.awaitStored(expected::get);
        sending.join();
        result.put("sent_per_s", Math.round(sender.pace()));
        probe.report(result);
        watch.report(result);
    }

    private void reportStored(Ledger ledger, Workload workload, long sent) throws SQLException, InterruptedException {
        // A connection hands in its statistics when it ends at the latest.
        ledger.awaitNoOtherClients();
        long stored = ledger.number("SELECT count(*) FROM reading");
        String partitions = " FROM pg_stat_user_tables WHERE relid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'reading'::regclass)";
        result.put("repeated_readings", workload.repeated());
        result.put("late_readings", workload.late());
        result.put("stored_readings", stored);
        result.put("dead_rows", ledger.number("SELECT coalesce(sum(n_dead_tup), 0)" + partitions));
        result.put("rolled_back_rows", ledger.number("SELECT coalesce(sum(n_tup_ins), 0)" + partitions) - stored);
        result.put("exact", stored == sent - workload.repeated());
    }

    /** Tells the user how it goes; standard output is for the result alone. */
    static void say(String line, Object... values) {
        System.err.println(values.length == 0 ? line : String.format(Locale.ROOT, line, values));
    }

    /** @return the value as JSON shows it: with so many decimals, and null for what could not be measured */
    static Double rounded(double value, int decimals) {
        double factor = Math.pow(10, decimals);
        return Double.isFinite(value) ? Math.round(value * factor) / factor : null;
    }
}

/** A run that cannot go on, for a reason that the message tells in full. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failure(String message) {
        super(message);
    }
}

/** The command line. */
final class Options {

    static final String USAGE = """
            Usage: bench/ingest [option ...]

              --events N      readings to send (1000000)
              --sensors N     sensors that send them (100)
              --metrics N     values of a reading (2)
              --interval S    seconds between two readings of a sensor, whose last one is from now (1)
              --duplicates P  percent of the readings that repeat an earlier one, 0 to 99 (0)
              --late P        percent of the readings whose time lies hours to days back (0)
              --consumers N   consumers in the program (as resources/application.properties says)
              --rate R        send R readings a second while the consumer runs, instead of before; also measures latency
              --heap MB       heap of the consumer (512); JAVA_OPTS replaces all its JVM options
              --data DIR      where the embedded servers make a folder for their data (target/bench)
              --keep          leave topic, database and data folder in place

            The servers are those of KAFKA_BOOTSTRAP_SERVERS and DB_HOST (with DB_PORT, DB_NAME, DB_USER, DB_PASSWORD), else
            embedded ones that are started for the run.
            """;

    private static final Set<String> WITH_VALUE = Set.of("--events", "--sensors", "--metrics", "--interval", "--duplicates",
            "--late", "--consumers", "--rate", "--heap", "--data");

    /** Closer readings of one sensor would fall into the same millisecond and so be the same reading. */
    private static final double SHORTEST_INTERVAL = 0.002;

    final long events;
    final int sensors;
    final int metrics;
    final double interval;
    final double duplicates;
    final double late;
    final String consumers;
    final double rate;
    final Path data;
    final boolean keeps;
    private final int heap;
    private final Map<String, String> given = new HashMap<>();

    /** @throws Misuse if it is not as {@link #USAGE} says */
    Options(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i];
            if (WITH_VALUE.contains(name)) {
                if (++i == arguments.length) {
                    throw new Misuse(name + " needs a value; --help lists the options");
                }
                given.put(name, arguments[i]);
            } else if (name.equals("--keep")) {
                given.put(name, "");
            } else {
                throw new Misuse("Unknown option '" + name + "'; --help lists the options");
            }
        }
        events = (long) number("--events", 1_000_000, 1, 1e9, true);
        sensors = (int) number("--sensors", 100, 1, 10_000_000, true);
        metrics = (int) number("--metrics", 2, 1, 1000, true);
        duplicates = number("--duplicates", 0, 0, 99, false);
        late = number("--late", 0, 0, 100, false);
        consumers = given.containsKey("--consumers") ? String.valueOf((int) number("--consumers", 1, 1, 1000, true)) : null;
        rate = number("--rate", 0, 1, 1e7, false);
        heap = (int) number("--heap", 512, 64, 1_000_000, true);
        data = given.containsKey("--data") ? Path.of(given.get("--data")).toAbsolutePath() : null;
        keeps = given.containsKey("--keep");
        interval = isPaced() ? sensors / rate : number("--interval", 1, SHORTEST_INTERVAL, 1e6, false);
        if (isPaced() && given.containsKey("--interval")) {
            throw new Misuse("--interval follows from --rate and --sensors; give only one of --interval and --rate");
        }
        if (interval < SHORTEST_INTERVAL) {
            throw new Misuse("--rate must be at most " + Math.round(sensors / SHORTEST_INTERVAL)
                    + " for so many sensors (500 readings a second each); got '" + given.get("--rate") + "'");
        }
        if (given.containsKey("--heap") && System.getenv("JAVA_OPTS") != null) {
            throw new Misuse("JAVA_OPTS replaces the heap of --heap; give only one of them");
        }
    }

    private double number(String name, double fallback, double least, double most, boolean isWhole) {
        String text = given.get(name);
        if (text == null) {
            return fallback;
        }
        if (text.matches(isWhole ? "\\d{1,12}" : "\\d{1,12}(\\.\\d{1,9})?")) {
            double number = Double.parseDouble(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        String range = "from %s to %s".formatted(plain(least), plain(most));
        throw new Misuse("%s must be a %s %s; got '%s'".formatted(name, isWhole ? "whole number" : "number", range, text));
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }

    /** @return true if readings are sent while the consumer runs */
    boolean isPaced() {
        return rate > 0;
    }

    /** @return the JVM options of the consumer, by default those of ./pipeline */
    List<String> consumerJvm() {
        String fromEnvironment = System.getenv("JAVA_OPTS");
        return fromEnvironment == null ? JavaProgram.jvm(heap) : List.of(fromEnvironment.strip().split("\\s+"));
    }

    /** A command line that is not as it must be; the message says what is allowed. */
    static final class Misuse extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        Misuse(String message) {
            super(message);
        }
    }
}

/** What the run has opened and must leave as it was, closed the newest first: at the end, after a failure, or on Ctrl-C. */
final class Resources implements AutoCloseable {

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private boolean closed;

    /** @return the resource, closed at once if a Ctrl-C came first */
    synchronized <T extends AutoCloseable> T opening(T resource) throws Exception {
        if (closed) {
            resource.close();
            throw new Failure("Stopped");
        }
        opened.push(resource);
        return resource;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                Ingest.say("Not cleaned up: %s", e.getMessage());
            }
        }
    }
}

/** A program of the pipeline in a process of its own, with what it writes in a file. */
final class JavaProgram implements AutoCloseable {

    private static final Path JAR = Path.of(System.getProperty("java.class.path")).toAbsolutePath();
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    /** Longer than the program takes by its own account. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

    private final String name;
    private final Process process;
    private final Path log;

    private JavaProgram(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** @return the folder of the build */
    static Path target() {
        return JAR.getParent();
    }

    /** @return the JVM options of ./pipeline, with a heap of so many MB */
    static List<String> jvm(int heap) {
        return List.of("-Xmx" + heap + "m", "-XX:+UseParallelGC", "-XX:MetaspaceSize=128m", "-XX:+ExitOnOutOfMemoryError");
    }

    static JavaProgram start(String name, Path folder, List<String> jvm, Map<String, String> environment, List<String> services)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("-jar", JAR.toString()));
        command.addAll(services);
        Path log = folder.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return new JavaProgram(name, builder.start(), log);
    }

    /** Returns when it has written this text. */
    void awaitLine(String text) throws IOException, InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!Files.readString(log).contains(text)) {
            requireAlive();
            if (System.nanoTime() > end) {
                throw new Failure("The " + name + " did not say '" + text + "' in time:\n" + lastLines());
            }
            Thread.sleep(50);
        }
    }

    /** @throws Failure if it has ended */
    void requireAlive() {
        if (!process.isAlive()) {
            throw new Failure("The " + name + " ended with status " + process.exitValue() + ":\n" + lastLines());
        }
    }

    /** @return the end of what it wrote */
    String lastLines() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return "(" + log + " cannot be read)";
        }
    }

    long pid() {
        return process.pid();
    }

    /** @return the most memory that it had at a time, in bytes */
    long peakMemory() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid() + "/status")).stream().filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024).findFirst().orElseThrow();
    }

    /** Lets it finish what it has begun, as SIGTERM does. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            Ingest.say("The %s did not stop within %d s and was killed:%n%s", name, STOP_LIMIT.toSeconds(), lastLines());
        }
    }

    /** Ends it at once: nothing that it has not stored is needed any more. */
    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}

/**
 * Kafka and PostgreSQL for one run: a topic, a group and a database of its own on the servers that the environment names, or
 * on embedded ones of a program that only lends them, so that the broker does not count as the consumer's.
 */
record Servers(Settings settings, Map<String, String> environment, Path folder) {

    private static final Duration ADMIN_LIMIT = Duration.ofSeconds(10);

    static Servers prepare(Options options, Resources resources) throws Exception {
        String name = "bench_" + DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss").withZone(ZoneOffset.UTC).format(Instant.now());
        Path folder = (options.data == null ? JavaProgram.target().resolve("bench") : options.data).resolve(name);
        Files.createDirectories(folder);
        resources.opening(() -> leave(folder, options.keeps));

        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("TOPIC_NAME", name);
        environment.put("STORE_GROUP", name);
        // Nobody else's ports, so that it runs beside other programs.
        environment.put("MANAGEMENT_PORT", String.valueOf(Ports.anyFree()));
        environment.put("API_PORT", String.valueOf(Ports.anyFree()));
        if (options.consumers != null) {
            environment.put("STORE_CONSUMERS", options.consumers);
        }
        Settings given = Settings.load(environment);
        if (EmbeddedServers.areNeeded(given, true, true)) {
            lend(folder, given, environment, resources);
        }
        Settings found = Settings.load(environment);
        environment.put("DB_NAME", name);
        Settings settings = Settings.load(environment);
        new Topics(settings).create();
        if (given.has("kafka.bootstrap.servers") && !options.keeps) {
            resources.opening(() -> deleteTopics(settings));
        }
        execute(found, "CREATE DATABASE " + name);
        if (given.has("db.host") && !options.keeps) {
            resources.opening(() -> execute(found, "DROP DATABASE " + name + " WITH (FORCE)"));
        }
        return new Servers(settings, environment, folder);
    }

    /** Starts the servers that the settings do not name, and adds their addresses to the environment. */
    private static void lend(Path folder, Settings given, Map<String, String> environment, Resources resources) throws Exception {
        Path data = folder.resolve("data");
        Map<String, String> lending = new HashMap<>(environment);
        lending.putAll(Map.of("DATA_DIR", data.toString(), "EMBEDDED_KAFKA_PORT", "0", "EMBEDDED_DB_PORT", "0",
                "MANAGEMENT_PORT", "0", "PRODUCER_SENSORS", "0", "PRODUCER_FILE", ""));
        JavaProgram lender = JavaProgram.start("lender", folder, JavaProgram.jvm(512), lending, List.of("producer"));
        // Killed, it would leave its PostgreSQL behind.
        resources.opening(lender::stop);
        lender.awaitLine("Running");
        Properties addresses = new Properties();
        try (Reader reader = Files.newBufferedReader(data.resolve("servers.properties"))) {
            addresses.load(reader);
        }
        if (!given.has("kafka.bootstrap.servers")) {
            environment.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + addresses.getProperty("kafka.port"));
        }
        if (!given.has("db.host")) {
            environment.putAll(Map.of("DB_HOST", "127.0.0.1", "DB_PORT", addresses.getProperty("db.port"), "DB_NAME", "postgres",
                    "DB_USER", "postgres", "DB_PASSWORD", "", "DB_PASSWORD_FILE", ""));
        }
    }

    private static void leave(Path folder, boolean keeps) throws IOException {
        if (keeps) {
            Ingest.say("Kept topic and database %s, and %s", folder.getFileName(), folder);
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }

    private static void deleteTopics(Settings settings) throws InterruptedException, ExecutionException {
        Topics topics = new Topics(settings);
        try (Admin admin = Topics.admin(settings, ADMIN_LIMIT)) {
            admin.deleteTopics(List.of(topics.readings(), topics.deadLetters())).all().get();
            String group = settings.text("store.group");
            if (admin.listGroups().all().get().stream().anyMatch(listed -> listed.groupId().equals(group))) {
                // A killed consumer is a member until its session ends.
                admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions()).all().get();
                admin.deleteConsumerGroups(List.of(group)).all().get();
            }
        }
    }

    private static void execute(Settings settings, String sql) throws SQLException {
        try (Connection connection = connect(settings); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** @return a new connection to the database of the run */
    Connection connect() throws SQLException {
        return connect(settings);
    }

    private static Connection connect(Settings settings) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://%s:%s/%s".formatted(
                settings.text("db.host"), settings.text("db.port"), settings.text("db.name")),
                settings.text("db.user"), settings.secret("db.password"));
    }
}

/**
 * The readings to send. Each is a function of its number alone, so that a repeated one is the same to the byte and two runs
 * send the same but for the date. Used by one thread.
 */
final class Workload {

    private static final String[] LOCATIONS = {"assembly", "warehouse", "cold-store", "laboratory", "roof"};
    /** A repeat is mostly one of so many readings of its sensor before, as after a lost acknowledgement. */
    private static final long RECENT_ROUNDS = 1000;
    private static final double RECENT_PERCENT = 90;
    private static final long HOUR = 3_600_000;
    private static final long LATE_SPAN = 72 * HOUR;
    /** A prime above any number of rounds, so that its multiples meet every slot once. */
    private static final long STRIDE = Integer.MAX_VALUE;

    private final Options options;
    private final long rounds;
    /** Milliseconds between two readings, whatever their sensors. */
    private final double spacing;
    private final StringBuilder json = new StringBuilder(256);
    private long firstTime;
    private long second = Long.MIN_VALUE;
    private String secondText;
    private long repeated;
    private long late;

    Workload(Options options) {
        this.options = options;
        rounds = (options.events + options.sensors - 1) / options.sensors;
        spacing = options.interval * 1000 / options.sensors;
        startAt(System.currentTimeMillis() - (long) (options.events * spacing));
    }

    /** @param time of the first reading, in milliseconds since 1970 */
    void startAt(long time) {
        firstTime = time;
    }

    /** @return how many readings so far repeated an earlier one */
    long repeated() {
        return repeated;
    }

    /** @return how many readings so far, repeats left out, had a time that lies back */
    long late() {
        return late;
    }

    /** @return the Kafka record of a reading, to be asked for once each */
    ProducerRecord<byte[], byte[]> next(String topic, long number) {
        long source = source(number);
        if (source != number) {
            repeated++;
        } else if (isLate(number)) {
            late++;
        }
        String sensor = sensor(number % options.sensors + 1);
        return new ProducerRecord<>(topic, latin(sensor), latin(json(sensor, source)));
    }

    private static String sensor(long number) {
        String digits = String.valueOf(number);
        return "sensor-" + "0".repeat(Math.max(0, 5 - digits.length())) + digits;
    }

    private static byte[] latin(CharSequence text) {
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private String json(String sensor, long number) {
        long chance = mix(number);
        json.setLength(0);
        json.append("{\"sensor_id\":\"").append(sensor)
                .append("\",\"location\":\"").append(LOCATIONS[(int) (number % options.sensors % LOCATIONS.length)])
                .append("\",\"temperature\":");
        appendHundredths(1500 + (chance & 1023));
        if (options.metrics > 1) {
            json.append(",\"humidity\":");
            appendHundredths(3500 + (chance >>> 10 & 2047));
        }
        for (int metric = 3; metric <= options.metrics; metric++) {
            json.append(",\"metric_").append(metric).append("\":");
            appendHundredths(mix(chance + metric) & 65535);
        }
        json.append(",\"timestamp\":\"");
        appendTime(isLate(number) ? lateTime(number) : firstTime + (long) (number * spacing));
        return json.append("\"}").toString();
    }

    private void appendHundredths(long hundredths) {
        long fraction = hundredths % 100;
        json.append(hundredths / 100).append(fraction < 10 ? ".0" : ".").append(fraction);
    }

    private void appendTime(long time) {
        if (Math.floorDiv(time, 1000) != second) {
            second = Math.floorDiv(time, 1000);
            secondText = Instant.ofEpochSecond(second).toString().replace("Z", ".");
        }
        long milliseconds = Math.floorMod(time, 1000);
        json.append(secondText).append(milliseconds < 10 ? "00" : milliseconds < 100 ? "0" : "").append(milliseconds).append('Z');
    }

    /** @return the number of the reading that is sent: this one, or an earlier one of the same sensor */
    private long source(long number) {
        if (!repeats(number)) {
            return number;
        }
        long round = number / options.sensors;
        long reach = percent(number, 2) < RECENT_PERCENT ? Math.min(round, RECENT_ROUNDS) : round;
        long earlier = number - options.sensors * (1 + (mix(number) >>> 1) % reach);
        while (repeats(earlier)) {
            earlier -= options.sensors;
        }
        return earlier;
    }

    private boolean repeats(long number) {
        return number >= options.sensors && percent(number, 0) < options.duplicates;
    }

    private boolean isLate(long number) {
        return percent(number, 1) < options.late;
    }

    /** @return a time before all others that no other reading of the sensor has */
    private long lateTime(long number) {
        long slot = number / options.sensors * STRIDE % rounds;
        return firstTime - HOUR - slot * Math.max(1, LATE_SPAN / rounds);
    }

    /** @return a random number from 0 to 100, always the same for the same number and purpose */
    private static double percent(long number, int purpose) {
        return (mix(number * 3 + purpose) >>> 11) * 0x1p-53 * 100;
    }

    /** @return random bits, as SplitMix64 makes them */
    private static long mix(long number) {
        long bits = (number + 1) * 0x9E3779B97F4A7C15L;
        bits = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        bits = (bits ^ (bits >>> 27)) * 0x94D049BB133111EBL;
        return bits ^ (bits >>> 31);
    }
}

/** Puts readings on the topic, many at a time, and fails if Kafka did not take one of them. */
final class Sender implements AutoCloseable {

    private static final long PACE_STEP_MILLISECONDS = 2;

    private final Workload workload;
    private final Options options;
    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private volatile Exception refusal;
    private volatile double pace;

    Sender(Settings settings, Options options, Workload workload) {
        this.workload = workload;
        this.options = options;
        this.topic = settings.text("topic.name");
        this.producer = producer(settings, 5);
    }

    /** @return a producer without compression, which would cost the consumer as well, that waits so many milliseconds for more */
    static KafkaProducer<byte[], byte[]> producer(Settings settings, int linger) {
        return new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.text("kafka.bootstrap.servers"),
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.COMPRESSION_TYPE_CONFIG, "none",
                ProducerConfig.LINGER_MS_CONFIG, linger,
                ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024,
                ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Sends all readings at once and returns when Kafka has them. */
    void preload() {
        long start = System.nanoTime();
        for (long number = 0; number < options.events; number++) {
            send(number);
        }
        finish(start);
        Ingest.say("Sent %,d readings, %,.0f a second", options.events, pace);
    }

    /** Sends the readings from now on at the pace that was asked for, and returns when Kafka has them. */
    void sendPaced() throws InterruptedException {
        workload.startAt(System.currentTimeMillis());
        long start = System.nanoTime();
        for (long number = 0; number < options.events; number++) {
            while (number > (System.nanoTime() - start) / 1e9 * options.rate) {
                Thread.sleep(PACE_STEP_MILLISECONDS);
            }
            send(number);
        }
        finish(start);
    }

    private void send(long number) {
        producer.send(workload.next(topic, number), (sent, failure) -> {
            if (failure != null) {
                refusal = failure;
            }
        });
    }

    private void finish(long start) {
        producer.flush();
        if (refusal != null) {
            throw new Failure("Kafka did not take all readings: " + refusal);
        }
        pace = options.events / ((System.nanoTime() - start) / 1e9);
    }

    /** @return readings a second, as Kafka took them */
    double pace() {
        return pace;
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}

/** Processor time as Linux counts it for processes. */
final class Processor {

    /** The unit of /proc, whatever the kernel's own clock. */
    private static final double TICKS_A_SECOND = 100;
    private static final int USER_TIME = 11;
    private static final int OWN_TIMES = 2;
    private static final int OWN_AND_ENDED_CHILDREN_TIMES = 4;

    private Processor() {
    }

    /** @return seconds that a process has worked */
    static double seconds(long pid) {
        return sum(pid, OWN_TIMES);
    }

    /** @return seconds that a process, its children, and those of its children that have ended have worked */
    static double secondsOfFamily(ProcessHandle parent, long exceptChild) {
        return sum(parent.pid(), OWN_AND_ENDED_CHILDREN_TIMES)
                + parent.children().mapToLong(ProcessHandle::pid).filter(child -> child != exceptChild)
                        .mapToDouble(child -> sum(child, OWN_AND_ENDED_CHILDREN_TIMES)).sum();
    }

    private static double sum(long pid, int times) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The name, in parentheses, may have spaces.
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
            long ticks = 0;
            for (int field = USER_TIME; field < USER_TIME + times; field++) {
                ticks += Long.parseLong(fields[field]);
            }
            return ticks / TICKS_A_SECOND;
        } catch (IOException e) {
            // Ended meanwhile: its parent has its times now.
            return 0;
        }
    }
}

/** What the database tells of the run, on one connection whose own work is not counted. Used by one thread. */
final class Ledger implements AutoCloseable {

    private static final Duration CLIENTS_LIMIT = Duration.ofSeconds(30);

    private final Connection connection;
    private final long backend;
    /** Null if the server is on another machine. */
    private final ProcessHandle postmaster;
    private String question;

    Ledger(Servers servers) throws SQLException {
        connection = servers.connect();
        backend = number("SELECT pg_backend_pid()");
        postmaster = postmaster(servers.settings().text("db.name"));
        if (postmaster == null) {
            Ingest.say("PostgreSQL does not run on this machine, so its processor time is not known");
        }
    }

    private ProcessHandle postmaster(String database) {
        try {
            // A process title such as "postgres: postgres bench_... 127.0.0.1(40000) idle"; elsewhere the number is a stranger's.
            boolean isHere = Files.readString(Path.of("/proc/" + backend + "/cmdline")).contains(database);
            return isHere ? ProcessHandle.of(backend).flatMap(ProcessHandle::parent).orElse(null) : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Readings in the ledger, and batches that the rollups lack. */
    record State(long stored, long waiting) {
    }

    /** @return how far the store is */
    State read() throws SQLException {
        if (question == null) {
            boolean rollsUp = number("SELECT count(*) FROM information_schema.columns WHERE table_name = 'batch' AND column_name = 'rolled_up'") > 0;
            question = "SELECT coalesce(sum(records), 0), " + (rollsUp ? "count(*) FILTER (WHERE NOT rolled_up)" : "0") + " FROM batch";
        }
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(question)) {
            rows.next();
            return new State(rows.getLong(1), rows.getLong(2));
        }
    }

    /** @return the number that a query answers */
    long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** @return seconds that PostgreSQL has worked, not a number if it is elsewhere */
    double processorSeconds() {
        return postmaster == null ? Double.NaN : Processor.secondsOfFamily(postmaster, backend);
    }

    /** Returns when nobody else is connected to the database. */
    void awaitNoOtherClients() throws SQLException, InterruptedException {
        long end = System.nanoTime() + CLIENTS_LIMIT.toNanos();
        while (number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                + " AND backend_type = 'client backend'") > 0) {
            if (System.nanoTime() > end) {
                throw new Failure("The consumer's connections to PostgreSQL do not end");
            }
            Thread.sleep(50);
        }
    }

    Connection connection() {
        return connection;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

/** The consumer group of the store, as Kafka sees it. Safe for use by many threads. */
final class Group implements AutoCloseable {

    private final Admin admin;
    private final String name;
    private final String topic;

    Group(Settings settings) {
        admin = Topics.admin(settings, Duration.ofSeconds(30));
        name = settings.text("store.group");
        topic = settings.text("topic.name");
    }

    /** @return true once a consumer has got partitions to read */
    boolean isAssigned() throws InterruptedException {
        try {
            return admin.describeConsumerGroups(List.of(name)).all().get().get(name).members().stream()
                    .anyMatch(member -> !member.assignment().topicPartitions().isEmpty());
        } catch (ExecutionException e) {
            // Kafka does not know the group until a consumer joins it.
            return false;
        }
    }

    /** @return records on the topic that are not committed */
    long lag() throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetAndMetadata> commits = admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get();
        Map<TopicPartition, OffsetSpec> partitions = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic)
                .partitions().stream().map(partition -> new TopicPartition(topic, partition.partition()))
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

/** The measured window: from the moment the consumer has partitions to read until all readings are stored and rolled up. */
final class Drain {

    private static final long MILLION = 1_000_000;
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Duration STALL_LIMIT = Duration.ofMinutes(2);
    private static final long START_STEP_MILLISECONDS = 10;
    private static final long LONGEST_STEP_MILLISECONDS = 250;
    private static final long SHORTEST_STEP_MILLISECONDS = 25;

    private final long events;
    private final Ledger ledger;
    private final Group group;
    private final JavaProgram consumer;
    private final List<Sample> samples = new ArrayList<>();
    private Sample lastTold;
    private volatile Exception abandoned;

    Drain(long events, Ledger ledger, Group group, JavaProgram consumer) {
        this.events = events;
        this.ledger = ledger;
        this.group = group;
        this.consumer = consumer;
    }

    /** The state at a moment; times in seconds. */
    private record Sample(double time, long stored, long waiting, double java, double postgres) {

        /** @return microseconds of processor time a reading since an earlier sample */
        double cost(Sample earlier) {
            return (java - earlier.java + postgres - earlier.postgres) * 1e6 / (stored - earlier.stored);
        }

        /** @return the state between an earlier sample and this one at which so many readings were stored */
        Sample between(Sample earlier, long target) {
            double part = (double) (target - earlier.stored) / (stored - earlier.stored);
            return new Sample(earlier.time + part * (time - earlier.time), target, waiting,
                    earlier.java + part * (java - earlier.java), earlier.postgres + part * (postgres - earlier.postgres));
        }
    }

    /** Begins the window when the consumer begins to read. */
    void awaitConsumption() throws InterruptedException {
        double limit = now() + START_LIMIT.toSeconds();
        while (!group.isAssigned()) {
            consumer.requireAlive();
            if (now() > limit) {
                throw new Failure("The consumer got no partitions:\n" + consumer.lastLines());
            }
            Thread.sleep(START_STEP_MILLISECONDS);
        }
        lastTold = new Sample(now(), 0, 0, Processor.seconds(consumer.pid()), ledger.processorSeconds());
        samples.add(lastTold);
    }

    /** Ends the window when so many readings are stored, their offsets committed and their batches rolled up. */
    void awaitStored(LongSupplier expected) throws Exception {
        double progressAt = now();
        while (true) {
            Sample before = last();
            Sample sample = take();
            // A batch that came twice counts twice in the ledger, so Kafka has the last word; what came until then is rolled up last.
            if (sample.stored >= expected.getAsLong() && group.lag() == 0 && take().waiting == 0) {
                return;
            }
            if (sample.stored != before.stored || sample.waiting != before.waiting) {
                progressAt = now();
            } else if (now() - progressAt > STALL_LIMIT.toSeconds()) {
                throw new Failure("%,d of %,d readings are stored and %,d batches wait for rollups, without progress for %d s:%n%s".formatted(
                        sample.stored, events, sample.waiting, STALL_LIMIT.toSeconds(), consumer.lastLines()));
            }
            Thread.sleep(step(expected.getAsLong()));
        }
    }

    /** Makes {@link #awaitStored} fail, because nothing more comes. */
    void abandon(Exception cause) {
        abandoned = cause;
    }

    private Sample take() throws Exception {
        consumer.requireAlive();
        if (abandoned != null) {
            throw abandoned;
        }
        Ledger.State state = ledger.read();
        Sample sample = new Sample(now(), state.stored(), state.waiting(), Processor.seconds(consumer.pid()), ledger.processorSeconds());
        samples.add(sample);
        while (sample.stored >= lastTold.stored + MILLION) {
            tell(at(lastTold.stored + MILLION));
        }
        return sample;
    }

    /** @return milliseconds to the next look: few when the end is near, so that its time is right */
    private long step(long expected) {
        Sample first = samples.get(0);
        double remaining = (expected - last().stored) * (last().time - first.time) / Math.max(1, last().stored);
        return (long) Math.max(SHORTEST_STEP_MILLISECONDS, Math.min(LONGEST_STEP_MILLISECONDS, remaining * 1000));
    }

    private void tell(Sample sample) {
        Ingest.say("%,d stored: %,.0f a second, %.2f us each (Java %.2f, PostgreSQL %.2f)", sample.stored,
                (sample.stored - lastTold.stored) / (sample.time - lastTold.time), sample.cost(lastTold),
                (sample.java - lastTold.java) * 1e6 / (sample.stored - lastTold.stored),
                (sample.postgres - lastTold.postgres) * 1e6 / (sample.stored - lastTold.stored));
        lastTold = sample;
    }

    private Sample last() {
        return samples.get(samples.size() - 1);
    }

    private Sample at(long stored) {
        int index = 1;
        while (samples.get(index).stored < stored) {
            index++;
        }
        return samples.get(index).between(samples.get(index - 1), stored);
    }

    private static double now() {
        return System.nanoTime() / 1e9;
    }

    /** Adds the figures of the window. */
    void report(Map<String, Object> result, long sent, long peakMemory) {
        Sample first = samples.get(0);
        Sample last = last();
        if (last.stored > lastTold.stored) {
            tell(last);
        }
        double java = (last.java - first.java) * 1e6 / sent;
        double postgres = (last.postgres - first.postgres) * 1e6 / sent;
        result.put("java_start_up_s", Ingest.rounded(first.java, 2));
        result.put("seconds", Ingest.rounded(last.time - first.time, 2));
        result.put("events_per_s", Math.round(sent / (last.time - first.time)));
        result.put("java_us_per_event", Ingest.rounded(java, 2));
        result.put("postgres_us_per_event", Ingest.rounded(postgres, 2));
        result.put("total_us_per_event", Ingest.rounded(java + postgres, 2));
        result.put("first_million_us_per_event", Ingest.rounded(at(Math.min(MILLION, last.stored)).cost(first), 2));
        result.put("last_million_us_per_event", Ingest.rounded(
                last.cost(last.stored > MILLION ? at(last.stored - MILLION) : first), 2));
        result.put("peak_rss_mb", Math.round(peakMemory / 1048576.0));
        result.put("redelivered", last.stored - sent);
    }
}

/** A sensor of its own that looks when the REST API shows its readings. */
final class Probe implements AutoCloseable {

    private static final String SENSOR = "probe";
    private static final long SEND_MILLISECONDS = 200;
    private static final long LOOK_MILLISECONDS = 15;
    /** The first ten seconds, in which consumers share out the partitions and Java compiles, are told apart. */
    private static final long WARM_UP_READINGS = 50;
    private static final Duration LAST_LOOK_LIMIT = Duration.ofSeconds(30);
    private static final Pattern SHOWN = Pattern.compile("\"number\"\\s*:\\s*(\\d+)");

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpRequest request;
    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
    private final ScheduledFuture<?> sending;
    /** When Kafka appended the readings that were not seen yet, in milliseconds since 1970, by their numbers. */
    private final Map<Long, Long> outstanding = new ConcurrentHashMap<>();
    /** Milliseconds from the append to the look that found the reading, by its number. */
    private final Map<Long, Long> latencies = new ConcurrentHashMap<>();
    private final AtomicLong sent = new AtomicLong();

    Probe(Settings settings) {
        producer = Sender.producer(settings, 0);
        topic = settings.text("topic.name");
        request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + settings.port("api.port")
                + "/data/latest?limit=1&sensor_id=" + SENSOR)).timeout(Duration.ofSeconds(10)).build();
        sending = executor.scheduleAtFixedRate(this::send, 0, SEND_MILLISECONDS, TimeUnit.MILLISECONDS);
        executor.scheduleWithFixedDelay(this::look, 0, LOOK_MILLISECONDS, TimeUnit.MILLISECONDS);
    }

    private void send() {
        long number = sent.incrementAndGet();
        String json = "{\"sensor_id\":\"%s\",\"number\":%d,\"timestamp\":\"%s\"}".formatted(SENSOR, number, Instant.now());
        producer.send(new ProducerRecord<>(topic, SENSOR.getBytes(StandardCharsets.UTF_8), json.getBytes(StandardCharsets.UTF_8)),
                (appended, failure) -> {
                    if (failure == null) {
                        outstanding.put(number, appended.timestamp());
                    }
                });
    }

    private void look() {
        if (outstanding.isEmpty()) {
            return;
        }
        try {
            String answer = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            long now = System.currentTimeMillis();
            Matcher matcher = SHOWN.matcher(answer);
            if (matcher.find()) {
                // One partition, so that the newest one shown means that those before it can be seen.
                long shown = Long.parseLong(matcher.group(1));
                outstanding.forEach((number, appended) -> {
                    if (number <= shown) {
                        latencies.put(number, now - appended);
                        outstanding.remove(number);
                    }
                });
            }
        } catch (IOException e) {
            // The API did not answer: the next look will find it, and the latency tells.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends no more, waits until what was sent is seen, and answers how many readings were sent. */
    long finish() throws InterruptedException {
        sending.cancel(false);
        producer.flush();
        long end = System.nanoTime() + LAST_LOOK_LIMIT.toNanos();
        while (!outstanding.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(LOOK_MILLISECONDS);
        }
        return sent.get();
    }

    /** Adds the figures. */
    void report(Map<String, Object> result) {
        List<Long> warmUp = sorted(number -> number <= WARM_UP_READINGS);
        List<Long> warm = sorted(number -> number > WARM_UP_READINGS);
        result.put("probes", sent.get());
        result.put("probes_seen", latencies.size());
        result.put("latency_warm_up_max_ms", percentile(warmUp, 100));
        result.put("latency_p50_ms", percentile(warm, 50));
        result.put("latency_p99_ms", percentile(warm, 99));
        result.put("latency_max_ms", percentile(warm, 100));
    }

    private List<Long> sorted(LongPredicate numbers) {
        return latencies.entrySet().stream().filter(latency -> numbers.test(latency.getKey())).map(Map.Entry::getValue).sorted().toList();
    }

    private static Long percentile(List<Long> sorted, int percent) {
        return sorted.isEmpty() ? null : sorted.get((sorted.size() * percent + 99) / 100 - 1);
    }

    @Override
    public void close() {
        executor.shutdownNow();
        producer.close(Duration.ZERO);
    }
}

/** Looks at lag, heap and garbage collection every second. */
final class Watch implements AutoCloseable {

    private static final int MINUTE = 60;
    private static final Pattern HEAP = Pattern.compile("^jvm_memory_used_bytes\\{.*area=\"heap\".* (\\S+)$", Pattern.MULTILINE);
    private static final Pattern PAUSE = Pattern.compile("^jvm_gc_pause_seconds_max.* (\\S+)$", Pattern.MULTILINE);

    private final Group group;
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpRequest request;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final List<Double> heap = new CopyOnWriteArrayList<>();
    private volatile long highestLag;
    private volatile double longestPause;

    Watch(Group group, int managementPort) {
        this.group = group;
        request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/observe/metrics"))
                .timeout(Duration.ofSeconds(10)).build();
        executor.scheduleAtFixedRate(this::look, 0, 1, TimeUnit.SECONDS);
    }

    private void look() {
        try {
            highestLag = Math.max(highestLag, group.lag());
            String metrics = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            heap.add(values(HEAP, metrics).sum());
            longestPause = Math.max(longestPause, values(PAUSE, metrics).max().orElse(0));
        } catch (IOException | ExecutionException e) {
            Ingest.say("No look at lag and heap this time: %s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static DoubleStream values(Pattern pattern, String metrics) {
        return pattern.matcher(metrics).results().mapToDouble(match -> Double.parseDouble(match.group(1)));
    }

    /** Adds the figures. */
    void report(Map<String, Object> result) {
        result.put("max_lag", highestLag);
        result.put("heap_after_gc_first_minute_mb", lowest(heap.subList(0, Math.min(heap.size(), MINUTE))));
        result.put("heap_after_gc_last_minute_mb", lowest(heap.subList(Math.max(0, heap.size() - MINUTE), heap.size())));
        result.put("max_gc_pause_ms", Math.round(longestPause * 1000));
    }

    /** @return the heap in use in its lowest look, which comes closest to a collection, in MB */
    private static Long lowest(List<Double> looks) {
        return looks.isEmpty() ? null : Math.round(Collections.min(looks) / 1048576);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}

/** How fast one connection can copy rows like those of readings, made beforehand, into a table without key, index or partitions. */
final class CopyLimit {

    private static final long MOST_ROWS = 2_000_000;
    private static final int ROWS_A_COPY = 5000;
    /** Made once and copied again and again: their content does not matter to a table without an index. */
    private static final int DIFFERENT_COPIES = 20;
    private static final int TRIES = 3;
    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int FLOAT8 = 701;
    private static final long MICROS_TO_2000 = 946_684_800_000_000L;

    private final Connection connection;
    private final long rows;
    private final List<byte[]> copies = new ArrayList<>();

    CopyLimit(Connection connection, Options options) {
        this.connection = connection;
        this.rows = Math.min(MOST_ROWS, options.events);
        for (int number = 0; number < DIFFERENT_COPIES; number++) {
            copies.add(copy(number, options));
        }
    }

    private static byte[] copy(int number, Options options) {
        ByteBuffer bytes = ByteBuffer.allocate(64 + ROWS_A_COPY * (100 + 12 * options.metrics));
        bytes.put(SIGNATURE).putInt(0).putInt(0);
        long at = System.currentTimeMillis() * 1000 - MICROS_TO_2000;
        for (int row = 0; row < ROWS_A_COPY; row++) {
            bytes.putShort((short) 6);
            bytes.putInt(4).putInt(row % options.sensors);
            bytes.putInt(4).putInt(number);
            bytes.putInt(8).putLong(at + row);
            bytes.putInt(8).putLong(at);
            bytes.putInt(20 + 12 * options.metrics).putInt(1).putInt(0).putInt(FLOAT8).putInt(options.metrics).putInt(1);
            for (int metric = 0; metric < options.metrics; metric++) {
                bytes.putInt(8).putDouble((row + metric) / 100.0);
            }
            bytes.putInt(-1);
        }
        bytes.putShort((short) -1);
        byte[] copy = new byte[bytes.position()];
        bytes.flip().get(copy);
        return copy;
    }

    /** @return rows a second, the best of some tries */
    double measure() throws SQLException {
        execute("CREATE TABLE copy_limit (series_id integer NOT NULL, batch_id integer NOT NULL, at timestamptz NOT NULL,"
                + " received_at timestamptz NOT NULL, \"values\" float8[] NOT NULL, attributes jsonb)");
        CopyManager manager = connection.unwrap(PGConnection.class).getCopyAPI();
        double best = 0;
        for (int tried = 0; tried < TRIES; tried++) {
            execute("TRUNCATE copy_limit");
            long start = System.nanoTime();
            long copied = 0;
            for (int number = 0; copied < rows; number++) {
                byte[] copy = copies.get(number % DIFFERENT_COPIES);
                CopyIn into = manager.copyIn("COPY copy_limit FROM STDIN (FORMAT binary)");
                into.writeToCopy(copy, 0, copy.length);
                copied += into.endCopy();
            }
            best = Math.max(best, copied / ((System.nanoTime() - start) / 1e9));
        }
        Ingest.say("Bare COPY of such rows: %,.0f a second", best);
        return best;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
