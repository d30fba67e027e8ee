package sensorpipeline.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import sensorpipeline.embedded.Ports;

/**
 * Ports for servers that start later or are down for a while: below the ephemeral port range, and not used by other test JVMs of
 * the machine.
 */
public final class SteadyPorts {

    private static final int COUNT = 1_000;
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    /** Occupies the first port of this JVM's range while it runs, so that others choose another range. */
    private static final ServerSocket CLAIM = claim();
    /** Ports already returned, because a server may not have bound its port yet. */
    private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

    private SteadyPorts() {
    }

    private static ServerSocket claim() {
        for (int first = LOWEST; first < HIGHEST; first += COUNT) {
            try {
                return new ServerSocket(first, 1, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                // Another JVM has this range.
                continue;
            }
        }
        throw new UncheckedIOException(new IOException("All ranges of ports from " + LOWEST + " to " + HIGHEST + " are in use"));
    }

    /** @return a free port that is not returned again */
    public static int anyFree() {
        int first = CLAIM.getLocalPort() + 1;
        return ThreadLocalRandom.current().ints(first, first + COUNT - 1).filter(port -> Ports.isFree("127.0.0.1", port) && TAKEN.add(port)).findFirst().orElseThrow();
    }
}
