package sensorpipeline.dashboard;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Set;
import sensorpipeline.http.Assets;
import sensorpipeline.http.TrustedCertificates;
import sensorpipeline.http.WebServer;
import sensorpipeline.service.Service;
import sensorpipeline.service.ServiceContext;
import sensorpipeline.settings.Settings;

/** The service {@code dashboard}: the pages, and their proxy to the REST API. */
public final class DashboardBeans implements Service {

    private static final String PORT = "dashboard.port";

    @Override
    public String name() {
        return "dashboard";
    }

    @Override
    public Set<String> portSettings() {
        return Set.of(PORT);
    }

    @Override
    public Settings derive(Settings settings) {
        baseUrl(settings);
        return settings;
    }

    @Override
    public void bind(ServiceContext context) throws Exception {
        String baseUrl = baseUrl(context.settings());
        TrustedCertificates trusted = trusted(context);
        context.bind("assets", Assets.ofDashboard(context.camel()));
        context.watch(new ApiHealthCheck(baseUrl, trusted));
        WebServer listener = context.publicListener("dashboard", PORT, "");
        new ApiProxy(context.vertx(), baseUrl, trusted).serve(listener.router());
        listener.bind(context.camel().getRegistry(), "dashboard-http");
    }

    private static TrustedCertificates trusted(ServiceContext context) throws IOException, GeneralSecurityException {
        boolean asksOwnApi = context.runs("api") && !context.settings().isGiven("api.base.url");
        return asksOwnApi && context.certificate().isPresent() ? TrustedCertificates.only(context.certificate().get())
                : TrustedCertificates.of(context.settings(), "api.base.certificates");
    }

    private static String baseUrl(Settings settings) {
        return settings.webAddress("api.base.url",
                "an http or https address such as http://localhost:8080, without a slash at its end; a host's name has letters, digits, hyphens and dots");
    }
}
