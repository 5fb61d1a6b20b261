package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.DistributionRegistry.Repository;
import dev.skiff.oci.SignatureVerdict.Counted;
import dev.skiff.oci.TrustDecision.Accepted;
import dev.skiff.oci.TrustDecision.Rejected;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signatures in a real registry: the real cosign's verified by us, and ours by it, in every form. */
@Tag("slow")
class CosignSignaturesTest {
    /** A list of no authorities at all: cosign wants one for bundles, also where a key is all that it needs. */
    private static final String NO_ROOTS =
            "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\"}";

    @TempDir
    private static Path folder;

    private static Cosign cosign;
    private static DistributionRegistry registry;
    private static SigningKey key;

    @BeforeAll
    static void start() throws Exception {
        cosign = Cosign.in(folder);
        registry = new DistributionRegistry();
        cosign.run("generate-key-pair");
        key = KeyFiles.privateKey(folder.resolve("cosign.key"), Cosign.password());
        KeyFiles.writePair(
                SigningKey.generate(), folder.resolve("other.key"), folder.resolve("other.pub"), Cosign.password());
        Files.writeString(folder.resolve("roots.json"), NO_ROOTS);
    }

    @AfterAll
    static void stop() {
        if (registry != null) {
            registry.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tagged, --registry-referrers-mode=legacy",
        "referring, --registry-referrers-mode=oci-1-1",
        "bundled, --new-bundle-format"
    })
    void verifiesWhatCosignSigned(String form, String option) {
        Repository repository = registry.repository("by-cosign/" + form);
        SignatureSubject subject = repository.artifact();
        signWithCosign("cosign.key", subject, option);

        TrustDecision decision = policy("keys = ['cosign.pub']").decide(subject, repository);

        assertThat(decision).isInstanceOfSatisfying(Accepted.class, accepted -> {
            assertThat(accepted.keys()).containsExactly(key.publicKey());
            assertThat(accepted.signatures()).hasSize(1);
        });
        assertThat(policy("keys = ['other.pub']").decide(subject, repository))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason()).contains("is by none of the keys"));
    }

    @Test
    void cosignVerifiesWhatWeSignedBehindATag() {
        Repository repository = registry.repository("by-us/tagged");
        SignatureSubject subject = repository.artifact();
        repository.push(new ArtifactSigner(key).tagged(subject, Map.of("stage", "test"), Optional.empty()));

        assertThat(verifyWithCosign("cosign.pub", subject, "-a", "stage=test"))
                .contains("\"optional\":{\"stage\":\"test\"}");
        assertRefusedByCosign(subject);
    }

    @Test
    void cosignVerifiesWhatWeSignedInAManifestThatRefers() {
        Repository repository = registry.repository("by-us/referring");
        SignatureSubject subject = repository.artifact();
        repository.push(new ArtifactSigner(key).referring(subject, Map.of()));

        assertThat(verifyWithCosign("cosign.pub", subject, "--experimental-oci11=true"))
                .contains(subject.digest().toString());
        assertRefusedByCosign(subject, "--experimental-oci11=true");
    }

    @Test
    void cosignVerifiesOurBundle() {
        Repository repository = registry.repository("by-us/bundled");
        SignatureSubject subject = repository.artifact();
        repository.push(new ArtifactSigner(key).bundled(subject, Map.of("stage", "test")));

        String[] options = {"--new-bundle-format", "--trusted-root", "roots.json"};
        assertThat(verifyWithCosign("cosign.pub", subject, options))
                .contains(subject.digest().toString());
        assertRefusedByCosign(subject, options);
        assertThat(policy("keys = ['cosign.pub']\nannotations = { stage = 'test' }")
                        .decide(subject, repository))
                .isInstanceOf(Accepted.class);
    }

    @Test
    void weAddToCosignsSignaturesAndCosignToOurs() {
        Repository repository = registry.repository("by-both");
        SignatureSubject subject = repository.artifact();
        signWithCosign("cosign.key", subject, "--annotations=round=1");
        SigningKey other = KeyFiles.privateKey(folder.resolve("other.key"), Cosign.password());
        repository.push(new ArtifactSigner(other).tagged(subject, Map.of("round", "2"), tagged(repository, subject)));
        signWithCosign("cosign.key", subject, "--annotations=round=3");

        assertThat(verifyWithCosign("cosign.pub", subject)).contains("\"round\":\"1\"", "\"round\":\"3\"");
        assertThat(verifyWithCosign("other.pub", subject)).contains("\"round\":\"2\"");
        assertThat(policy("keys = ['cosign.pub', 'other.pub']\nthreshold = 'all'")
                        .decide(subject, repository))
                .isInstanceOfSatisfying(
                        Accepted.class,
                        accepted -> assertThat(accepted.signatures()).hasSize(3).allMatch(Counted.class::isInstance));
    }

    @Test
    void writesThePayloadAndTheManifestByteForByteAsCosign() {
        Repository repository = registry.repository("same-bytes");
        SignatureSubject subject = repository.artifact();
        signWithCosign("cosign.key", subject, "--annotations=b=2", "--annotations=a=1");
        byte[] theirs = tagged(repository, subject).orElseThrow();
        SignatureManifest.Layer layer =
                SignatureManifest.layers(theirs, "the manifest").getFirst();
        byte[] payload = repository.blob(layer.digest(), layer.size());

        assertThat(new SimpleSigning(subject.repository(), subject.digest(), Map.of("a", "1", "b", "2")).toBytes())
                .asString(UTF_8)
                .isEqualTo(new String(payload, UTF_8));
        assertThat(SignatureManifest.append(
                                subject.digest(),
                                Optional.empty(),
                                payload,
                                layer.signature().orElseThrow())
                        .manifest())
                .asString(UTF_8)
                .isEqualTo(new String(theirs, UTF_8));
        assertThat(new ArtifactSigner(key)
                        .tagged(subject, Map.of("a", "1", "b", "2"), Optional.of(theirs))
                        .manifest())
                .as("signing the same again adds nothing")
                .isEqualTo(theirs);
    }

    /** cosign 2.6 signs with the curve's own hash, and must be told so to verify. */
    @ParameterizedTest
    @CsvSource({"P-384,sha384", "P-521,sha512"})
    void agreesWithCosignOnOtherCurves(String curve, String hash) throws Exception {
        Path file = OpenSsl.in(folder)
                .write(hash + ".pem", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve);
        agreeOn(file, hash, "--signature-digest-algorithm", hash);
    }

    @Test
    void agreesWithCosignOnRsa() throws Exception {
        Path file =
                OpenSsl.in(folder).write("rsa.pem", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048");
        agreeOn(file, "rsa");
    }

    /** cosign 2.6 signs with Ed25519ph and verifies Ed25519, so it does not even verify its own signatures. */
    @Test
    void agreesWithCosignOnEd25519() throws Exception {
        agreeOn(OpenSsl.in(folder).write("ed.pem", "genpkey", "-algorithm", "ed25519"), "ed");
    }

    private static void agreeOn(Path file, String name, String... options) {
        cosign.run("import-key-pair", "--key", file.toString(), "--output-key-prefix", name, "--yes");
        SigningKey ours = KeyFiles.privateKey(file, KeyPassword.none());
        Repository repository = registry.repository("kinds/" + name);
        SignatureSubject subject = repository.artifact();
        signWithCosign(name + ".key", subject);
        assertThat(policy("keys = ['" + name + ".pub']").decide(subject, repository))
                .isInstanceOf(Accepted.class);

        Repository another = registry.repository("kinds/ours-" + name);
        SignatureSubject artifact = another.artifact();
        another.push(new ArtifactSigner(ours).tagged(artifact, Map.of(), Optional.empty()));
        verifyWithCosign(name + ".pub", artifact, options);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cosign.pub", "other.pub"})
    void aSignatureMovedToAnotherArtifactDoesNotCount(String publicKey) {
        Repository repository = registry.repository("moved");
        SignatureSubject subject = repository.artifact();
        signWithCosign("cosign.key", subject);
        Repository another = registry.repository("moved-to");
        SignatureSubject victim = another.artifact();
        byte[] manifest = tagged(repository, subject).orElseThrow();
        List<byte[]> blobs = new ArrayList<>();
        SignatureManifest.layers(manifest, "it").forEach(layer -> blobs.add(repository.blob(layer.digest(), 0)));
        JsonObject config = Json.object(manifest, "it").needObject("config");
        blobs.add(repository.blob(Digest.parse(config.needText("digest")), 0));
        another.push(new SignatureUpload(
                blobs, MediaTypes.OCI_MANIFEST, manifest, Optional.of(SignatureManifest.tag(victim.digest()))));

        assertThat(policy("keys = ['" + publicKey + "']").decide(victim, another))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason())
                                .contains(
                                        publicKey.equals("cosign.pub")
                                                ? "it signs another manifest"
                                                : "none of the keys"));
    }

    @Test
    void asksForAnnotationsThatCosignSigned() {
        Repository repository = registry.repository("annotated");
        SignatureSubject subject = repository.artifact();
        signWithCosign("cosign.key", subject, "--annotations=stage=test");

        assertThat(policy("keys = ['cosign.pub']\nannotations = { stage = 'production' }")
                        .decide(subject, repository))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason())
                                .contains("its annotation stage is 'test' and must be 'production'"));
    }

    private static Optional<byte[]> tagged(Repository repository, SignatureSubject subject) {
        return repository.manifestOfTag(ArtifactSigner.tag(subject.digest()));
    }

    private static SignaturePolicy policy(String rule) {
        return SignaturePolicy.parse(
                ("[default]\nrequire = 'signed'\n" + rule).getBytes(UTF_8), folder.resolve("policy.toml"));
    }

    private static void signWithCosign(String keyFile, SignatureSubject subject, String... options) {
        cosign.run(command(
                subject, options, "sign", "--key", keyFile, "--tlog-upload=false", "--yes", "--allow-http-registry"));
    }

    private static String verifyWithCosign(String keyFile, SignatureSubject subject, String... options) {
        return cosign.run(verification(keyFile, subject, options));
    }

    private static void assertRefusedByCosign(SignatureSubject subject, String... options) {
        assertThat(cosign.tryRun(verification("other.pub", subject, options)).status())
                .isNotZero();
    }

    private static String[] verification(String keyFile, SignatureSubject subject, String... options) {
        return command(
                subject, options, "verify", "--key", keyFile, "--insecure-ignore-tlog=true", "--allow-http-registry");
    }

    private static String[] command(SignatureSubject subject, String[] options, String... start) {
        List<String> command = new ArrayList<>(List.of(start));
        command.addAll(List.of(options));
        command.add(subject.toString());
        return command.toArray(String[]::new);
    }
}
