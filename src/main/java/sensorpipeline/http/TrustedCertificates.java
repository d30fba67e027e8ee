package sensorpipeline.http;

import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Whom a client trusts: the authorities that Java knows, or the certificates of a file. Safe for use by many threads. */
public final class TrustedCertificates {

    private final TrustManager manager;

    private TrustedCertificates(TrustManager manager) {
        this.manager = manager;
    }

    /** @return those that Java knows */
    public static TrustedCertificates ofJava() {
        return new TrustedCertificates(null);
    }

    /**
     * @param file with certificates in PEM, of servers or of their authorities
     * @return these only
     * @throws IOException if it cannot be read
     * @throws GeneralSecurityException if it holds no certificates
     */
    public static TrustedCertificates of(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream text = Files.newInputStream(file)) {
            Collection<? extends Certificate> certificates = CertificateFactory.getInstance("X.509").generateCertificates(text);
            if (certificates.isEmpty()) {
                throw new CertificateException("no certificate in " + file);
            }
            for (Certificate certificate : certificates) {
                store.setCertificateEntry("certificate-" + store.size(), certificate);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return new TrustedCertificates(factory.getTrustManagers()[0]);
    }

    /** @return for a client of Java */
    public SSLContext context() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, manager == null ? null : new TrustManager[] {manager}, null);
        return context;
    }

    /** @return for a client of Vert.x; null: those that Java knows */
    public TrustOptions options() {
        return manager == null ? null : TrustOptions.wrap(manager);
    }
}
