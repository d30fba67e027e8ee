package sensorpipeline.support;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import sensorpipeline.http.TrustedCertificates;

/**
 * A self-signed certificate for a test, and its private key.
 *
 * @param certificate PEM file
 * @param key PEM file
 */
public record TestCertificate(Path certificate, Path key) {

    private static final String PASSWORD = "changeit";

    /**
     * @param folder to write to
     * @param names of the server, in the format of keytool's extension "san"
     * @return a certificate that is valid for two days
     */
    public static TestCertificate make(Path folder, String names) throws IOException, GeneralSecurityException, InterruptedException {
        return make(folder, names, "-0d");
    }

    /**
     * @param folder to write to
     * @param names of the server, in the format of keytool's extension "san"
     * @param start of its validity of two days, in keytool's format
     */
    public static TestCertificate make(Path folder, String names, String start) throws IOException, GeneralSecurityException, InterruptedException {
        Path store = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-keyalg", "EC", "-alias", "server",
                "-dname", "CN=test", "-ext", "san=" + names, "-startdate", start, "-validity", "2", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD).inheritIO().start();
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool failed");
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream bytes = Files.newInputStream(store)) {
            keys.load(bytes, PASSWORD.toCharArray());
        }
        return new TestCertificate(
                TestAuthority.write(folder.resolve("certificate.pem"), "CERTIFICATE", keys.getCertificate("server").getEncoded()),
                TestAuthority.write(folder.resolve("key.pem"), "PRIVATE KEY", keys.getKey("server", PASSWORD.toCharArray()).getEncoded()));
    }

    /** @return a client that trusts only this certificate */
    public HttpClient client(HttpClient.Version version) throws IOException, GeneralSecurityException {
        return HttpClient.newBuilder().version(version).sslContext(TrustedCertificates.of(certificate).context()).build();
    }
}
