package sensorpipeline.health;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import sensorpipeline.http.ServerCertificate;

/**
 * Whether the certificate that listeners show is valid, and until when. A renewed one is taken when this looks. Not part of
 * readiness: without any listener, callers would know even less.
 */
public final class CertificateHealthCheck extends SampledHealthCheck {

    private final ServerCertificate certificate;

    /** @param certificate that is shown */
    public CertificateHealthCheck(ServerCertificate certificate) {
        super("server-certificate");
        this.certificate = certificate;
    }

    @Override
    protected Map<String, Object> look() {
        X509Certificate shown = certificate.renew();
        Instant end = shown.getNotAfter().toInstant();
        if (end.isBefore(Instant.now())) {
            throw new IllegalStateException("The certificate has expired at " + end + "; put a new one and its key in place of the files, and it is taken at once");
        }
        return Map.of("valid_until", end.toString());
    }

    /** @return seconds until the certificate that is shown expires; negative once it has */
    public double secondsLeft() {
        return Duration.between(Instant.now(), certificate.current().getNotAfter().toInstant()).toSeconds();
    }

    @Override
    public boolean isReadiness() {
        return false;
    }
}
