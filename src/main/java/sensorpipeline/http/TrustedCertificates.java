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

/** Whom a client trusts: the authorities that Java knows, the certificates of a file, or only its own program. Safe for use by many threads. */
public final class TrustedCertificates {

    private final TrustManager manager;

    private TrustedCertificates(TrustManager manager) {
        this.manager = manager;
    }

    /**
     * @param settings that may name a file with certificates in PEM, of servers or of their authorities
     * @param setting that names it
     * @return these only, or where none is named, those that Java knows
     * @throws Settings.InvalidSetting if it cannot be read, or holds no certificates
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

    /**
     * @param own the certificate of this program
     * @return this one only, by whatever name it is called
     */
    public static TrustedCertificates only(ServerCertificate own) {
        return new TrustedCertificates(new OwnCertificate(own));
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

    /** An extended one is not asked for the server's name by Java: a program calls itself by a name that its certificate need not have. */
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
