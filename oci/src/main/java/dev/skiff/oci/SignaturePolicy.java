package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says which keys must have signed what is run. A policy is a TOML file:
 *
 * <pre>{@code
 * [default]                              # what no rule is for; without it, that is rejected
 * require = "reject"                     # "accept", "reject" or "signed"
 *
 * [[rule]]
 * repository = "ghcr.io/acme/**"         # * is one part of the name, ** at the end one or more
 * require = "signed"
 * keys = ["keys/release.pub"]            # files, seen from the policy's folder, or PEM texts
 * threshold = "any"                      # or "all": every key must have signed
 * annotations = { stage = "production" } # what the signer must have added
 * signed-as = "ghcr.io/acme/**"          # which repository the signer must have named; absent: any
 * }</pre>
 *
 * <p>The rule with the most specific pattern decides alone: the one that, at the first part where two that match differ, has a name
 * before {@code *} before {@code **}. A pattern can stand in one rule only.
 *
 * <p>Everything that is not understood is an error when the policy is read, and who cannot read a policy must not run anything. A registry
 * that fails while signatures are fetched rejects. Immutable, and safe for use by threads at once.
 */
public final class SignaturePolicy {
    /** No policy that people write comes near this. */
    static final int MAX_BYTES = 1 << 20;

    private final Map<RepositoryPattern, PolicyRule> rules;
    private final PolicyRule otherwise;

    SignaturePolicy(Map<RepositoryPattern, PolicyRule> rules, PolicyRule otherwise) {
        this.rules = new LinkedHashMap<>(rules);
        this.otherwise = otherwise;
    }

    /**
     * Reads a policy and all of its keys.
     *
     * @throws OciException if it, or a key, cannot be read or is not understood; with file, line and column
     */
    public static SignaturePolicy load(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return parse(in.readNBytes(MAX_BYTES + 1), file);
        } catch (NoSuchFileException e) {
            throw new OciException(Problem.STORAGE, "there is no policy file " + file, e);
        } catch (IOException e) {
            throw new OciException(
                    Problem.STORAGE, "the policy file " + file + " cannot be read: " + DiskFailure.reason(e), e);
        }
    }

    /** A policy that wants a signature by one of some keys, whatever is asked for, or by all of them. */
    public static SignaturePolicy requiring(List<VerificationKey> keys, boolean all, Map<String, String> annotations) {
        SignatureChecker checker = new SignatureChecker(List.copyOf(keys), annotations, Optional.empty());
        return new SignaturePolicy(
                Map.of(), new PolicyRule("the list of keys", new PolicyRule.Requirement.Signed(checker, all)));
    }

    /**
     * Reads a policy's text.
     *
     * @param file where it is from: for messages, and to find its keys
     */
    static SignaturePolicy parse(byte[] text, Path file) {
        if (text.length > MAX_BYTES) {
            throw new OciException(
                    Problem.TOO_LARGE, "the policy file " + file + " has more than " + MAX_BYTES + " bytes");
        }
        try {
            String decoded = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text))
                    .toString();
            return new PolicyReader(file).read(decoded);
        } catch (CharacterCodingException e) {
            throw new OciException(Problem.INVALID, "the policy file " + file + " is no text in UTF-8", e);
        }
    }

    /**
     * Decides whether an artifact may run. Asks the registry only if the rule for its repository wants signatures.
     *
     * @param source the artifact's repository
     */
    public TrustDecision decide(SignatureSubject subject, SignatureSource source) {
        return decide(List.of(subject), List.of(source));
    }

    /**
     * The same where several manifests may be signed, and several places may have their signatures.
     *
     * @param subjects of one repository, one or more; one of them must be accepted
     * @param sources each is asked only if those before it have not enough
     */
    TrustDecision decide(List<SignatureSubject> subjects, List<SignatureSource> sources) {
        return rule(subjects.getFirst().repository()).decide(subjects, sources);
    }

    /** The rule for a repository, as {@link SignatureSubject#repository()} has it. */
    PolicyRule rule(String repository) {
        return rules.entrySet().stream()
                .filter(rule -> rule.getKey().matches(repository))
                .max(Map.Entry.comparingByKey(RepositoryPattern.SPECIFICITY))
                .map(Map.Entry::getValue)
                .orElse(otherwise);
    }
}
