package sensorpipeline.metrics;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An MBean with the figures of a service, from the start of the program's Camel context on: {@code sensorpipeline:type=<type>,context=<name of the context>}. Thread-safe. */
public final class RegisteredBean implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RegisteredBean.class);

    private volatile ObjectName name;

    /**
     * @param context that is going to start
     * @param type of the MBean
     * @param bean that implements an MXBean interface
     */
    public RegisteredBean(CamelContext context, String type, Object bean) throws Exception {
        // The context has its JMX name only once it starts. Camel calls this again for each route that is loaded later.
        context.addStartupListener((camel, hasStarted) -> {
            if (!hasStarted) {
                register("sensorpipeline:type=%s,context=%s".formatted(type, camel.getManagementName()), bean);
            }
        });
    }

    private void register(String wanted, Object bean) {
        try {
            ObjectName registered = new ObjectName(wanted);
            ManagementFactory.getPlatformMBeanServer().registerMBean(bean, registered);
            name = registered;
        } catch (JMException e) {
            LOG.warn("The MBean {} is not available: {}", wanted, e.toString());
        }
    }

    @Override
    public void close() throws JMException {
        if (name != null) {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
        }
    }
}
