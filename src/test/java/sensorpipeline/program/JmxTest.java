package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.embedded.Ports;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.SteadyPorts;

/** A standard JMX client sees and controls every route. */
class JmxTest {

    @ParameterizedTest
    @CsvSource({"stop, start, Stopped", "suspend, resume, Suspended"})
    void everyRouteCanBeSeenHeldUpAndLetGoAgain(String hold, String letGo, String held) throws Exception {
        int port = SteadyPorts.anyFree();
        Settings settings = Servers.settings().with("jmx.port", port).with("health.progress.timeout", 1000);
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings devices = new Readings(settings)) {
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
                Instant first = Instant.parse("2025-01-15T10:30:00Z");
                devices.send(Readings.json("jmx", first.toString(), 1));
                database.awaitReadings(1);
                Awaitility.await().until(() -> (Long) beans.getAttribute(store, "ExchangesCompleted") >= 1);

                beans.invoke(store, hold, null, null);
                assertEquals(held, beans.getAttribute(store, "State"));
                // A running poll still returns records for half a second.
                AtomicInteger sent = new AtomicInteger(1);
                Awaitility.await("a store that makes no progress").atMost(Duration.ofSeconds(30)).until(() -> {
                    devices.send(Readings.json("jmx", first.plusMillis(sent.getAndIncrement()).toString(), 2));
                    return Http.json(health.get("/health")).path("checks").path("store").path("message").asText().contains("nothing was stored");
                });
                assertEquals(503, health.get("/health").statusCode());
                assertTrue(database.readings() < sent.get());

                beans.invoke(store, letGo, null, null);
                database.awaitReadings(sent.get());
                Awaitility.await().until(() -> health.get("/health").statusCode() == 200);
                beans.invoke(store, "reset", null, null);
                assertEquals(0L, beans.getAttribute(store, "ExchangesTotal"));
            }
        }
    }

    @Test
    void jmxListensOnTheLoopbackAddressOnly() throws Exception {
        int port = SteadyPorts.anyFree();
        try (Pipeline pipeline = new Pipeline(Servers.settings().with("jmx.port", port), Set.of(Services.DASHBOARD))) {
            pipeline.start();
            for (InetAddress address : NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).toList()) {
                assertEquals(!address.isLoopbackAddress() || !address.equals(InetAddress.getByName("127.0.0.1")),
                        Ports.isFree(address.getHostAddress(), port), address.toString());
            }
        }
    }
}
