package sensorpipeline.support;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import sensorpipeline.embedded.Ports;

/**
 * Ports for servers that start later, or are away for a while: below those that the system gives to clients, and of a range that
 * no other JVM of the same build uses.
 */
public final class SteadyPorts {

    private static final int COUNT = 1_500;
    /** pom.xml numbers the JVMs that run tests at the same time, from 1. */
    private static final int FIRST = 20_000 + (Integer.getInteger("test.jvm", 1) - 1) * COUNT;
    /** Ports that were returned already: a server may not have bound its port yet. */
    private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

    private SteadyPorts() {
    }

    /** @return a port that is free now, and that is not returned again */
    public static int anyFree() {
        return ThreadLocalRandom.current().ints(FIRST, FIRST + COUNT).filter(port -> Ports.isFree("127.0.0.1", port) && TAKEN.add(port)).findFirst().orElseThrow();
    }
}
