package sensorpipeline.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.ProgramProcess;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.SteadyPorts;

class EmbeddedServersTest {

    private static Settings settings(String folder) {
        return Settings.load(Map.of()).with("data.dir", ProgramProcess.folder(folder))
                .with("embedded.kafka.port", SteadyPorts.anyFree()).with("embedded.db.port", SteadyPorts.anyFree());
    }

    private static CompletableFuture<EmbeddedServers> starting(Settings settings, boolean endsByItself) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return EmbeddedServers.startOrJoin(settings, endsByItself);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void awaitTakeOver(Settings settings, EmbeddedServers... servers) {
        Awaitility.await("the take-over").atMost(Duration.ofSeconds(30)).ignoreExceptions()
                .until(() -> Stream.of(servers).anyMatch(one -> !one.isJoined()) && "1".equals(new Database(servers[0].applyTo(settings)).ask("SELECT 1")));
    }

    @ParameterizedTest
    @CsvSource({"fsync, on", "synchronous_commit, on", "full_page_writes, on", "listen_addresses, 127.0.0.1"})
    void theEmbeddedPostgresqlIsAsDurableAsAnyAndKeepsToThisMachine(String setting, String value) {
        assertEquals(value, new Database(Servers.settings()).ask("SHOW " + setting));
    }

    @Test
    void anotherPostgresqlThatHasTheProcessIdOfAKilledOneIsNotStopped() throws Exception {
        Database other = new Database(Servers.settings());
        Path postmaster = Path.of(other.ask("SHOW data_directory"), "postmaster.pid");
        Path folder = ProgramProcess.folder("reused-process-id");
        Files.copy(postmaster, Files.createDirectories(folder.resolve("data")).resolve("postmaster.pid"));
        assertFalse(EmbeddedPostgresql.isRunning(folder));
        EmbeddedPostgresql.stopOrphan(folder);
        assertEquals("1", other.ask("SELECT 1"));
        assertTrue(EmbeddedPostgresql.isRunning(postmaster.getParent().getParent()));
    }

    @Test
    void aKilledPostgresqlWhoseParentHasNotAskedForItYetDoesNotHoldUpTheNext() throws Exception {
        Settings settings = settings("zombie");
        Path postmaster;
        List<String> lines;
        try (EmbeddedServers servers = EmbeddedServers.startOrJoin(settings, false)) {
            postmaster = Path.of(new Database(servers.applyTo(settings)).ask("SHOW data_directory"), "postmaster.pid");
            lines = Files.readAllLines(postmaster);
        }
        // Replaced by a program that never asks for its children.
        Process parent = new ProcessBuilder("sh", "-c", "sleep 0 & echo $!; exec sleep 300").start();
        try {
            long zombie = Long.parseLong(parent.inputReader().readLine());
            Awaitility.await().until(() -> Files.readString(Path.of("/proc/" + zombie + "/stat")).contains(") Z "));
            lines.set(0, String.valueOf(zombie));
            Files.write(postmaster, lines);
            try (EmbeddedServers servers = starting(settings, false).get(60, TimeUnit.SECONDS)) {
                assertEquals("1", new Database(servers.applyTo(settings)).ask("SELECT 1"));
            }
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void theFolderMayHaveAnyName() throws Exception {
        Settings settings = settings("of j\u00f6rg \u2013 \u6570\u636e");
        for (int start = 0; start < 2; start++) {
            try (EmbeddedServers servers = EmbeddedServers.startOrJoin(settings, false)) {
                assertEquals("1", new Database(servers.applyTo(settings)).ask("SELECT 1"));
            }
        }
    }

    @Test
    void exactlyOneOfThoseThatJoinedTakesTheServersOverWithTheirDataAndPorts() throws Exception {
        Settings settings = settings("taken-over");
        EmbeddedServers owner = EmbeddedServers.startOrJoin(settings, false);
        try (EmbeddedServers one = EmbeddedServers.startOrJoin(settings, false); EmbeddedServers two = EmbeddedServers.startOrJoin(settings, false)) {
            assertFalse(owner.isJoined());
            assertTrue(one.isJoined() && two.isJoined());
            Settings addresses = one.applyTo(settings);
            new Database(addresses).run("CREATE TABLE kept AS SELECT 42 AS answer");
            try (Readings devices = new Readings(addresses)) {
                devices.send("before");
                owner.close();
                awaitTakeOver(settings, one, two);
                devices.send("after");
            }
            assertTrue(one.isJoined() ^ two.isJoined(), "exactly one");
            assertEquals("42", new Database(addresses).ask("SELECT answer FROM kept"));
        } finally {
            owner.close();
        }
    }

    @Test
    void aPortThatWasTakenMeanwhileIsTriedAgain() throws Exception {
        Settings settings = settings("taken-port");
        int port = settings.port("embedded.kafka.port");
        EmbeddedServers owner = EmbeddedServers.startOrJoin(settings, false);
        try (EmbeddedServers survivor = EmbeddedServers.startOrJoin(settings, false)) {
            try (ServerSocket stranger = taking(port, owner)) {
                Awaitility.await("PostgreSQL does not wait for Kafka's port").atMost(Duration.ofSeconds(30)).ignoreExceptions()
                        .until(() -> "1".equals(new Database(survivor.applyTo(settings)).ask("SELECT 1")));
                assertEquals(port, stranger.getLocalPort());
                assertTrue(Announcement.read(Path.of(settings.text("data.dir"))).isEmpty(), "not announced before both run");
            }
            Awaitility.await("both run").atMost(Duration.ofSeconds(30))
                    .until(() -> Announcement.read(Path.of(settings.text("data.dir"))).isPresent());
            try (Readings devices = new Readings(survivor.applyTo(settings))) {
                devices.send("after");
            }
        } finally {
            owner.close();
        }
    }

    /** Closes the owner and takes Kafka's port as soon as it is free, before PostgreSQL has stopped. */
    private static ServerSocket taking(int port, EmbeddedServers owner) throws Exception {
        CompletableFuture<ServerSocket> taken = CompletableFuture.supplyAsync(() -> Awaitility.await().atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).ignoreExceptions()
                .until(() -> new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")), socket -> true));
        owner.close();
        return taken.get();
    }

    @Test
    void oneThatIsClosingLeavesTheTakeOverToOthers() throws Exception {
        Settings settings = settings("closing");
        EmbeddedServers owner = EmbeddedServers.startOrJoin(settings, false);
        try (EmbeddedServers closing = EmbeddedServers.startOrJoin(settings, false); EmbeddedServers other = EmbeddedServers.startOrJoin(settings, false)) {
            closing.prepareToClose();
            owner.close();
            awaitTakeOver(settings, other);
            assertTrue(closing.isJoined());
        } finally {
            owner.close();
        }
    }

    @Test
    void programsThatStartAtOnceShareTheServers() throws Exception {
        Settings settings = settings("at-once");
        List<CompletableFuture<EmbeddedServers>> starts = Stream.generate(() -> starting(settings, false)).limit(3).toList();
        List<EmbeddedServers> all = starts.stream().map(CompletableFuture::join).toList();
        assertEquals(1, all.stream().filter(servers -> !servers.isJoined()).count());
        assertEquals(1, all.stream().map(servers -> servers.applyTo(settings).text("db.port")).distinct().count());
        for (EmbeddedServers servers : all) {
            servers.prepareToClose();
        }
        for (EmbeddedServers servers : all) {
            servers.close();
        }
        assertFalse(Files.exists(Path.of(settings.text("data.dir"), "servers.properties")));
    }

    @Test
    void oneThatIsClosedWhileItTakesOverLeavesNoServerBehind() throws Exception {
        Settings settings = settings("closed");
        EmbeddedServers owner = EmbeddedServers.startOrJoin(settings, false);
        try (EmbeddedServers closed = EmbeddedServers.startOrJoin(settings, false)) {
            owner.close();
            Awaitility.await("it starts them").atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10)).until(() -> !closed.isJoined());
        } finally {
            owner.close();
        }
        FolderLock.tryAcquire(Path.of(settings.text("data.dir"))).orElseThrow().close();
        Ports.requireFree("127.0.0.1", settings, List.of("embedded.kafka.port", "embedded.db.port"));
    }

    @Test
    void oneThatEndsByItselfIsTheLastToRunTheServers() throws Exception {
        Settings settings = settings("last");
        CompletableFuture<EmbeddedServers> starting = starting(settings, true);
        EmbeddedServers owner = EmbeddedServers.startOrJoin(settings, false);
        EmbeddedServers other = EmbeddedServers.startOrJoin(settings, false);
        try (EmbeddedServers last = starting.get()) {
            assertFalse(owner.isJoined(), "although it came second");
            owner.close();
            awaitTakeOver(settings, other);
            assertTrue(last.isJoined(), "while there is another");
            other.close();
            awaitTakeOver(settings, last);
        } finally {
            owner.close();
            other.close();
        }
    }

    @Test
    void whoWaitedForOneThatCouldNotStartTriesItself() throws Exception {
        Settings settings = settings("failed-start");
        Path folder = Path.of(settings.text("data.dir"));
        FolderLock lock = FolderLock.tryAcquire(folder).orElseThrow();
        CompletableFuture<EmbeddedServers> waiting = starting(settings, false);
        assertFalse(waiting.isDone());
        lock.close();
        try (EmbeddedServers started = waiting.get()) {
            assertFalse(started.isJoined());
        }
    }

    @Test
    void aTakenPortLeavesTheFolderFree() throws Exception {
        try (ServerSocket stranger = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Settings settings = settings("port-taken").with("embedded.kafka.port", stranger.getLocalPort());
            CannotStart problem = assertThrows(CannotStart.class, () -> EmbeddedServers.startOrJoin(settings, false));
            assertTrue(problem.getMessage().contains("EMBEDDED_KAFKA_PORT"), problem.getMessage());
            FolderLock.tryAcquire(Path.of(settings.text("data.dir"))).orElseThrow().close();
        }
    }

    @Test
    void theAnnouncementOfAProcessThatHasEndedIsNotBelieved() throws Exception {
        Path folder = ProgramProcess.folder("announced");
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        new Announcement(ended.pid(), 1, 2).write(folder);
        assertTrue(Announcement.read(folder).isEmpty());
        Announcement own = Announcement.ofThisProcess(1, 0);
        own.write(folder);
        assertEquals(own, Announcement.read(folder).orElseThrow());
    }

    /** In a container that restarts after a kill, the program has the process id of the killed one. */
    @Test
    void theAnnouncementOfAKilledProgramWithTheSameProcessIdIsNotBelieved() throws Exception {
        Path folder = ProgramProcess.folder("same-process");
        Announcement.ofThisProcess(1, 2).write(folder);
        assertTrue(new OwnershipClaim(folder, true).tryAcquire().isEmpty(), "left to others at first");
        assertTrue(Announcement.read(folder).isEmpty());
    }
}
