package sensorpipeline.producer;

import java.security.SecureRandom;
import java.util.Set;
import sensorpipeline.service.Service;
import sensorpipeline.service.ServiceContext;
import sensorpipeline.settings.Settings;

/** The service {@code producer}: simulates devices, or replays a file. */
public final class ProducerBeans implements Service {

    @Override
    public String name() {
        return "producer";
    }

    @Override
    public Set<Server> servers() {
        return Set.of(Server.KAFKA);
    }

    @Override
    public boolean endsByItself(Settings settings) {
        return settings.has("producer.file");
    }

    @Override
    public Settings derive(Settings settings) {
        settings.duration("producer.interval");
        boolean replays = endsByItself(settings);
        return settings.with("producer.simulates", !replays).with("producer.replays", replays);
    }

    @Override
    public void bind(ServiceContext context) {
        Settings settings = context.settings();
        context.bind("simulator", new Simulator(context.camel(), settings.wholeNumber("producer.sensors", 0, 1_000_000), new SecureRandom()));
        context.bind("fileReplay", new FileReplay(context.camel(), settings));
    }
}
