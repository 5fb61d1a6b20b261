package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What can be done with registries. Thread-safe; keeps connections and tokens until it is closed.
 */
public final class Registry implements AutoCloseable {
    private final Transport transport;
    private final RegistriesConf mirrors;

    /**
     * Access to registries.
     *
     * @throws OciException if a file that the options name cannot be used
     */
    public Registry(RegistryOptions options) {
        mirrors = options.mirrors().map(RegistriesConf::read).orElse(RegistriesConf.EMPTY);
        transport = new Transport(options);
    }

    /**
     * Gets an image into a store, unless all of it is there, and has its name lead to it.
     *
     * @param platform what to choose from an index; empty for what suits this machine best
     * @param check decides whether to go on when the manifest is known; nothing is named before
     * @throws OciException if the image is not there, is not what it should be or cannot be kept; then its name leads to what it did
     */
    public StoredImage pull(
            Reference reference,
            Store store,
            Optional<Platform> platform,
            TrustCheck check,
            TransferListener listener) {
        return new Pull(this, store, platform, check, listener).run(reference.withDefaultTag());
    }

    /**
     * Puts content into a registry.
     *
     * @return what the name leads to now
     * @throws OciException if it is not accepted; then the name leads to what it did
     */
    public Descriptor push(ArtifactContent content, Reference reference, TransferListener listener) {
        return new Push(origin(reference, listener)).run(content, reference);
    }

    /**
     * Copies an image, or all images of an index, from one place to another without change.
     *
     * @return what the name leads to now
     */
    public Descriptor copy(Reference from, Reference to, TransferListener listener) {
        Reference source = from.withDefaultTag();
        return new Copy(found(source, listener), origin(to, listener)).run(to.withDefaultTag());
    }

    /**
     * Signs what a reference leads to.
     *
     * @param annotations what the signature says besides
     * @return what was signed
     */
    public Descriptor sign(
            Reference reference,
            SigningKey key,
            SignatureForm form,
            Map<String, String> annotations,
            TransferListener listener) {
        SignatureSubject subject = subject(reference, listener);
        RepositorySignatures signatures = new RepositorySignatures(origin(reference, listener));
        ArtifactSigner signer = new ArtifactSigner(key);
        signatures.push(
                switch (form) {
                    case TAG ->
                        signer.tagged(
                                subject, annotations, signatures.manifestOfTag(ArtifactSigner.tag(subject.digest())));
                    case REFERRER -> signer.referring(subject, annotations);
                    case BUNDLE -> signer.bundled(subject, annotations);
                });
        return Descriptor.of(subject.mediaType(), subject.digest(), subject.manifest().length);
    }

    /** Decides by a policy about what a reference leads to now. */
    public TrustDecision verify(Reference reference, SignaturePolicy policy, TransferListener listener) {
        return policy.decide(subject(reference, listener), new RepositorySignatures(origin(reference, listener)));
    }

    /**
     * Checks an image that is in the store, and has its name lead to it as an accepted one.
     *
     * @return the image, accepted
     * @throws OciException if it is not accepted
     */
    public StoredImage check(StoredImage image, Store store, TrustCheck check, TransferListener listener) {
        StoredImage accepted = accept(image, store, check, listener);
        store.name(accepted);
        return accepted;
    }

    /**
     * Checks an image whose content is in the store, against the signatures that are there too, and against those of its registry where
     * these are not enough.
     *
     * @return the image, accepted; its name leads to what it did
     * @throws OciException if it is not accepted
     */
    public StoredImage accept(StoredImage image, Store store, TrustCheck check, TransferListener listener) {
        List<SignatureSubject> subjects =
                image.signable().map(manifest -> stored(image, manifest, store)).toList();
        return image.withTrust(check.check(
                subjects,
                List.of(new StoredSignatures(store), new RepositorySignatures(origin(image.reference(), listener)))));
    }

    /**
     * Gets all that signs an image of the store, or the manifest that was chosen from it, into the store, where it stays as long as the
     * image.
     *
     * @return how many manifests with signatures its registry has
     * @throws OciException if the registry cannot be asked for all of them
     */
    public int getSignatures(StoredImage image, Store store, TransferListener listener) {
        try (FileLock keep = store.keepAll()) {
            SignatureDownload download = new SignatureDownload(origin(image.reference(), listener), store);
            image.signable().forEach(manifest -> download.run(manifest.digest()));
            return download.found();
        }
    }

    private static SignatureSubject stored(StoredImage image, Descriptor manifest, Store store) {
        String what = "the manifest of " + image.reference().familiar();
        return new SignatureSubject(
                image.reference().name(),
                manifest.mediaType(),
                manifest.digest(),
                store.read(manifest, Document.MAX_BYTES, what));
    }

    private SignatureSubject subject(Reference reference, TransferListener listener) {
        Reference whole = reference.withDefaultTag();
        Repository.Fetched fetched = origin(whole, listener).manifest(whole.target(), whole.digest());
        Document document = Document.parse(
                fetched.bytes(), Optional.of(fetched.descriptor().mediaType()), "the manifest of " + whole.familiar());
        return new SignatureSubject(
                whole.name(), document.mediaType(), fetched.descriptor().digest(), fetched.bytes());
    }

    /**
     * Asks whether a registry accepts credentials, those of the options.
     *
     * @throws OciException if it does not, or cannot be asked
     */
    public void ping(String registry) {
        Reference reference = Reference.parse(registry + "/skiff/login");
        if (!reference.registry().equals(registry)) {
            throw new OciException(
                    Problem.INVALID, registry + " is no registry: that is HOST or HOST:PORT, such as ghcr.io");
        }
        Endpoint endpoint = mirrors.endpoints(reference, access()).getLast();
        Call call = Call.of("GET", transport.uri(endpoint, "/v2/"), List.of(), "log in to " + registry);
        try (java.io.InputStream body =
                transport.send(call, endpoint, TransferListener.NONE).body()) {
            body.readNBytes(1 << 16);
        } catch (java.io.IOException e) {
            throw Failures.of(call, e);
        }
    }

    private Optional<Access> access() {
        return transport.options().plainHttp() ? Optional.of(Access.PLAIN) : Optional.empty();
    }

    /** The repository itself, not a mirror of it. */
    Repository origin(Reference reference, TransferListener listener) {
        List<Endpoint> endpoints = mirrors.endpoints(reference, access());
        return new Repository(transport, endpoints.getLast(), reference, listener);
    }

    /** A manifest and where it was found. */
    record Found(Repository repository, Repository.Fetched manifest) {}

    /** Looks for a manifest, at mirrors first. */
    Found found(Reference reference, TransferListener listener) {
        OciException failure = null;
        for (Repository repository : places(reference, listener)) {
            try {
                Repository.Fetched manifest = repository.manifest(reference.target(), reference.digest());
                if (repository.endpoint.mirror()) {
                    // What is no manifest can be had elsewhere.
                    Document.parse(
                            manifest.bytes(),
                            Optional.of(manifest.descriptor().mediaType()),
                            "the manifest of " + repository.name());
                }
                return new Found(repository, manifest);
            } catch (OciException e) {
                if (!repository.endpoint.mirror()) {
                    throw e;
                }
                listener.note(e.getMessage() + "; asking elsewhere");
                failure = e;
            }
        }
        throw failure == null
                ? new OciException(Problem.NOT_FOUND, "there is no place to ask for " + reference)
                : failure;
    }

    /** Where a reference can be asked for, mirrors first. */
    List<Repository> places(Reference reference, TransferListener listener) {
        List<Repository> places = new ArrayList<>();
        for (Endpoint endpoint : mirrors.endpoints(reference, access())) {
            places.add(new Repository(transport, endpoint, reference, listener));
        }
        return places;
    }

    /** How many blobs are transferred at once. */
    int parallel() {
        return transport.options().parallel();
    }

    @Override
    public void close() {
        transport.close();
    }
}
