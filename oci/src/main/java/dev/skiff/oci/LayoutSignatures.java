package dev.skiff.oci;

import dev.skiff.oci.Document.Index;
import dev.skiff.oci.Document.Manifest;
import dev.skiff.oci.OciException.Problem;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The entries of a layout's index that are no images but sign some. One is known by its tag {@code sha256-....sig}, as it has one in a
 * registry; by the subject of its manifest, which stands in the index without a name as oras writes it; or by the kind that {@code cosign
 * save} says. What they sign is not believed: that is for who verifies.
 */
final class LayoutSignatures {
    /** What {@code cosign save} calls each entry, and {@code cosign verify --local-image} looks for. */
    private static final String KIND = "kind";

    private static final String COSIGN = "dev.cosignproject.cosign/";
    private static final String KIND_IMAGE = COSIGN + "image";
    private static final String KIND_INDEX = COSIGN + "imageIndex";
    private static final String KIND_SIGNATURES = COSIGN + "sigs";
    private static final String KIND_ATTESTATIONS = COSIGN + "atts";

    /** A tag, alone or behind a name. */
    private static final Pattern SIGNATURE_TAG = Pattern.compile("(?:.*:)?sha256-([0-9a-f]{64})\\.sig");

    private final Store store;
    private final String what;
    private final List<Descriptor> images = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();

    private record Link(Digest signed, Descriptor manifest) {}

    private LayoutSignatures(Store store, String what) {
        this.store = store;
        this.what = what;
    }

    // Saving

    /** What the index of a layout says of an image of the store besides its names, so that cosign finds it beside its signatures. */
    static Map<String, String> annotations(StoredImage image, List<Descriptor> signatures) {
        if (signatures.stream().noneMatch(entry -> entry.annotations().containsKey(KIND))) {
            return Map.of();
        }
        boolean index = MediaTypes.INDEXES.contains(image.root().mediaType());
        return Map.of(KIND, index ? KIND_INDEX : KIND_IMAGE);
    }

    /** The entries of all that the store has to sign an image, or the manifest that was chosen from it. */
    static List<Descriptor> entries(StoredImage image, Store store) {
        List<Descriptor> entries = new ArrayList<>();
        Digest root = image.root().digest();
        image.signable().map(Descriptor::digest).distinct().forEach(signed -> {
            List<Signing> all = signing(signed, store);
            for (Signing one : all) {
                if (one.manifest().subject().isPresent()) {
                    entries.add(referring(one));
                } else if (all.stream().noneMatch(one::isOlderThan)) {
                    entries.add(tagged(one, signed, signed.equals(root)));
                }
            }
        });
        return entries;
    }

    /** A manifest with signatures. */
    private record Signing(Descriptor descriptor, Manifest manifest, Set<SignatureManifest.Layer> signatures) {
        /** Whether another one has these signatures and more: signers add to the manifest behind a tag. */
        boolean isOlderThan(Signing other) {
            return other.manifest().subject().isEmpty()
                    && other.signatures().size() > signatures.size()
                    && other.signatures().containsAll(signatures);
        }
    }

    private static List<Signing> signing(Digest signed, Store store) {
        List<Signing> found = new ArrayList<>();
        for (Descriptor descriptor : new StoredSignatures(store).of(signed)) {
            String what = "the manifest " + descriptor.digest();
            byte[] bytes = store.read(descriptor, Document.MAX_BYTES, what);
            SignatureManifest.signing(bytes, what)
                    .filter(manifest -> manifest.children().stream().allMatch(store::has))
                    .ifPresent(manifest -> found.add(
                            new Signing(descriptor, manifest, Set.copyOf(SignatureManifest.layers(bytes, what)))));
        }
        return found;
    }

    private static Descriptor referring(Signing signing) {
        Manifest manifest = signing.manifest();
        Descriptor descriptor = signing.descriptor();
        Optional<String> type =
                manifest.artifactType().or(() -> Optional.of(manifest.config().mediaType()));
        return new Descriptor(
                manifest.mediaType(), descriptor.digest(), descriptor.size(), type, Optional.empty(), Map.of());
    }

    private static Descriptor tagged(Signing signing, Digest signed, boolean forCosign) {
        Descriptor descriptor = signing.descriptor();
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(OciLayout.TAG, SignatureManifest.tag(signed));
        if (forCosign) {
            annotations.put(KIND, KIND_SIGNATURES);
        }
        return Descriptor.of(signing.manifest().mediaType(), descriptor.digest(), descriptor.size())
                .withAnnotations(annotations);
    }

    // Loading

    /**
     * Tells images from what signs them.
     *
     * @param store has the layout's content already
     * @param what the layout, for messages
     */
    static LayoutSignatures of(Index index, Store store, String what) {
        LayoutSignatures signatures = new LayoutSignatures(store, what);
        index.manifests().forEach(entry -> signatures.sort(entry, index));
        return signatures;
    }

    private void sort(Descriptor entry, Index index) {
        String kind = entry.annotations().getOrDefault(KIND, "");
        Optional<Digest> signed = ofTag(entry).or(() -> subject(entry));
        if (signed.isPresent()) {
            links.add(new Link(signed.orElseThrow(), entry.plain()));
        } else if (kind.equals(KIND_SIGNATURES)) {
            imageOfCosign(index).ifPresent(image -> links.add(new Link(image, entry.plain())));
        } else if (!kind.equals(KIND_ATTESTATIONS)) {
            images.add(entry);
        }
    }

    private static Optional<Digest> ofTag(Descriptor entry) {
        return Stream.of(OciLayout.TAG, OciLayout.NAME)
                .map(name -> SIGNATURE_TAG.matcher(entry.annotations().getOrDefault(name, "")))
                .filter(Matcher::matches)
                .map(match -> new Digest("sha256", match.group(1)))
                .findFirst();
    }

    /** What an entry without a name is about, if that is here. */
    private Optional<Digest> subject(Descriptor entry) {
        if (OciLayout.reference(entry).isPresent()
                || !MediaTypes.MANIFESTS.contains(entry.mediaType())
                || !store.has(entry)) {
            return Optional.empty();
        }
        try {
            Document document = store.document(entry, "the manifest " + entry.digest() + " of " + what);
            return document instanceof Manifest manifest
                    ? manifest.subject().map(Descriptor::digest).filter(this::isHere)
                    : Optional.empty();
        } catch (OciException e) {
            // It is about nothing; who takes it for an image says what is wrong with it.
            return Optional.empty();
        }
    }

    /** {@code cosign save} writes one image. */
    private static Optional<Digest> imageOfCosign(Index index) {
        List<Descriptor> images = index.manifests().stream()
                .filter(entry -> Set.of(KIND_IMAGE, KIND_INDEX)
                        .contains(entry.annotations().getOrDefault(KIND, "")))
                .toList();
        return images.size() == 1 ? Optional.of(images.getFirst().digest()) : Optional.empty();
    }

    /** The entries that are images. */
    List<Descriptor> images() {
        return images;
    }

    /**
     * Has the store keep the signatures of what it has.
     *
     * @throws OciException if the layout lacks a part of one
     */
    void keep() {
        StoredSignatures signatures = new StoredSignatures(store);
        for (Link link : links) {
            if (!isHere(link.signed())) {
                continue;
            }
            need(link.manifest(), link.signed());
            String name = "the manifest " + link.manifest().digest() + " of " + what;
            byte[] bytes = store.read(link.manifest(), Document.MAX_BYTES, name);
            SignatureManifest.signing(bytes, name).ifPresent(manifest -> {
                manifest.children().forEach(child -> need(child, link.signed()));
                signatures.add(link.signed(), link.manifest().digest());
            });
        }
    }

    private boolean isHere(Digest digest) {
        return Files.exists(store.file(digest));
    }

    private void need(Descriptor descriptor, Digest signed) {
        if (!store.has(descriptor)) {
            throw new OciException(
                    Problem.INVALID,
                    what + " lacks " + descriptor.digest() + " with " + descriptor.size()
                            + " bytes, a part of the signatures of " + signed + "; save it again");
        }
    }
}
