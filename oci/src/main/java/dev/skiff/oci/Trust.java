package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/** Who may vouch for registries: the authorities of the Java runtime, and those of some files. */
final class Trust {
    private static final byte DER_SEQUENCE = 0x30;

    /** A TLS context for which any certificate will do. */
    static final Once<SSLContext> ANYBODY = new Once<>(Trust::anybody);

    private Trust() {}

    /**
     * A TLS context.
     *
     * @param files PEM or DER files, each with one certificate or more
     * @throws OciException if a file has none
     */
    static SSLContext context(List<Path> files) {
        try {
            if (files.isEmpty()) {
                return SSLContext.getDefault();
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (X509Certificate known : runtimeManager().getAcceptedIssuers()) {
                store.setCertificateEntry("runtime-" + store.size(), known);
            }
            for (Path file : files) {
                for (Certificate certificate : certificates(file)) {
                    store.setCertificateEntry("file-" + store.size(), certificate);
                }
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new OciException(Problem.TLS, "TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /**
     * Looks whether a file may have certificates; reading them all takes as long as starting does.
     *
     * @throws OciException if it has none for certain, or cannot be read
     */
    static void check(Path file) {
        try {
            byte[] content = Files.readAllBytes(file);
            boolean binary = content.length > 1 && content[0] == DER_SEQUENCE;
            if (!binary && !new String(content, StandardCharsets.ISO_8859_1).contains("-----BEGIN")) {
                throw new OciException(Problem.TLS, "the file " + file + " has no certificate");
            }
        } catch (IOException e) {
            throw StoreFiles.failure("read", file, e);
        }
    }

    private static SSLContext anybody() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Trusting()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new OciException(Problem.TLS, "TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /** Does not look. Only where a user said that a registry is insecure. */
    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static X509TrustManager runtimeManager() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("the Java runtime has no authorities");
    }

    private static Collection<? extends Certificate> certificates(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (found.isEmpty()) {
                throw new OciException(Problem.TLS, "the file " + file + " has no certificate");
            }
            return found;
        } catch (CertificateException e) {
            throw new OciException(Problem.TLS, "the file " + file + " has no certificate: " + e.getMessage(), e);
        } catch (IOException e) {
            throw StoreFiles.failure("read", file, e);
        }
    }
}
