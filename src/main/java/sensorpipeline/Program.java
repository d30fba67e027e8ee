package sensorpipeline;

import java.io.IOException;
import java.security.Security;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.access.KeyCommand;
import sensorpipeline.service.Service;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/** The command line: {@code sensor-pipeline [service ...]}, or {@code sensor-pipeline keys ...}. */
public final class Program {

    private static final Logger LOG = LoggerFactory.getLogger(Program.class);
    /** Maximum time from SIGTERM to exit; a stop that takes longer is aborted, with a distinct exit status. */
    private static final int STOP_LIMIT_SECONDS = 14;

    private static final int STOPPED = 0;
    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    private static final String USAGE = """
            Usage: pipeline [service ...]
                   pipeline keys ...

            Services: %s. Without a name, all of them run.
            Settings come from the environment; resources/application.properties lists them.

            Keys for the REST API (ACCESS=restricted):
            %s""".formatted(Services.names(), KeyCommand.USAGE);

    private static volatile int status = STOPPED;

    private Program() {
    }

    /**
     * Runs until a signal, or until all work is done. Exits with status 0 after a stop, 1 if something failed, 2 if the
     * command line or a setting is invalid.
     *
     * @param arguments names of services, or a command
     */
    public static void main(String[] arguments) {
        // Routes java.util.logging output of libraries to the program's log.
        System.setProperty("java.util.logging.manager", "org.apache.logging.log4j.jul.LogManager");
        // Java remembers for ten seconds that a host is unknown; where names follow containers, that of a restarted server is back earlier.
        Security.setProperty("networkaddress.cache.negative.ttl", "1");
        // The hook is registered before anything starts, so that an early signal leaves no server behind.
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            stop.countDown();
            awaitEnd(ended);
            LogManager.shutdown();
            // System.exit cannot be called from a hook; a signal would otherwise end the program with 143.
            Runtime.getRuntime().halt(status);
        }, "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            status = run(List.of(arguments), stop);
        } catch (RuntimeException | Error e) {
            LOG.error("The program failed", e);
            status = FAILED;
        } finally {
            ended.countDown();
        }
        System.exit(status);
    }

    private static void awaitEnd(CountDownLatch ended) {
        try {
            if (!ended.await(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                LOG.error("The stop took longer than {} s and was cut off; what was not stored is still in Kafka", STOP_LIMIT_SECONDS);
                status = FAILED;
            }
        } catch (InterruptedException e) {
            status = FAILED;
        }
    }

    private static int run(List<String> arguments, CountDownLatch stop) {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            System.out.print(USAGE);
            return STOPPED;
        }
        if (!arguments.isEmpty() && arguments.get(0).equals(KeysProgram.NAME)) {
            return runKeys(arguments.subList(1, arguments.size()));
        }
        Set<Service> services;
        try {
            services = Services.named(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return MISUSED;
        }
        try (Pipeline pipeline = new Pipeline(Settings.load(System.getenv()), services)) {
            pipeline.onFinished(stop::countDown);
            pipeline.start();
            stop.await();
            LOG.info("Stopping");
            return pipeline.hasFailed() ? FAILED : STOPPED;
        } catch (Settings.InvalidSetting e) {
            System.err.println(e.getMessage());
            return MISUSED;
        } catch (CannotStart e) {
            if (stop.getCount() == 0) {
                return STOPPED;
            }
            System.err.println(e.getMessage());
            LOG.debug("Cannot start", e);
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        } catch (Exception e) {
            if (stop.getCount() == 0) {
                // Stopped during startup: resources that are half open report errors.
                return STOPPED;
            }
            LOG.error("The program failed", e);
            return FAILED;
        }
    }

    private static int runKeys(List<String> arguments) {
        try {
            return KeysProgram.run(arguments, Settings.load(System.getenv())) ? STOPPED : FAILED;
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return MISUSED;
        } catch (CannotStart e) {
            System.err.println(e.getMessage());
            return FAILED;
        } catch (IOException e) {
            LOG.error("The command failed", e);
            return FAILED;
        }
    }
}
