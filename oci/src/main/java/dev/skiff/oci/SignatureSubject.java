package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.Locale;

/**
 * What is signed or verified: a manifest in a repository. Of an index, it is the index that was asked for, or the manifest that was
 * chosen from it: whichever digest the signer signed.
 *
 * @param repository registry and repository without tag and digest, as {@code ghcr.io/acme/app}
 * @param mediaType the manifest's media type
 * @param digest its digest
 * @param manifest its bytes, which nobody changes
 */
public record SignatureSubject(String repository, String mediaType, Digest digest, byte[] manifest) {
    /**
     * Checks the parts.
     *
     * @throws OciException if the bytes are not those of the digest, or the repository has a tag or digest
     */
    public SignatureSubject {
        repository = canonical(repository);
        Contents.check(manifest, digest, "the manifest of " + repository);
    }

    /** How a subject names the repository of a reference. */
    static String repository(Reference reference) {
        return canonical(reference.name());
    }

    /** The repository in one of its spellings: in lower case, and with the one name of Docker's registry that people write. */
    private static String canonical(String repository) {
        String lower = repository.toLowerCase(Locale.ROOT);
        int slash = lower.indexOf('/');
        if (slash <= 0 || lower.indexOf('@') >= 0 || lower.lastIndexOf(':') > lower.lastIndexOf('/')) {
            throw new OciException(
                    Problem.INVALID, repository + " is no repository: that is a registry, / and a name, without a tag");
        }
        return RepositoryPattern.registry(lower.substring(0, slash)) + lower.substring(slash);
    }

    @Override
    public String toString() {
        return repository + "@" + digest;
    }
}
