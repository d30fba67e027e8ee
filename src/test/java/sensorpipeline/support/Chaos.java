package sensorpipeline.support;

import java.time.Duration;
import org.awaitility.Awaitility;

/** Length of the fault suite: short in every build, long with {@code ./mvnw verify -Pchaos}. */
public final class Chaos {

    private static final boolean LONG = Boolean.getBoolean("chaos");

    private Chaos() {
    }

    /** @return true with {@code -Pchaos} */
    public static boolean isLong() {
        return LONG;
    }

    /** @return {@code few} in every build, {@code many} with {@code -Pchaos} */
    public static int times(int few, int many) {
        return LONG ? many : few;
    }

    /** Lets a fault last for this duration, {@code many} times as long with {@code -Pchaos}. */
    public static void last(Duration duration, int many) {
        last(duration.multipliedBy(LONG ? many : 1));
    }

    /** Lets a fault last for this duration. */
    public static void last(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).atMost(duration.plusMinutes(1))
                .until(() -> System.nanoTime() > end);
    }
}
