package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.TrustDecision.Accepted;
import dev.skiff.oci.TrustDecision.Rejected;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a policy decides about artifacts whose signatures are good, missing, changed or out of reach. */
class PolicyDecisionTest {
    private static final SigningKey KEY = SigningKey.generate();
    private static final SigningKey OTHER = SigningKey.generate();
    private static final SignatureSubject SUBJECT = MemorySource.artifact("ghcr.io/acme/app");

    enum Form {
        TAGGED,
        REFERRING,
        BUNDLED;

        SignatureUpload sign(SigningKey key, Map<String, String> annotations) {
            ArtifactSigner signer = new ArtifactSigner(key);
            return switch (this) {
                case TAGGED -> signer.tagged(SUBJECT, annotations, Optional.empty());
                case REFERRING -> signer.referring(SUBJECT, annotations);
                case BUNDLED -> signer.bundled(SUBJECT, annotations);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void acceptsASignatureByAKey(Form form) {
        MemorySource source = new MemorySource().push(form.sign(KEY, Map.of()));

        TrustDecision decision = signedBy(KEY, OTHER).decide(SUBJECT, source);

        assertThat(decision).isInstanceOfSatisfying(Accepted.class, accepted -> {
            assertThat(accepted.keys()).containsExactly(KEY.publicKey());
            assertThat(accepted.rule()).isEqualTo("the default (/etc/skiff/policy.toml, line 1)");
        });
        decision.demand();
    }

    @ParameterizedTest
    @EnumSource
    void rejectsASignatureByAnotherKey(Form form) {
        MemorySource source = new MemorySource().push(form.sign(OTHER, Map.of()));

        assertRejected(signedBy(KEY).decide(SUBJECT, source), "it is by none of the keys that may sign");
    }

    @Test
    void rejectsWhatHasNoSignatures() {
        assertRejected(signedBy(KEY).decide(SUBJECT, new MemorySource()), "it has no signatures at all");
    }

    @ParameterizedTest
    @EnumSource
    void everyKeyMustHaveSignedIfTheRuleSaysAll(Form form) {
        SignaturePolicy policy = policy(keys(KEY, OTHER) + "threshold = 'all'\n");
        MemorySource source = new MemorySource().push(Form.TAGGED.sign(KEY, Map.of()));
        assertRejected(policy.decide(SUBJECT, source), "a signature by key 2 in line 3");

        source.push(
                form == Form.TAGGED
                        ? new ArtifactSigner(OTHER).tagged(SUBJECT, Map.of(), Optional.of(tagged(source)))
                        : form.sign(OTHER, Map.of()));

        assertThat(policy.decide(SUBJECT, source))
                .isInstanceOfSatisfying(
                        Accepted.class,
                        accepted -> assertThat(accepted.keys())
                                .containsExactlyInAnyOrder(KEY.publicKey(), OTHER.publicKey()));
    }

    @Test
    void twoSignaturesByOneKeyAreOneKey() {
        MemorySource source = new MemorySource().push(Form.TAGGED.sign(KEY, Map.of("a", "1")));
        source.push(new ArtifactSigner(KEY).tagged(SUBJECT, Map.of("a", "2"), Optional.of(tagged(source))));

        assertRejected(policy(keys(KEY, OTHER) + "threshold = 'all'\n").decide(SUBJECT, source), "key 2");
    }

    @ParameterizedTest
    @EnumSource
    void asksForAnnotations(Form form) {
        MemorySource source = new MemorySource().push(form.sign(KEY, Map.of("stage", "test", "by", "me")));

        assertThat(policy(keys(KEY) + "annotations = { stage = 'test' }").decide(SUBJECT, source))
                .isInstanceOf(Accepted.class);
        assertRejected(
                policy(keys(KEY) + "annotations = { stage = 'production' }").decide(SUBJECT, source),
                "its annotation stage is 'test' and must be 'production'");
        assertRejected(
                policy(keys(KEY) + "annotations = { round = '1' }").decide(SUBJECT, source),
                "its annotation round is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "ghcr.io/acme/app, true",
        "ghcr.io/acme/*, true",
        "ghcr.io/**, true",
        "ghcr.io/acme/other, false",
        "quay.io/**, false"
    })
    void asksAsWhatItWasSigned(String pattern, boolean accepted) {
        MemorySource source = new MemorySource().push(Form.TAGGED.sign(KEY, Map.of()));

        TrustDecision decision =
                policy(keys(KEY) + "signed-as = '" + pattern + "'").decide(SUBJECT, source);

        assertThat(decision).isInstanceOf(accepted ? Accepted.class : Rejected.class);
    }

    @Test
    void aBundleDoesNotSayAsWhatItWasSigned() {
        MemorySource source = new MemorySource().push(Form.BUNDLED.sign(KEY, Map.of()));

        assertRejected(
                policy(keys(KEY) + "signed-as = 'ghcr.io/**'").decide(SUBJECT, source),
                "it does not say as what it was signed");
    }

    @ParameterizedTest
    @CsvSource({
        "ghcr.io/acme/app:v1, true",
        "ghcr.io/acme/app@sha256:00, true",
        "ghcr.io/acme/app:v1@x, true",
        "app, false"
    })
    void aSignerMayNameATag(String reference, boolean accepted) {
        byte[] payload = new SimpleSigning(reference, SUBJECT.digest(), Map.of()).toBytes();
        MemorySource source = new MemorySource().push(simple(payload));

        assertThat(policy(keys(KEY) + "signed-as = 'ghcr.io/acme/app'").decide(SUBJECT, source))
                .isInstanceOf(accepted ? Accepted.class : Rejected.class);
    }

    @Test
    void everyChangedByteOfAPayloadIsNoticed() {
        SignatureChecker checker = new SignatureChecker(List.of(KEY.publicKey()), Map.of(), Optional.empty());
        byte[] payload = new SimpleSigning("ghcr.io/acme/app", SUBJECT.digest(), Map.of("a", "1")).toBytes();
        String signature = Base64.getEncoder().encodeToString(KEY.sign(payload));
        assertThat(checker.check(new SignatureCandidate.Simple("here", payload, signature), SUBJECT))
                .isInstanceOf(SignatureVerdict.Counted.class);

        for (int i = 0; i < payload.length; i++) {
            byte[] changed = payload.clone();
            changed[i] ^= (byte) (1 << i % 8);
            assertThat(checker.check(new SignatureCandidate.Simple("here", changed, signature), SUBJECT))
                    .isInstanceOf(SignatureVerdict.Refused.class);
        }
        for (int i = 0; i < signature.length(); i++) {
            char[] changed = signature.toCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            assertThat(checker.check(new SignatureCandidate.Simple("here", payload, new String(changed)), SUBJECT))
                    .isInstanceOf(SignatureVerdict.Refused.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cosign container image signature | atomic container signature | is of the type",
                "\"optional\":null | \"optional\":null,\"more\":1 | a member that is not known: more",
                "\"type\" | \"extra\":1,\"type\" | a member that is not known: extra",
                "\"docker-manifest-digest\" | \"digest\" | a member that is not known: digest",
                "\"docker-reference\":\"ghcr.io/acme/app\" | \"docker-reference\":1 | is not a string",
                "sha256: | sha257: | sha257",
                "{\"critical\" | {\"critical\":null,\"critical\" | stands twice",
            })
    void aPayloadThatIsSignedMustBeUnderstood(String text, String instead, String reason) {
        String good = new String(new SimpleSigning("ghcr.io/acme/app", SUBJECT.digest(), Map.of()).toBytes(), UTF_8);
        assertThat(good).contains(text);
        MemorySource source =
                new MemorySource().push(simple(good.replace(text, instead).getBytes(UTF_8)));

        assertRejected(signedBy(KEY).decide(SUBJECT, source), reason);
    }

    @Test
    void aSignatureOfAnotherManifestDoesNotCount() {
        byte[] payload = new SimpleSigning("ghcr.io/acme/app", Digest.ofBytes(new byte[0]), Map.of()).toBytes();
        MemorySource source = new MemorySource().push(simple(payload));

        assertRejected(signedBy(KEY).decide(SUBJECT, source), "it signs another manifest: sha256:e3b0c442");
    }

    @Test
    void aRegistryThatSendsOtherBytesIsNotBelieved() {
        SignatureUpload upload = Form.TAGGED.sign(KEY, Map.of());
        Digest payload = Digest.ofBytes(upload.blobs().getFirst());
        MemorySource source = new MemorySource().push(upload).replace(payload, "{}".getBytes(UTF_8));

        assertRejected(signedBy(KEY).decide(SUBJECT, source), "what the registry sent has the digest");
    }

    @Test
    void aRegistryThatFailsRejects() {
        assertRejected(
                signedBy(KEY).decide(SUBJECT, new MemorySource().failForTags().failForReferrers()),
                "the registry did not tell: the registry does not answer");
        assertRejected(
                signedBy(KEY).decide(SUBJECT, new MemorySource().failForReferrers()),
                "the registry did not tell: the registry fails");
    }

    @Test
    void oneGoodPlaceIsEnoughWhereTheOtherFails() {
        assertThat(signedBy(KEY)
                        .decide(
                                SUBJECT,
                                new MemorySource()
                                        .push(Form.BUNDLED.sign(KEY, Map.of()))
                                        .failForTags()))
                .isInstanceOf(Accepted.class);
        assertThat(signedBy(KEY)
                        .decide(
                                SUBJECT,
                                new MemorySource()
                                        .push(Form.TAGGED.sign(KEY, Map.of()))
                                        .failForReferrers()))
                .isInstanceOf(Accepted.class);
    }

    @Test
    void oneMissingBlobDoesNotHideAnotherSignature() {
        MemorySource source = new MemorySource()
                .refer(Digest.ofBytes(new byte[] {1}), Optional.empty())
                .push(Form.BUNDLED.sign(KEY, Map.of()));

        assertThat(signedBy(KEY).decide(SUBJECT, source))
                .isInstanceOfSatisfying(
                        Accepted.class,
                        accepted -> assertThat(accepted.signatures()).hasSize(2));
    }

    @Test
    void otherArtifactsThatReferAreNotFetched() {
        MemorySource source =
                new MemorySource().refer(Digest.ofBytes(new byte[] {1}), Optional.of("application/spdx+json"));

        assertRejected(signedBy(KEY).decide(SUBJECT, source), "it has no signatures at all");
        assertThat(source.requests()).isEqualTo(2);
    }

    @Test
    void ofManySignaturesTheLastAreLookedAt() {
        MemorySource source = new MemorySource();
        for (int i = 0; i < SignatureFinder.MOST; i++) {
            source.push(new ArtifactSigner(OTHER)
                    .tagged(SUBJECT, Map.of("i", "" + i), Optional.ofNullable(i == 0 ? null : tagged(source))));
        }
        source.push(new ArtifactSigner(KEY).tagged(SUBJECT, Map.of(), Optional.of(tagged(source))));
        int before = source.requests();

        assertThat(signedBy(KEY).decide(SUBJECT, source)).isInstanceOf(Accepted.class);
        assertThat(source.requests() - before).isEqualTo(SignatureFinder.MOST + 1);
    }

    @Test
    void acceptsOrRejectsWithoutAskingTheRegistry() {
        MemorySource source = new MemorySource();

        assertThat(parse("[default]\nrequire = 'accept'").decide(SUBJECT, source))
                .isInstanceOf(Accepted.class);
        TrustDecision rejected = parse("[default]\nrequire = 'reject'").decide(SUBJECT, source);

        assertRejected(rejected, SUBJECT + " is rejected by the default (/etc/skiff/policy.toml, line 1)");
        assertRejected(parse("").decide(SUBJECT, source), "which has no default");
        assertThat(source.requests()).isZero();
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(rejected::demand)
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.NOT_TRUSTED));
    }

    /** A key that says that something has no known holes has not said that it may run. */
    @Test
    void anAttestationIsNoSignature() {
        assertRejected(
                signedBy(KEY).decide(SUBJECT, new MemorySource().push(bundle("sign/v1", "vuln/v1"))),
                "it is no signature but an attestation of the type https://sigstore.dev/cosign/vuln/v1");
    }

    @Test
    void aBundleAboutAnotherManifestDoesNotCount() {
        assertRejected(
                signedBy(KEY)
                        .decide(
                                SUBJECT,
                                new MemorySource()
                                        .push(bundle(
                                                SUBJECT.digest().hex(),
                                                Digest.ofBytes(new byte[0]).hex()))),
                "it is about another manifest");
    }

    @Test
    void readsABundleThatSignsTheManifestItself() {
        Map<String, Object> message = Map.of(
                "messageDigest",
                Map.of("algorithm", "SHA2_256", "digest", "whatever"),
                "signature",
                Base64.getEncoder().encodeToString(KEY.sign(SUBJECT.manifest())));
        Map<String, Object> bundle = Map.of(
                "mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.2", "messageSignature", message);
        MemorySource source = new MemorySource().push(SignatureManifest.referring(SUBJECT, Json.write(bundle)));

        assertThat(signedBy(KEY).decide(SUBJECT, source)).isInstanceOf(Accepted.class);
        assertRejected(signedBy(OTHER).decide(SUBJECT, source), "none of the keys");
    }

    @Test
    void saysThatASignatureIsByACertificate() {
        String json = new String(SigstoreBundle.write(OTHER, SUBJECT.digest(), Map.of()), UTF_8)
                .replaceFirst("\"publicKey\":\\{[^}]*}", "\"certificate\":{}");
        MemorySource source = new MemorySource().push(SignatureManifest.referring(SUBJECT, json.getBytes(UTF_8)));

        assertRejected(signedBy(KEY).decide(SUBJECT, source), "it was made with a certificate");
    }

    /** A bundle whose statement has another text somewhere, rightly signed. */
    private static SignatureUpload bundle(String text, String instead) {
        JsonObject good = Json.object(SigstoreBundle.write(KEY, SUBJECT.digest(), Map.of()), "it");
        Map<String, Object> envelope =
                new LinkedHashMap<>(good.needObject("dsseEnvelope").members());
        String payload = new String(Base64.getDecoder().decode((String) envelope.get("payload")), UTF_8);
        assertThat(payload).contains(text);
        String changed = payload.replace(text, instead);
        String encoded = "DSSEv1 28 application/vnd.in-toto+json " + changed.length() + " " + changed;
        envelope.put("payload", Base64.getEncoder().encodeToString(changed.getBytes(UTF_8)));
        envelope.put(
                "signatures",
                List.of(Map.of("sig", Base64.getEncoder().encodeToString(KEY.sign(encoded.getBytes(UTF_8))))));
        Map<String, Object> bundle = new LinkedHashMap<>(good.members());
        bundle.put("dsseEnvelope", envelope);
        return SignatureManifest.referring(SUBJECT, Json.write(bundle));
    }

    private static SignatureUpload simple(byte[] payload) {
        return SignatureManifest.append(
                SUBJECT.digest(), Optional.empty(), payload, Base64.getEncoder().encodeToString(KEY.sign(payload)));
    }

    private static byte[] tagged(MemorySource source) {
        return source.manifestOfTag(ArtifactSigner.tag(SUBJECT.digest())).orElseThrow();
    }

    private static SignaturePolicy signedBy(SigningKey... keys) {
        return policy(keys(keys));
    }

    private static SignaturePolicy policy(String rule) {
        return parse("[default]\nrequire = 'signed'\n" + rule);
    }

    private static SignaturePolicy parse(String text) {
        return SignaturePolicy.parse(text.getBytes(UTF_8), Path.of("/etc/skiff/policy.toml"));
    }

    private static String keys(SigningKey... keys) {
        List<String> texts = new ArrayList<>();
        Arrays.stream(keys)
                .forEach(key -> texts.add('"' + new String(key.publicKey().pem(), UTF_8).replace("\n", "\\n") + '"'));
        return "keys = " + texts + "\n";
    }

    private static void assertRejected(TrustDecision decision, String reason) {
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason()).contains(reason));
    }
}
