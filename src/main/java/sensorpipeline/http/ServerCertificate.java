package sensorpipeline.http;

import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509KeyManager;
import sensorpipeline.CannotStart;

/** The certificate that a listener shows, with its private key. */
public final class ServerCertificate {

    private final KeyCertOptions options;

    private ServerCertificate(KeyCertOptions options) {
        this.options = options;
    }

    /**
     * @param vertx to read with
     * @param certificate PEM file with the certificate, and with those of the authorities up to its root
     * @param key PEM file with the private key, not encrypted
     * @throws CannotStart if they are none, or do not belong together
     */
    public static ServerCertificate read(Vertx vertx, Path certificate, Path key) {
        PemKeyCertOptions options = new PemKeyCertOptions().setCertPath(certificate.toString()).setKeyPath(key.toString());
        try {
            X509KeyManager manager = (X509KeyManager) options.getKeyManagerFactory(vertx).getKeyManagers()[0];
            requirePair(manager);
        } catch (Exception e) {
            throw new CannotStart("LISTEN_TLS_CERTIFICATE and LISTEN_TLS_KEY must be a certificate and its private key as PEM files, the key not encrypted: " + e.getMessage(), e);
        }
        return new ServerCertificate(options);
    }

    /** Java notices a key of another certificate only when the first caller comes. */
    private static void requirePair(X509KeyManager manager) throws GeneralSecurityException {
        for (String type : new String[] {"RSA", "EC", "EdDSA"}) {
            String[] names = manager.getServerAliases(type, null);
            if (names != null) {
                requirePair(manager.getPrivateKey(names[0]), manager.getCertificateChain(names[0])[0]);
                return;
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

    /** @return for a listener */
    KeyCertOptions options() {
        return options;
    }
}
