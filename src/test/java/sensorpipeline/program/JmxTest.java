package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Service;
import sensorpipeline.Settings;
import sensorpipeline.embedded.Ports;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** A stock JMX client sees and controls every route. */
class JmxTest {

    @Test
    void everyRouteCanBeSeenStoppedAndStarted() throws Exception {
        int port = Ports.anyFree();
        Settings settings = Servers.settings().with("jmx.port", port).with("health.progress.timeout", 1000);
        try (Pipeline pipeline = new Pipeline(settings, EnumSet.of(Service.CONSUMER)); Readings devices = new Readings(settings)) {
            pipeline.start();
            try (JMXConnector client = JMXConnectorFactory.connect(
                    new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi"))) {
                MBeanServerConnection beans = client.getMBeanServerConnection();
                Set<String> seen = beans.queryNames(new ObjectName("org.apache.camel:context=*,type=routes,name=*"), null).stream()
                        .map(name -> ObjectName.unquote(name.getKeyProperty("name"))).collect(Collectors.toSet());
                assertTrue(seen.containsAll(pipeline.camel().getRoutes().stream().map(route -> route.getRouteId()).toList()), seen::toString);

                ObjectName store = beans.queryNames(new ObjectName("org.apache.camel:context=*,type=routes,name=\"store-readings\""), null)
                        .iterator().next();
                Database database = new Database(settings);
                Http health = new Http(pipeline.port("management.port"));
                devices.send(Readings.json("jmx", "2025-01-15T10:30:00Z", 1));
                database.awaitReadings(1);
                Awaitility.await().until(() -> (Long) beans.getAttribute(store, "ExchangesCompleted") >= 1);

                beans.invoke(store, "stop", null, null);
                assertEquals("Stopped", beans.getAttribute(store, "State"));
                devices.send(Readings.json("jmx", "2025-01-15T10:30:01Z", 2));
                Awaitility.await().until(() -> health.get("/health").statusCode() == 503);
                assertEquals(1, database.readings());

                beans.invoke(store, "start", null, null);
                database.awaitReadings(2);
                Awaitility.await().until(() -> health.get("/health").statusCode() == 200);
            }
        }
    }

    @Test
    void jmxListensOnTheLoopbackAddressOnly() throws Exception {
        int port = Ports.anyFree();
        try (Pipeline pipeline = new Pipeline(Servers.settings().with("jmx.port", port), EnumSet.of(Service.DASHBOARD))) {
            pipeline.start();
            for (InetAddress address : NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).toList()) {
                assertEquals(!address.isLoopbackAddress() || !address.equals(InetAddress.getByName("127.0.0.1")),
                        Ports.isFree(address.getHostAddress(), port), address.toString());
            }
        }
    }
}
