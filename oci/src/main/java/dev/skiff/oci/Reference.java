package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where an artifact is: {@code registry/repository:tag@digest}, with Docker's rules and defaults. Immutable.
 *
 * @param registry host and port, such as {@code ghcr.io} or {@code localhost:5000}; {@code docker.io} if none was written
 * @param repository path within the registry, at most 255 characters
 * @param tag a name for a version; with a digest it is for people only
 * @param digest the manifest itself
 */
public record Reference(String registry, String repository, Optional<String> tag, Optional<Digest> digest)
        implements Comparable<Reference> {
    /** The registry that is meant where none is written. */
    public static final String DOCKER_HUB = "docker.io";

    private static final String DEFAULT_TAG = "latest";
    private static final String OFFICIAL = "library/";
    private static final int MAX_SHOWN = 200;
    private static final Pattern UNPRINTABLE = Pattern.compile("[^ -~]");
    private static final Pattern HEX_64 = Pattern.compile("[a-f0-9]{64}");

    /** Checks that nothing is null. */
    public Reference {
        Objects.requireNonNull(registry, "registry");
        Objects.requireNonNull(repository, "repository");
        Objects.requireNonNull(tag, "tag");
        Objects.requireNonNull(digest, "digest");
    }

    /**
     * Reads a reference as people write it: {@code alpine} is {@code docker.io/library/alpine}. What has neither tag nor digest
     * stays without; see {@link #withDefaultTag}.
     *
     * @throws OciException if it is none; the message has a line that points at the character
     */
    public static Reference parse(String text) {
        return new ReferenceParser(text).parse();
    }

    static Reference of(String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
        boolean hub = registry.equals(DOCKER_HUB) || registry.equals("index.docker.io");
        boolean official = hub && repository.indexOf('/') < 0;
        return new Reference(hub ? DOCKER_HUB : registry, official ? OFFICIAL + repository : repository, tag, digest);
    }

    /** Whether a name is what the Docker command takes for the identifier of an image on its machine. */
    static boolean isIdentifier(String name) {
        return HEX_64.matcher(name).matches();
    }

    /** With the tag {@code latest} if it has neither tag nor digest. */
    public Reference withDefaultTag() {
        return tag.isEmpty() && digest.isEmpty() ? withTag(DEFAULT_TAG) : this;
    }

    /** The same repository with another tag, and no digest. */
    public Reference withTag(String other) {
        return new Reference(registry, repository, Optional.of(other), Optional.empty());
    }

    /** The same repository and tag with a digest. */
    public Reference withDigest(Digest other) {
        return new Reference(registry, repository, tag, Optional.of(other));
    }

    /** What the registry is asked for: the digest, or else the tag. */
    String target() {
        return digest.map(Digest::toString).or(() -> tag).orElse(DEFAULT_TAG);
    }

    /** Registry and repository. */
    public String name() {
        return registry + "/" + repository;
    }

    /** As short as people can write it so that it means the same. */
    public String familiar() {
        if (!registry.equals(DOCKER_HUB)) {
            return toString();
        }
        boolean official = repository.startsWith(OFFICIAL) && repository.indexOf('/', OFFICIAL.length()) < 0;
        String name = official ? repository.substring(OFFICIAL.length()) : repository;
        int slash = name.indexOf('/');
        // A path that begins like a host would be taken for one, and 64 digits for the digest of an image.
        boolean misread = slash >= 0 && ReferenceParser.isHost(name.substring(0, slash))
                || isIdentifier(name) && suffix().isEmpty();
        return misread ? toString() : name + suffix();
    }

    private String suffix() {
        return tag.map(t -> ":" + t).orElse("") + digest.map(d -> "@" + d).orElse("");
    }

    /** By registry, repository, tag and digest. */
    @Override
    public int compareTo(Reference other) {
        int order = registry.compareTo(other.registry);
        if (order == 0) {
            order = repository.compareTo(other.repository);
        }
        if (order == 0) {
            order = tag.orElse("").compareTo(other.tag.orElse(""));
        }
        return order != 0
                ? order
                : digest.map(Digest::hex)
                        .orElse("")
                        .compareTo(other.digest.map(Digest::hex).orElse(""));
    }

    /** The whole reference, registry included. */
    @Override
    public String toString() {
        return name() + suffix();
    }

    static OciException invalid(String text, int at, String what) {
        // The line that is shown ends soon behind the place, and has one column for each character.
        int from = Math.max(0, at - MAX_SHOWN);
        String shown = UNPRINTABLE
                .matcher(text.substring(from, Math.min(text.length(), from + 2 * MAX_SHOWN)))
                .replaceAll("?");
        return new OciException(
                Problem.INVALID, "this is no reference: " + what + "\n" + shown + "\n" + " ".repeat(at - from) + "^");
    }
}
