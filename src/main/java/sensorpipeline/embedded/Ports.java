package sensorpipeline.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/** Checks TCP ports before a server opens them, because the servers' own errors do not name the setting. */
public final class Ports {

    private Ports() {
    }

    /** @return true if a server could listen on this port now; 0 (any port) is always free */
    public static boolean isFree(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** @return a currently free port of the loopback address */
    public static int anyFree() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new CannotStart("No TCP port is free on this machine: " + e.getMessage(), e);
        }
    }

    /**
     * @param settings with the address to listen on
     * @throws Settings.InvalidSetting if it is not one of this machine
     */
    public static void requireOwnHost(Settings settings) {
        String host = settings.text("listen.host");
        // Java takes an empty name for this machine's own.
        if (host.isEmpty() || !isFree(host, 0)) {
            throw new Settings.InvalidSetting("listen.host", host, "an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all");
        }
    }

    /**
     * @param settings that contain the ports
     * @param keys names of the settings with the ports of one program
     * @throws Settings.InvalidSetting if two ports are the same; 0 (any port) may repeat
     */
    public static void requireDistinct(Settings settings, Collection<String> keys) {
        Map<Integer, String> known = new HashMap<>();
        for (String key : keys) {
            int port = settings.port(key);
            String other = port == 0 ? null : known.putIfAbsent(port, key);
            if (other != null) {
                throw new Settings.InvalidSetting("%s and %s are both %d: choose different ports"
                        .formatted(Settings.environmentName(other), Settings.environmentName(key), port));
            }
        }
    }

    /**
     * @param host address to listen on
     * @param settings that contain the ports
     * @param keys names of the settings with the ports
     * @throws CannotStart if ports are taken; the message names all of them
     */
    public static void requireFree(String host, Settings settings, Collection<String> keys) {
        List<String> taken = keys.stream().filter(key -> !isFree(host, settings.port(key))).toList();
        if (taken.size() == 1) {
            throw new CannotStart(taken(host, settings.port(taken.get(0)), taken.get(0)));
        }
        if (!taken.isEmpty()) {
            throw new CannotStart("Ports %s on %s are taken or not allowed: stop the program that uses them, or choose others with %s".formatted(
                    listed(taken.stream().map(settings::text)), host, listed(taken.stream().map(Settings::environmentName))));
        }
    }

    private static String listed(Stream<String> items) {
        return items.collect(Collectors.joining(" and "));
    }

    /** @return a one-line message that the port is taken, and what to do */
    public static String taken(String host, int port, String key) {
        return "Port %d on %s is taken or not allowed: stop the program that uses it, or choose another with %s"
                .formatted(port, host, Settings.environmentName(key));
    }
}
