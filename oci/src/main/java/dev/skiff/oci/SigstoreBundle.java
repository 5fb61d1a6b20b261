package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sigstore bundle (version 0.3 is written, 0.1 to 0.3 are read), of which only what a key signed counts: the envelope (DSSE 1.0) with
 * an in-toto statement (version 1) about a digest, or the signature of the manifest's bytes. Certificates, logs and timestamps in it are
 * neither needed nor checked.
 */
final class SigstoreBundle {
    static final String PREDICATE_TYPE = "https://sigstore.dev/cosign/sign/v1";
    private static final String STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
    private static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";

    private SigstoreBundle() {}

    /**
     * What a bundle holds.
     *
     * @param message the bytes that are signed
     * @param signature their signature
     * @param annotations what the signer added
     * @param certified whether it names a certificate and not a key
     */
    record Content(byte[] message, byte[] signature, Map<String, String> annotations, boolean certified) {}

    /**
     * Reads a bundle and checks that it is about a subject. Whose signature it is remains to be checked.
     *
     * @throws OciException if it is none, or about something else
     */
    static Content read(byte[] json, SignatureSubject subject) {
        JsonObject bundle = Json.object(json, "the bundle");
        String type = bundle.needText("mediaType");
        if (!type.startsWith(SignatureManifest.BUNDLE_TYPES)) {
            throw new OciException(Problem.UNSUPPORTED, "the bundle is of the type " + type);
        }
        boolean certified = bundle.object("verificationMaterial")
                .map(material -> material.members().containsKey("certificate")
                        || material.members().containsKey("x509CertificateChain"))
                .orElse(false);
        if (bundle.object("messageSignature").isPresent()) {
            byte[] signature = base64(bundle.needObject("messageSignature").needText("signature"), "the signature");
            return new Content(subject.manifest(), signature, Map.of(), certified);
        }
        JsonObject envelope = bundle.object("dsseEnvelope")
                .orElseThrow(() -> new OciException(
                        Problem.INVALID, "the bundle has neither a dsseEnvelope nor a messageSignature"));
        return ofEnvelope(envelope, subject, certified);
    }

    private static Content ofEnvelope(JsonObject envelope, SignatureSubject subject, boolean certified) {
        String type = envelope.needText("payloadType");
        if (!type.equals(PAYLOAD_TYPE)) {
            throw new OciException(Problem.INVALID, "the bundle signs a payload of the type " + type);
        }
        List<JsonObject> signatures = envelope.objects("signatures");
        if (signatures.size() != 1) {
            throw new OciException(
                    Problem.INVALID, "the bundle has " + signatures.size() + " signatures, and one is allowed");
        }
        byte[] payload = base64(envelope.needText("payload"), "the payload");
        byte[] signature = base64(signatures.getFirst().needText("sig"), "the signature");
        Map<String, String> annotations = annotations(Json.object(payload, "the bundle's statement"), subject);
        return new Content(encode(payload), signature, annotations, certified);
    }

    /** Attestations are statements too, signed by the same keys: that somebody says something about an artifact is no approval of it. */
    private static Map<String, String> annotations(JsonObject statement, SignatureSubject subject) {
        String type = statement.needText("_type");
        if (!type.equals(STATEMENT_TYPE)) {
            throw new OciException(Problem.INVALID, "the bundle's statement is of the type " + type);
        }
        String predicate = statement.needText("predicateType");
        if (!predicate.equals(PREDICATE_TYPE)) {
            throw new OciException(Problem.INVALID, "it is no signature but an attestation of the type " + predicate);
        }
        List<JsonObject> subjects = statement.objects("subject");
        for (JsonObject named : subjects) {
            Map<String, String> digests = named.textMap("digest");
            if (subject.digest().hex().equals(digests.get(subject.digest().algorithm()))) {
                return SimpleSigning.texts(named.object("annotations"));
            }
        }
        throw new OciException(Problem.NOT_TRUSTED, "it is about another manifest than " + subject.digest());
    }

    /** A bundle with an envelope that a key signed. */
    static byte[] write(SigningKey key, Digest digest, Map<String, String> annotations) {
        Map<String, Object> named = new LinkedHashMap<>();
        named.put("digest", Map.of(digest.algorithm(), digest.hex()));
        if (!annotations.isEmpty()) {
            named.put("annotations", new TreeMap<>(annotations));
        }
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("_type", STATEMENT_TYPE);
        statement.put("subject", List.of(named));
        statement.put("predicateType", PREDICATE_TYPE);
        statement.put("predicate", Map.of());
        byte[] payload = Json.write(statement);

        Map<String, Object> envelope = new LinkedHashMap<>();
        envelope.put("payload", Base64.getEncoder().encodeToString(payload));
        envelope.put("payloadType", PAYLOAD_TYPE);
        String signature = Base64.getEncoder().encodeToString(key.sign(encode(payload)));
        envelope.put("signatures", List.of(Map.of("sig", signature)));
        Map<String, Object> bundle = new LinkedHashMap<>();
        bundle.put("mediaType", SignatureManifest.BUNDLE_TYPE);
        bundle.put(
                "verificationMaterial",
                Map.of("publicKey", Map.of("hint", key.publicKey().hint())));
        bundle.put("dsseEnvelope", envelope);
        return Json.write(bundle);
    }

    /** The bytes that an envelope signs: the type and the payload, each with its length before it (DSSE, "PAE"). */
    private static byte[] encode(byte[] payload) {
        byte[] head = ("DSSEv1 " + PAYLOAD_TYPE.length() + " " + PAYLOAD_TYPE + " " + payload.length + " ")
                .getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head);
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** Decodes the one base64 text of some bytes: with padding, and no bits behind the last byte. */
    static byte[] base64(String text, String what) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new OciException(Problem.INVALID, what + " is no base64 text", e);
        }
        throw new OciException(Problem.INVALID, what + " is no base64 text: its end is not as it must be");
    }
}
