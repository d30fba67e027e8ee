package sensorpipeline.support;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A certificate authority for a test, like an organisation's internal CA. */
public final class TestAuthority {

    private static final String PASSWORD = "changeit";

    private final Path folder;
    private final Path certificate;

    /** @param folder for its files; created if absent */
    public TestAuthority(Path folder) throws IOException, GeneralSecurityException, InterruptedException {
        this.folder = Files.createDirectories(folder);
        keytool("authority", "-dname", "CN=Authority " + folder.getFileName(), "-ext", "bc:c");
        certificate = write(folder.resolve("authority.pem"), "CERTIFICATE", keys().getCertificate("authority").getEncoded());
    }

    /** @return PEM file of the CA certificate */
    public Path certificate() {
        return certificate;
    }

    /**
     * @param name of the files and of the subject
     * @param names of the server, in the format of keytool's extension "san"
     * @return a certificate chain with this CA, valid for two days, and its key
     */
    public TestCertificate issue(String name, String names) throws IOException, GeneralSecurityException, InterruptedException {
        keytool(name, "-dname", "CN=" + name, "-signer", "authority", "-ext", "san=" + names);
        KeyStore keys = keys();
        return new TestCertificate(
                write(folder.resolve(name + ".pem"), "CERTIFICATE", encoded(keys.getCertificateChain(name))),
                write(folder.resolve(name + "-key.pem"), "PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded()));
    }

    private static byte[][] encoded(Certificate[] chain) throws GeneralSecurityException {
        List<byte[]> encoded = new ArrayList<>();
        for (Certificate one : chain) {
            encoded.add(one.getEncoded());
        }
        return encoded.toArray(byte[][]::new);
    }

    private void keytool(String alias, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-keyalg", "EC",
                "-alias", alias, "-startdate", "-1d", "-validity", "3",
                "-storetype", "PKCS12", "-keystore", folder.resolve("store.p12").toString(), "-storepass", PASSWORD));
        command.addAll(List.of(arguments));
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IllegalStateException("keytool failed");
        }
    }

    private KeyStore keys() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream bytes = Files.newInputStream(folder.resolve("store.p12"))) {
            keys.load(bytes, PASSWORD.toCharArray());
        }
        return keys;
    }

    /** @return the file, whose PEM blocks all have this type */
    static Path write(Path file, String kind, byte[]... parts) throws IOException {
        StringBuilder text = new StringBuilder();
        for (byte[] part : parts) {
            text.append("-----BEGIN ").append(kind).append("-----\n").append(Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(part))
                    .append("\n-----END ").append(kind).append("-----\n");
        }
        return Files.writeString(file, text);
    }
}
