package sensorpipeline.metrics;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.ServerSocket;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.RMIServerSocketFactory;
import java.rmi.server.UnicastRemoteObject;
import java.util.Map;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import javax.management.remote.rmi.RMIConnectorServer;
import sensorpipeline.embedded.Ports;
import sensorpipeline.settings.CannotStart;

/**
 * JMX for remote clients on this machine: registry and connector share one port of the loopback address. The JVM's own
 * agent ({@code com.sun.management.jmxremote}) would open one of its ports on every interface.
 */
public final class JmxServer implements AutoCloseable {

    private final Registry registry;
    private final JMXConnectorServer connector;

    private JmxServer(Registry registry, JMXConnectorServer connector) {
        this.registry = registry;
        this.connector = connector;
    }

    /**
     * @param port of 127.0.0.1 to listen on
     * @return the listening server
     * @throws CannotStart if the port is taken
     */
    public static JmxServer open(int port) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        RMIServerSocketFactory sockets = new LoopbackSockets(loopback);
        try {
            Registry registry = LocateRegistry.createRegistry(port, null, sockets);
            JMXServiceURL url = new JMXServiceURL(
                    "service:jmx:rmi://127.0.0.1:%d/jndi/rmi://127.0.0.1:%d/jmxrmi".formatted(port, port));
            JMXConnectorServer connector = JMXConnectorServerFactory.newJMXConnectorServer(url,
                    Map.of(RMIConnectorServer.RMI_SERVER_SOCKET_FACTORY_ATTRIBUTE, sockets),
                    ManagementFactory.getPlatformMBeanServer());
            connector.start();
            return new JmxServer(registry, connector);
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new CannotStart(Ports.taken("127.0.0.1", port, "jmx.port"), e);
        }
    }

    @Override
    public void close() throws IOException {
        connector.stop();
        UnicastRemoteObject.unexportObject(registry, true);
    }

    /** Has value equality, so that RMI shares the port between registry and connector. */
    private record LoopbackSockets(InetAddress loopback) implements RMIServerSocketFactory {
        @Override
        public ServerSocket createServerSocket(int port) throws IOException {
            return new ServerSocket(port, 0, loopback);
        }
    }
}
