package sensorpipeline.support;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import sensorpipeline.embedded.Ports;

/**
 * Ports for servers that start later or are down for a while: below the ephemeral port range, and not used by other JVMs of the
 * same build.
 */
public final class SteadyPorts {

    private static final int COUNT = 1_500;
    /** Number of this test JVM, from 1; set in pom.xml. */
    private static final int FIRST = 20_000 + (Integer.getInteger("test.jvm", 1) - 1) * COUNT;
    /** Ports already returned, because a server may not have bound its port yet. */
    private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

    private SteadyPorts() {
    }

    /** @return a free port that is not returned again */
    public static int anyFree() {
        return ThreadLocalRandom.current().ints(FIRST, FIRST + COUNT).filter(port -> Ports.isFree("127.0.0.1", port) && TAKEN.add(port)).findFirst().orElseThrow();
    }
}
