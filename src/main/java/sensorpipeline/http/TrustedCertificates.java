package sensorpipeline.http;

import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import sensorpipeline.settings.Settings;

/** The certificates that a client trusts: Java's default authorities, those of a file, or only the program's own. Thread-safe. */
public final class TrustedCertificates {

    private final TrustManager manager;

    private TrustedCertificates(TrustManager manager) {
        this.manager = manager;
    }

    /**
     * @param settings that may name a PEM file with certificates of servers or authorities
     * @param setting that names it
     * @return only these, or Java's default authorities if no file is configured
     * @throws Settings.InvalidSetting if the file cannot be read, or contains no certificates
     */
    public static TrustedCertificates of(Settings settings, String setting) throws IOException, GeneralSecurityException {
        if (!settings.has(setting)) {
            return new TrustedCertificates(null);
        }
        try {
            return of(settings.file(setting));
        } catch (CertificateException e) {
            throw new Settings.InvalidSetting(setting, settings.text(setting), "a file of certificates in PEM");
        }
    }

    /**
     * @param file PEM file with certificates of servers or authorities
     * @return only these
     * @throws IOException if it cannot be read
     * @throws GeneralSecurityException if it contains no certificates
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

    /**
     * @param own the certificate of this program
     * @return only this one, for any host name
     */
    public static TrustedCertificates only(ServerCertificate own) {
        return new TrustedCertificates(new OwnCertificate(own));
    }

    /** @return an SSL context for Java clients */
    public SSLContext context() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, manager == null ? null : new TrustManager[] {manager}, null);
        return context;
    }

    /** @return trust options for Vert.x clients; null for Java's default authorities */
    public TrustOptions options() {
        return manager == null ? null : TrustOptions.wrap(manager);
    }

    /** Java does not verify host names for an extended trust manager: a program reaches itself under a name that its certificate may lack. */
    private static final class OwnCertificate extends X509ExtendedTrustManager {
        private final ServerCertificate own;

        OwnCertificate(ServerCertificate own) {
            this.own = own;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            if (!chain[0].equals(own.certificate())) {
                throw new CertificateException("it is not this program's own");
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
            checkServerTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            checkServerTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("no client is trusted");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
