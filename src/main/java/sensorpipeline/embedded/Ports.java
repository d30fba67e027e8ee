package sensorpipeline.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
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
     * @param host address to listen on
     * @param settings that contain the port
     * @param key name of the setting with the port
     * @return the port
     * @throws CannotStart if the port is taken
     */
    public static int requireFree(String host, Settings settings, String key) {
        int port = settings.port(key);
        if (!isFree(host, port)) {
            throw new CannotStart(taken(host, port, key));
        }
        return port;
    }

    /** @return a one-line message that the port is taken, and what to do */
    public static String taken(String host, int port, String key) {
        return "Port %d on %s is taken or not allowed: stop the program that uses it, or choose another with %s"
                .formatted(port, host, Settings.environmentName(key));
    }
}
