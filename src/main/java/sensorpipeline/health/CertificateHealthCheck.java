package sensorpipeline.health;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import sensorpipeline.http.ServerCertificate;

/**
 * Checks that the listeners' certificate is valid, and reports when it expires. A renewed certificate is loaded by this
 * check. Not part of readiness: without any listener, clients would learn even less.
 */
public final class CertificateHealthCheck extends SampledHealthCheck {

    private final ServerCertificate certificate;

    /** @param certificate of the listeners */
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

    /** @return seconds until the current certificate expires; negative once it has */
    public double secondsLeft() {
        return Duration.between(Instant.now(), certificate.current().getNotAfter().toInstant()).toSeconds();
    }

    @Override
    public boolean isReadiness() {
        return false;
    }
}
