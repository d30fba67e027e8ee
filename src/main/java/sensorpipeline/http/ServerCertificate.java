package sensorpipeline.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.Settings;

/** The certificate that listeners present, with its private key; can be renewed at runtime. Thread-safe. */
public final class ServerCertificate {

    private static final Logger LOG = LoggerFactory.getLogger(ServerCertificate.class);

    private final Path certificate;
    private final Path key;
    private final List<Consumer<KeyCertOptions>> listeners = new CopyOnWriteArrayList<>();
    private volatile Shown shown;

    /**
     * What listeners present.
     *
     * @param certificateText content of the certificate file
     * @param keyText content of the key file
     * @param options for listeners
     * @param certificate of this server
     */
    private record Shown(Buffer certificateText, Buffer keyText, KeyCertOptions options, X509Certificate certificate) {
    }

    private ServerCertificate(Path certificate, Path key) {
        this.certificate = certificate;
        this.key = key;
    }

    /**
     * @param settings that name a PEM file with the certificate chain, and one with the private key, not encrypted
     * @return the certificate
     * @throws Settings.InvalidSetting if they are invalid, or do not match
     */
    public static ServerCertificate of(Settings settings) {
        ServerCertificate certificate = new ServerCertificate(settings.file("listen.tls.certificate"), settings.file("listen.tls.key"));
        certificate.renew();
        return certificate;
    }

    /** @return the current certificate */
    public X509Certificate current() {
        return shown.certificate;
    }

    /**
     * Reads the files again, and presents their content from now on.
     *
     * @return the certificate of this server
     * @throws Settings.InvalidSetting if they are not a certificate and a key, or do not match; the previous ones stay in use
     */
    public synchronized X509Certificate renew() {
        try {
            Buffer certificateText = Buffer.buffer(Files.readAllBytes(certificate));
            Buffer keyText = Buffer.buffer(Files.readAllBytes(key));
            if (shown == null || !certificateText.equals(shown.certificateText) || !keyText.equals(shown.keyText)) {
                show(certificateText, keyText);
            }
            return shown.certificate;
        } catch (Exception e) {
            String cause = e instanceof IOException ? "one of them cannot be read" : e.getMessage();
            throw new Settings.InvalidSetting("LISTEN_TLS_CERTIFICATE and LISTEN_TLS_KEY must be a certificate and its private key as PEM files, the key not encrypted: " + cause);
        }
    }

    private void show(Buffer certificateText, Buffer keyText) throws Exception {
        boolean isRenewed = shown != null;
        KeyCertOptions options = new PemKeyCertOptions().setCertValue(certificateText).setKeyValue(keyText);
        // Vert.x would only be needed to read files.
        shown = new Shown(certificateText, keyText, options, certificateOfPair((X509KeyManager) options.getKeyManagerFactory(null).getKeyManagers()[0]));
        if (isRenewed) {
            listeners.forEach(listener -> listener.accept(options));
            LOG.info("The certificate was renewed; it is valid until {}", shown.certificate.getNotAfter().toInstant());
        }
    }

    /** Otherwise Java would detect a key that does not match only at the first connection. */
    private static X509Certificate certificateOfPair(X509KeyManager manager) throws GeneralSecurityException {
        for (String type : new String[] {"RSA", "EC", "EdDSA"}) {
            String[] names = manager.getServerAliases(type, null);
            if (names != null) {
                X509Certificate certificate = manager.getCertificateChain(names[0])[0];
                requirePair(manager.getPrivateKey(names[0]), certificate);
                return certificate;
            }
        }
        throw new GeneralSecurityException("the certificate's key must be of RSA or of an elliptic curve");
    }

    private static void requirePair(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] text = {1, 2, 3};
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(text);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the key is that of another certificate");
        }
    }

    /** @return the certificate of this server that listeners present */
    X509Certificate certificate() {
        return shown.certificate;
    }

    /**
     * @param listener called with new options when the certificate is renewed
     * @return the current options
     */
    KeyCertOptions follow(Consumer<KeyCertOptions> listener) {
        listeners.add(listener);
        return shown.options;
    }
}
