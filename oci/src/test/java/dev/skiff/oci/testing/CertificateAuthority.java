package dev.skiff.oci.testing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** A private authority that lives as long as a test and issues certificates (RFC 5280). Thread-safe. */
public final class CertificateAuthority {
    private static final AlgorithmIdentifier ECDSA = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration LIFE = Duration.ofDays(1);

    private final X500Name name;
    private final Identity self;

    private CertificateAuthority(String commonName) {
        name = new X500Name("CN=" + commonName);
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        add(extensions, Extension.basicConstraints, new BasicConstraints(true));
        add(extensions, Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.digitalSignature));
        KeyPair keys = keys();
        self = sign(name, keys, keys.getPrivate(), extensions, Instant.now().plus(LIFE));
    }

    /** An authority of its own that nobody trusts yet. */
    public static CertificateAuthority create(String commonName) {
        return new CertificateAuthority(commonName);
    }

    /** Its own certificate, which it signed itself, and its key. */
    public Identity self() {
        return self;
    }

    /** A certificate for a server on this machine, {@code localhost} and 127.0.0.1. */
    public Identity issueLocalhost() {
        return issue("localhost", "127.0.0.1");
    }

    /** A certificate for a server with these host names and IP addresses, valid for a day. */
    public Identity issue(String... hosts) {
        return issueUntil(Instant.now().plus(LIFE), hosts);
    }

    /** A certificate that is valid until then, which may be in the past, and from a day before. */
    public Identity issueUntil(Instant end, String... hosts) {
        GeneralName[] names = Stream.of(hosts)
                .map(host -> new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host))
                .toArray(GeneralName[]::new);
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        add(extensions, Extension.subjectAlternativeName, new GeneralNames(names));
        return sign(new X500Name("CN=" + hosts[0]), keys(), self.key(), extensions, end);
    }

    /** Writes its certificate to a file {@code ca.pem} in a folder, and answers with the file. */
    public Path writeTo(Path folder) {
        try {
            return Files.writeString(folder.resolve("ca.pem"), self.certificatePem());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the certificate of the authority", e);
        }
    }

    /** TLS for clients that trust this authority and no other. */
    public SSLContext trust() {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("ca", self.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot make a TLS context", e);
        }
    }

    private static boolean isAddress(String host) {
        return host.contains(":") || host.chars().allMatch(c -> c == '.' || Character.isDigit(c));
    }

    private Identity sign(
            X500Name subject, KeyPair keys, PrivateKey signer, ExtensionsGenerator extensions, Instant end) {
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(new BigInteger(64, RANDOM).setBit(64)));
        generator.setSignature(ECDSA);
        generator.setIssuer(name);
        generator.setSubject(subject);
        // A minute of tolerance for clocks, as the authority is younger than its first user's idea of now.
        generator.setStartDate(new Time(Date.from(end.minus(LIFE).minusSeconds(60))));
        generator.setEndDate(new Time(Date.from(end)));
        generator.setSubjectPublicKeyInfo(
                SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
        generator.setExtensions(extensions.generate());
        TBSCertificate body = generator.generateTBSCertificate();
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(signer);
            signature.update(body.getEncoded("DER"));
            ASN1EncodableVector parts = new ASN1EncodableVector();
            parts.add(body);
            parts.add(ECDSA);
            parts.add(new DERBitString(signature.sign()));
            byte[] der = new DERSequence(parts).getEncoded("DER");
            return new Identity(
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)),
                    keys.getPrivate());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot sign a certificate", e);
        }
    }

    private static void add(ExtensionsGenerator extensions, ASN1ObjectIdentifier id, ASN1Encodable value) {
        try {
            extensions.addExtension(id, id.equals(Extension.basicConstraints), value);
        } catch (IOException e) {
            throw new IllegalStateException("an extension is always encodable", e);
        }
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has the curve P-256", e);
        }
    }
}
