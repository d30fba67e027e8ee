package sensorpipeline.support;

import java.util.concurrent.ThreadLocalRandom;
import sensorpipeline.embedded.Ports;

/** Ports for servers that are away for a while: the system gives none of them to clients meanwhile. */
public final class SteadyPorts {

    private SteadyPorts() {
    }

    /** @return a port that is free now */
    public static int anyFree() {
        return ThreadLocalRandom.current().ints(20_000, 32_000).filter(port -> Ports.isFree("127.0.0.1", port)).findFirst().orElseThrow();
    }
}
