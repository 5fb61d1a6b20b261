package dev.skiff.containerd;

import dev.skiff.containerd.Containerd.Output;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/**
 * Who an API server is: to its kubelet, which lets nobody else in, and as one that signs.
 *
 * @param key a file with the private key
 * @param certificate a file with the certificate of itself
 */
record KubernetesKey(Path key, Path certificate) {
    private static final String ALIAS = "apiserver";
    private static final Path KEYTOOL = Path.of(System.getProperty("java.home"), "bin/keytool");

    /** A new one in a folder. */
    static KubernetesKey make(Path folder) throws IOException {
        String password = UUID.randomUUID().toString();
        Path store = folder.resolve("key.p12");
        List<String> command = List.of(
                KEYTOOL.toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                password,
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-dname",
                "CN=apiserver",
                "-ext",
                "ExtendedKeyUsage=clientAuth",
                "-validity",
                "2");
        Output.of(folder, Duration.ofMinutes(1), "", command).succeeded("keytool");
        try {
            KeyStore keys = KeyStore.getInstance(store.toFile(), password.toCharArray());
            return new KubernetesKey(
                    write(
                            folder.resolve("key.pem"),
                            "PRIVATE KEY",
                            keys.getKey(ALIAS, password.toCharArray()).getEncoded()),
                    write(
                            folder.resolve("certificate.pem"),
                            "CERTIFICATE",
                            keys.getCertificate(ALIAS).getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static Path write(Path file, String kind, byte[] content) throws IOException {
        String lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(content);
        return Files.writeString(file, "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(kind, lines));
    }
}
